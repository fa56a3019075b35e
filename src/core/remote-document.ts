import type { Blobs, ByteRange } from '../ports/blobs.ts';
import { ByteWriter } from './byte-writer.ts';
import { readWhole } from './read-all.ts';

/** An asset as a public registry lists it. Hashes are lower-case hex, as far as the registry gives them. */
export interface RemoteAsset {
  readonly name: string;
  readonly url: string;
  readonly size: number | null;
  readonly hashes: RemoteHashes;
}

export interface RemoteHashes {
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
  readonly sha512?: string;
}

/** A version as a public registry lists it, in the shape it would be stored in. */
export interface RemoteVersion {
  readonly version: string;
  readonly publishedAt: number | null;
  readonly metadata: string;
  readonly entry: string;
  readonly display: string | null;
  readonly assets: readonly RemoteAsset[];
}

/** A package as a public registry lists it. `extra` is the format's own JSON text about the package as a whole. */
export interface RemotePackage {
  readonly tags: Readonly<Record<string, string>>;
  readonly extra: string | null;
  /** Gone through once: made one after the other, so that a large package's texts are never all in memory. */
  readonly versions: Iterable<RemoteVersion>;
}

/** A version's place: its texts stand one after the other from `offset` on; lengths are in bytes. */
type Place = readonly [
  version: string,
  publishedAt: number | null,
  display: string | null,
  offset: number,
  metadataLength: number,
  entryLength: number,
  assetsLength: number,
];

interface Header {
  readonly tags: Record<string, string>;
  readonly places: readonly Place[];
  /** Of the package's own text, which stands first. */
  readonly extraLength: number;
}

/** The header's length stands in front of it, in this many digits. */
const lengthDigits = 12;

/**
 * Writes a remote package as a remote document, in pieces: a header that says where everything stands, then the texts
 * as they are. A large listing is parsed once when it changes; afterwards one version is read without touching the others,
 * and all are rendered without parsing any.
 */
export function encodeRemoteDocument(remote: RemotePackage): Buffer[] {
  const body = new ByteWriter();
  const places: Place[] = [];
  const lengthOf = (text: string) => {
    const before = body.length;
    body.write(text);
    return body.length - before;
  };
  const extraLength = lengthOf(JSON.stringify(remote.extra));
  for (const { version, publishedAt, display, metadata, entry, assets } of remote.versions) {
    const offset = body.length;
    const lengths = [lengthOf(metadata), lengthOf(entry), lengthOf(JSON.stringify(assets))] as const;
    places.push([version, publishedAt, display, offset, ...lengths]);
  }
  const header: Header = { tags: { ...remote.tags }, places, extraLength };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.from(String(headerBytes.length).padStart(lengthDigits, '0'));
  return [length, headerBytes, ...body.chunks()];
}

/** A version of a remote document as far as a listing shows it: its texts are the document's bytes. */
export interface ListedRemoteVersion extends Omit<RemoteVersion, 'assets' | 'metadata' | 'entry'> {
  readonly metadata: Buffer;
  readonly entry: Buffer;
}

/** A stored remote document. Of one that was read from the store, only its header is held in memory. */
export class RemoteDocument {
  readonly tags: ReadonlyMap<string, string>;
  /** Bytes that are held in memory. */
  readonly weight: number;
  readonly #read: (range: ByteRange) => Promise<Buffer>;
  readonly #body: number;
  readonly #extraLength: number;
  readonly #places: ReadonlyMap<string, Place>;
  #spellings: ReadonlyMap<string, string> | undefined;

  private constructor(header: Buffer, weight: number, read: (range: ByteRange) => Promise<Buffer>) {
    const { tags, places, extraLength } = JSON.parse(header.toString('utf8')) as Header;
    this.tags = new Map(Object.entries(tags));
    this.weight = weight;
    this.#read = read;
    this.#body = lengthDigits + header.length;
    this.#extraLength = extraLength;
    this.#places = new Map(places.map((place) => [place[0], place]));
  }

  static async open(blobs: Blobs, sha256: string): Promise<RemoteDocument> {
    const read = (range: ByteRange) => readWhole(blobs.open(sha256, range));
    const length = Number((await read({ start: 0, end: lengthDigits - 1 })).toString('latin1'));
    const header = await read({ start: lengthDigits, end: lengthDigits + length - 1 });
    return new RemoteDocument(header, header.length, read);
  }

  /** A document whose bytes are at hand. */
  static of(bytes: Buffer): RemoteDocument {
    const length = Number(bytes.toString('latin1', 0, lengthDigits));
    const header = bytes.subarray(lengthDigits, lengthDigits + length);
    return new RemoteDocument(header, bytes.length, async ({ start, end }) => bytes.subarray(start, end + 1));
  }

  /** How the registry spells a version that it lists; `versionKey` tells what spellings have in common. */
  spelling(version: string, versionKey?: (version: string) => string): string | undefined {
    if (this.#places.has(version)) return version;
    if (versionKey === undefined) return undefined;
    this.#spellings ??= new Map(Array.from(this.#places.keys(), (listed) => [versionKey(listed), listed]));
    return this.#spellings.get(versionKey(version));
  }

  /** The format's own text about the package as a whole. */
  async extra(): Promise<string | null> {
    return JSON.parse((await this.#bytes(0, this.#extraLength)).toString('utf8'));
  }

  async version(version: string): Promise<RemoteVersion | undefined> {
    const place = this.#places.get(version);
    if (place === undefined) return undefined;
    const [, , , offset, metadataLength, entryLength, assetsLength] = place;
    const bytes = await this.#bytes(offset, metadataLength + entryLength + assetsLength);
    const assets = JSON.parse(bytes.toString('utf8', metadataLength + entryLength));
    const { metadata, entry, ...rest } = listed(place, bytes, 0);
    return { ...rest, metadata: metadata.toString('utf8'), entry: entry.toString('utf8'), assets };
  }

  /** All versions in the registry's order, in one read. */
  async versions(): Promise<ListedRemoteVersion[]> {
    const places = [...this.#places.values()];
    const last = places.at(-1);
    if (last === undefined) return [];
    const [, , , offset, metadataLength, entryLength] = last;
    const bytes = await this.#bytes(0, offset + metadataLength + entryLength);
    return places.map((place) => listed(place, bytes, place[3]));
  }

  #bytes(offset: number, length: number): Promise<Buffer> {
    const start = this.#body + offset;
    return this.#read({ start, end: start + length - 1 });
  }
}

/** Reads a version's texts from bytes in which they begin at `start`. */
function listed(place: Place, bytes: Buffer, start: number): ListedRemoteVersion {
  const [version, publishedAt, display, , metadataLength, entryLength] = place;
  const entryStart = start + metadataLength;
  const metadata = bytes.subarray(start, entryStart);
  const entry = bytes.subarray(entryStart, entryStart + entryLength);
  return { version, publishedAt, display, metadata, entry };
}
