import { createHash } from 'node:crypto';
import type { Queries, UpstreamMetadata } from '../ports/storage.ts';
import type { UpstreamResponse } from '../ports/upstream.ts';
import type { PackageCoordinate } from './coordinates.ts';
import { unitOf } from './coordinates.ts';
import type { Ports } from './core-ports.ts';
import { type BlobToKeep, withDurableBlobs } from './durable-blobs.ts';
import { PackyardError } from './errors.ts';
import type { RemoteRules } from './format.ts';
import { readListing } from './read-listing.ts';
import { encodeRemoteDocument, RemoteDocument } from './remote-document.ts';
import { SingleFlight } from './single-flight.ts';
import { WeightedCache } from './weighted-cache.ts';
import type { WriteBehind } from './write-behind.ts';

export interface RemotePackageSettings {
  /** How long a registry's answer is taken without asking again. */
  readonly maxAgeMs: number;
  /** How long a request waits for the registry when it has another answer: an older one, or one from elsewhere. */
  readonly patienceMs: number;
  /** How long a request waits when nothing is known. */
  readonly timeoutMs: number;
  /** How long a registry that failed is left alone. */
  readonly restMs: number;
  readonly maxListingBytes: number;
  /** Bound of what is held of the documents in memory. */
  readonly cacheBytes: number;
}

export const defaultRemotePackageSettings: RemotePackageSettings = {
  maxAgeMs: 5 * 60_000,
  patienceMs: 3_000,
  timeoutMs: 30_000,
  restMs: 10_000,
  maxListingBytes: 256 * 1024 * 1024,
  cacheBytes: 16 * 1024 * 1024,
};

/** What a public registry says of a package, as last known. */
export interface RemoteListing {
  /** Names the registry's answer: never the same for two different ones. */
  readonly state: string;
  /** Until when this is taken without asking the registry again (ms since epoch). */
  readonly freshUntil: number;
  /** Undefined when the registry has no such package. */
  readonly document: (() => Promise<RemoteDocument>) | undefined;
}

/**
 * The listings of public registries: kept in the database and the blob store, revalidated by ETag when they are older
 * than `maxAgeMs`, served as they are when the registry is slow, broken or gone.
 */
export class RemotePackages {
  readonly #ports: Ports;
  readonly #settings: RemotePackageSettings;
  readonly #documents: WeightedCache<RemoteDocument>;
  readonly #late: WriteBehind;
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #refreshes = new SingleFlight<UpstreamMetadata>();
  readonly #restingUntil = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(ports: Ports, late: WriteBehind, settings: RemotePackageSettings) {
    this.#ports = ports;
    this.#late = late;
    this.#settings = settings;
    this.#documents = new WeightedCache(settings.cacheBytes);
  }

  /**
   * What the connection's registry says of the package; undefined when the format reads no such registry. With
   * `isUrgent` the caller has another answer and does not wait long for this one.
   *
   * Throws BadGatewayException when nothing is known and the registry cannot be asked.
   */
  async find(
    connection: string,
    coordinate: PackageCoordinate,
    { isUrgent }: { readonly isUrgent: boolean },
  ): Promise<RemoteListing | undefined> {
    const remote = this.#ports.formats.get(coordinate.format)?.remote;
    if (remote?.connections.includes(connection) !== true) return undefined;
    const registry = await this.#ports.registries.find(connection);
    if (registry === undefined) {
      throw unavailable(`Nothing says where the public registry of '${connection}' is. Set it with --registry.`);
    }
    const asked: Question = { connection, coordinate, remote, registryUrl: registry.url };
    const { checkedAt, changedAt, documentSha256 } = await this.#current(asked, await this.#kept(asked), isUrgent);
    // What is not written yet may never be, when the store fails: it is not to be relied on.
    const isWritten = !this.#unwritten.has(unwrittenKey(connection, unitOf(coordinate)));
    const freshUntil = isWritten ? checkedAt + this.#settings.maxAgeMs : 0;
    // Not by the document alone: between two times of the same one, versions of another one may have been retained.
    const state = `${documentSha256 ?? 'gone'}@${changedAt}`;
    if (documentSha256 === null) return { state, freshUntil, document: undefined };
    return { state, freshUntil, document: () => this.#document(documentSha256) };
  }

  /** Breaks off what is under way; resolves when nothing is. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#refreshes.settled();
  }

  async #kept({ connection, coordinate }: Question): Promise<UpstreamMetadata | undefined> {
    const unit = unitOf(coordinate);
    const unwritten = this.#unwritten.get(unwrittenKey(connection, unit));
    return unwritten?.metadata ?? (await this.#ports.storage.upstreamMetadata.find(connection, unit));
  }

  async #current(asked: Question, kept: UpstreamMetadata | undefined, isUrgent: boolean): Promise<UpstreamMetadata> {
    const { clock, log } = this.#ports;
    const { connection } = asked;
    // What another registry said at this connection is no answer of this one.
    const known = kept?.registryUrl === asked.registryUrl ? kept : undefined;
    const now = clock.now();
    if (known !== undefined && now - known.checkedAt < this.#settings.maxAgeMs) return known;
    if (now < (this.#restingUntil.get(connection) ?? 0)) {
      if (known !== undefined) return known;
      throw unavailable(`The public registry of '${connection}' failed a moment ago. Try again in a moment.`);
    }
    const unit = unitOf(asked.coordinate);
    const refresh = this.#refreshes.run(`${connection} ${unit}`, () => this.#refresh(asked, known));
    try {
      return await (known !== undefined || isUrgent ? withPatience(refresh, this.#settings.patienceMs) : refresh);
    } catch (error) {
      if (error instanceof RegistryAway) this.#restingUntil.set(connection, clock.now() + this.#settings.restMs);
      if (known === undefined) throw error;
      log.warn({ connection, package: unit, err: error }, 'public registry unavailable, serving what is known');
      return known;
    }
  }

  /** Asks the registry. Every fault of it is a BadGatewayException. */
  async #refresh(asked: Question, known: UpstreamMetadata | undefined): Promise<UpstreamMetadata> {
    const { says, document } = await this.#ask(asked, known).catch((cause: unknown) => {
      if (cause instanceof PackyardError) throw cause;
      throw new RegistryAway(`The public registry of '${asked.connection}' cannot be reached, or broke off.`, cause);
    });
    const metadata = this.#metadata(asked, says, known);
    if (document === undefined) await this.#writeBehind(metadata, 0);
    else await this.#keep(metadata, document);
    return metadata;
  }

  /** Stores a listing that changed: a small one a moment later, a large one before anyone reads it from the store. */
  async #keep(metadata: UpstreamMetadata, { sha256, chunks, length }: NewDocument): Promise<void> {
    const staged = await this.#ports.blobs.stage();
    let isHandedOver = false;
    try {
      for (const chunk of chunks) await staged.write(chunk);
      const blob = { sha256, staged };
      if (length <= this.#settings.cacheBytes / 16) {
        isHandedOver = true;
        await this.#writeBehind(metadata, length, blob, RemoteDocument.of(Buffer.concat(chunks, length)));
      } else {
        const save = (queries: Queries) => queries.upstreamMetadata.save(metadata);
        await withDurableBlobs(this.#ports.storage.relaxed, [blob], save);
      }
    } finally {
      if (!isHandedOver) await staged.release();
    }
  }

  /** Notes what is known, for everyone in this process at once. */
  async #writeBehind(
    metadata: UpstreamMetadata,
    bytes: number,
    blob?: BlobToKeep,
    document?: RemoteDocument,
  ): Promise<void> {
    const key = unwrittenKey(metadata.connection, metadata.unit);
    const unwritten = { metadata, document };
    this.#unwritten.set(key, unwritten);
    // It is rendered next, and its tarballs are asked for.
    if (document !== undefined && blob !== undefined) this.#documents.set(blob.sha256, document, document.weight);
    await this.#late.add({
      bytes,
      ...(blob === undefined ? {} : { blob }),
      async write(queries) {
        const { documentSha256 } = metadata;
        // Confirmed, but just being deleted: another node has seen a later state, and that stays.
        const isGoing = documentSha256 !== null && (await queries.blobReferences.keep([documentSha256])).length > 0;
        if (!isGoing) await queries.upstreamMetadata.save(metadata);
      },
      settled: () => {
        if (this.#unwritten.get(key) === unwritten) this.#unwritten.delete(key);
      },
    });
  }

  #metadata(asked: Question, says: Said, known: UpstreamMetadata | undefined): UpstreamMetadata {
    const now = this.#ports.clock.now();
    const isUnchanged = known?.documentSha256 === says.documentSha256;
    return {
      connection: asked.connection,
      unit: unitOf(asked.coordinate),
      registryUrl: asked.registryUrl,
      state: says.documentSha256 === null ? 'gone' : 'present',
      ...says,
      checkedAt: now,
      changedAt: isUnchanged ? known.changedAt : now,
    };
  }

  async #ask(asked: Question, known: UpstreamMetadata | undefined): Promise<Answer> {
    const { connection, coordinate, remote, registryUrl } = asked;
    const { url, headers } = remote.packageRequest(registryUrl, coordinate);
    const signal = AbortSignal.any([AbortSignal.timeout(this.#settings.timeoutMs), this.#closing.signal]);
    const response = await this.#ports.upstream.get({
      url,
      headers: { ...headers, 'accept-encoding': 'gzip', ...validators(known) },
      signal,
    });
    const { status } = response;
    if (status === 200) return this.#read(asked, response);
    response.discard();
    if (status === 304 && known !== undefined) {
      const { etag, lastModified, documentSha256 } = known;
      return { says: { etag, lastModified, documentSha256 } };
    }
    if (status === 404 || status === 410) return { says: { etag: null, lastModified: null, documentSha256: null } };
    const message = `The public registry of '${connection}' answered ${status} for ${unitOf(coordinate)}.`;
    throw overloaded.has(status) ? new RegistryAway(message) : unavailable(message);
  }

  async #read({ connection, coordinate, remote }: Question, response: UpstreamResponse): Promise<Answer> {
    const { maxListingBytes } = this.#settings;
    const tooLarge = () =>
      unavailable(`The listing of the public registry of '${connection}' is larger than ${maxListingBytes} bytes.`);
    // In one go, so that nothing holds the listing's bytes while its versions are taken apart.
    const parsed = remote.parsePackage(
      coordinate,
      await readListing(response, maxListingBytes, tooLarge),
      response.url,
    );
    const chunks = encodeRemoteDocument(parsed);
    const hash = createHash('sha256');
    let length = 0;
    for (const chunk of chunks) {
      hash.update(chunk);
      length += chunk.length;
    }
    const sha256 = hash.digest('hex');
    const { etag = null, 'last-modified': lastModified = null } = response.headers;
    return { says: { etag, lastModified, documentSha256: sha256 }, document: { sha256, chunks, length } };
  }

  async #document(sha256: string): Promise<RemoteDocument> {
    const cached = this.#documents.get(sha256) ?? this.#unwrittenDocument(sha256);
    if (cached !== undefined) return cached;
    const document = await RemoteDocument.open(this.#ports.blobs, sha256);
    this.#documents.set(sha256, document, document.weight);
    return document;
  }

  #unwrittenDocument(sha256: string): RemoteDocument | undefined {
    for (const { metadata, document } of this.#unwritten.values()) {
      if (metadata.documentSha256 === sha256 && document !== undefined) return document;
    }
    return undefined;
  }
}

interface Question {
  readonly connection: string;
  readonly coordinate: PackageCoordinate;
  readonly remote: RemoteRules;
  readonly registryUrl: string;
}

type Said = Pick<UpstreamMetadata, 'etag' | 'lastModified' | 'documentSha256'>;

/** What the registry says, and the document that says it when it is a new one. */
interface Answer {
  readonly says: Said;
  readonly document?: NewDocument;
}

interface NewDocument {
  readonly sha256: string;
  readonly chunks: readonly Buffer[];
  readonly length: number;
}

/** What is known and will be in the database in a moment. */
interface Unwritten {
  readonly metadata: UpstreamMetadata;
  readonly document: RemoteDocument | undefined;
}

function unwrittenKey(connection: string, unit: string): string {
  return `${connection} ${unit}`;
}

function validators(known: UpstreamMetadata | undefined): Record<string, string> {
  if (known?.etag) return { 'if-none-match': known.etag };
  return known?.lastModified ? { 'if-modified-since': known.lastModified } : {};
}

/** Statuses that speak of the registry as a whole, not of one package. */
const overloaded: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A fault that the next package would meet as well: the registry is left alone for a while. */
class RegistryAway extends PackyardError {
  constructor(message: string, cause?: unknown) {
    super('BadGatewayException', message, { cause });
  }
}

function unavailable(message: string, cause?: unknown): PackyardError {
  return new PackyardError('BadGatewayException', message, { cause });
}

/** Rejects after `patienceMs`; the work itself goes on. */
async function withPatience<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new RegistryAway(`The public registry gave no answer within ${patienceMs} ms.`)),
      patienceMs,
    );
  });
  try {
    return await Promise.race([work, impatience]);
  } finally {
    clearTimeout(timer);
  }
}
