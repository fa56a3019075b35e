import { createHash } from 'node:crypto';
import type { UpstreamMetadata } from '../ports/storage.ts';
import type { UpstreamResponse } from '../ports/upstream.ts';
import type { PackageCoordinate } from './coordinates.ts';
import { unitOf } from './coordinates.ts';
import type { Ports } from './core-ports.ts';
import { PackyardError } from './errors.ts';
import type { RemoteRules } from './format.ts';
import { readAll } from './read-all.ts';
import { encodeRemoteDocument, RemoteDocument } from './remote-document.ts';
import { SingleFlight } from './single-flight.ts';
import { WeightedCache } from './weighted-cache.ts';

export interface RemotePackageSettings {
  /** How long a registry's answer is taken without asking again. */
  readonly maxAgeMs: number;
  /** How long a request waits for the registry when an older answer is known. */
  readonly patienceMs: number;
  /** How long a request waits when nothing is known. */
  readonly timeoutMs: number;
  /** How long a registry that failed is left alone where an older answer is known. */
  readonly restMs: number;
  readonly maxListingBytes: number;
  /** Bound of the documents' headers in memory. */
  readonly cacheBytes: number;
}

export const defaultRemotePackageSettings: RemotePackageSettings = {
  maxAgeMs: 5 * 60_000,
  patienceMs: 3_000,
  timeoutMs: 30_000,
  restMs: 30_000,
  maxListingBytes: 256 * 1024 * 1024,
  cacheBytes: 16 * 1024 * 1024,
};

/** A package behind an external connection, as last known. */
export interface KnownRemotePackage {
  /** Changes with the listing. */
  readonly revision: string;
  document(): Promise<RemoteDocument>;
}

/**
 * The listings of public registries: kept in the database and the blob store, revalidated by ETag when they are older
 * than `maxAgeMs`, served as they are when the registry is slow, broken or gone.
 */
export class RemotePackages {
  readonly #ports: Ports;
  readonly #settings: RemotePackageSettings;
  readonly #documents: WeightedCache<RemoteDocument>;
  readonly #refreshes = new SingleFlight<UpstreamMetadata>();
  readonly #restingUntil = new Map<string, number>();

  constructor(ports: Ports, settings: RemotePackageSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#documents = new WeightedCache(settings.cacheBytes);
  }

  /**
   * The package as the connection's registry lists it; undefined when the registry has no such package or the format
   * reads no registry. Throws BadGatewayException when nothing is known and the registry cannot be asked.
   */
  async find(connection: string, coordinate: PackageCoordinate): Promise<KnownRemotePackage | undefined> {
    const remote = this.#ports.formats.get(coordinate.format)?.remote;
    if (remote?.connections.includes(connection) !== true) return undefined;
    const known = await this.#ports.storage.upstreamMetadata.find(connection, unitOf(coordinate));
    const metadata = await this.#current(connection, coordinate, remote, known);
    const revision = metadata.documentSha256;
    return revision === null ? undefined : { revision, document: () => this.#document(revision) };
  }

  /** Resolves when no refresh is running any more. */
  settled(): Promise<void> {
    return this.#refreshes.settled();
  }

  async #current(
    connection: string,
    coordinate: PackageCoordinate,
    remote: RemoteRules,
    known: UpstreamMetadata | undefined,
  ): Promise<UpstreamMetadata> {
    const { clock, log } = this.#ports;
    const now = clock.now();
    if (known !== undefined) {
      if (now - known.checkedAt < this.#settings.maxAgeMs) return known;
      if (now < (this.#restingUntil.get(connection) ?? 0)) return known;
    }
    const unit = unitOf(coordinate);
    const refresh = this.#refreshes.run(`${connection} ${unit}`, () =>
      this.#refresh(connection, coordinate, remote, known),
    );
    try {
      return known === undefined ? await refresh : await withPatience(refresh, this.#settings.patienceMs);
    } catch (error) {
      if (known === undefined) throw error;
      this.#restingUntil.set(connection, clock.now() + this.#settings.restMs);
      log.warn({ connection, package: unit, err: error }, 'public registry unavailable, serving what is known');
      return known;
    }
  }

  async #refresh(
    connection: string,
    coordinate: PackageCoordinate,
    remote: RemoteRules,
    known: UpstreamMetadata | undefined,
  ): Promise<UpstreamMetadata> {
    const { storage, clock } = this.#ports;
    const response = await this.#ask(connection, coordinate, remote, known);
    const base = { connection, unit: unitOf(coordinate), checkedAt: clock.now() };
    let metadata: UpstreamMetadata;
    if (response.status === 304 && known !== undefined) {
      response.discard();
      metadata = { ...known, ...base };
    } else if (response.status === 404 || response.status === 410) {
      response.discard();
      metadata = { ...base, state: 'gone', etag: null, lastModified: null, documentSha256: null };
    } else {
      const { maxListingBytes } = this.#settings;
      const tooLarge = () => listingTooLarge(connection, maxListingBytes);
      const body = await readAll(response.body, maxListingBytes, tooLarge).finally(() => response.discard());
      const documentSha256 = await this.#store(encodeRemoteDocument(remote.parsePackage(coordinate, body)));
      const { etag = null, 'last-modified': lastModified = null } = response.headers;
      metadata = { ...base, state: 'present', etag, lastModified, documentSha256 };
    }
    await storage.upstreamMetadata.save(metadata);
    return metadata;
  }

  async #ask(
    connection: string,
    coordinate: PackageCoordinate,
    remote: RemoteRules,
    known: UpstreamMetadata | undefined,
  ): Promise<UpstreamResponse> {
    const registry = await this.#ports.registries.find(connection);
    if (registry === undefined) {
      throw new PackyardError(
        'BadGatewayException',
        `Nothing says where the public registry of '${connection}' is. Set it with --registry ${connection}=URL.`,
      );
    }
    const { url, headers } = remote.packageRequest(registry.url, coordinate);
    const validators = {
      ...(known?.etag ? { 'if-none-match': known.etag } : {}),
      ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
    };
    const signal = AbortSignal.timeout(this.#settings.timeoutMs);
    const response = await this.#ports.upstream
      .get({ url, headers: { ...headers, ...validators }, signal })
      .catch((cause: unknown) => {
        throw new PackyardError('BadGatewayException', `The public registry of '${connection}' cannot be reached.`, {
          cause,
        });
      });
    if ([200, 304, 404, 410].includes(response.status)) return response;
    response.discard();
    throw new PackyardError(
      'BadGatewayException',
      `The public registry of '${connection}' answered ${response.status} for ${unitOf(coordinate)}.`,
    );
  }

  async #store(document: Buffer): Promise<string> {
    const sha256 = createHash('sha256').update(document).digest('hex');
    const staged = await this.#ports.blobs.stage();
    try {
      await staged.write(document);
      await staged.commit(sha256);
    } finally {
      await staged.release();
    }
    return sha256;
  }

  async #document(sha256: string): Promise<RemoteDocument> {
    const cached = this.#documents.get(sha256);
    if (cached !== undefined) return cached;
    const document = await RemoteDocument.open(this.#ports.blobs, sha256);
    this.#documents.set(sha256, document, document.weight);
    return document;
  }
}

function listingTooLarge(connection: string, maxBytes: number): PackyardError {
  const message = `The listing of the public registry of '${connection}' is larger than ${maxBytes} bytes.`;
  return new PackyardError('BadGatewayException', message);
}

/** Rejects after `patienceMs`; the work itself goes on. */
async function withPatience<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([work, impatience]);
  } finally {
    clearTimeout(timer);
  }
}
