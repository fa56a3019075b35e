import { buffer } from 'node:stream/consumers';
import type { Blobs, ByteRange } from '../ports/blobs.ts';

/** An asset as a public registry lists it. Hashes are lower-case hex, as far as the registry gives them. */
export interface RemoteAsset {
  readonly name: string;
  readonly url: string;
  readonly size: number | null;
  readonly hashes: { readonly sha1?: string; readonly sha256?: string; readonly sha512?: string };
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
  readonly versions: readonly RemoteVersion[];
}

interface Header {
  readonly tags: Record<string, string>;
  /** Version, offset and length of its line; the line of `extra` stands before them. */
  readonly lines: readonly (readonly [version: string, offset: number, length: number])[];
  readonly extra: readonly [offset: number, length: number];
}

/** The header's length stands in front of it, in this many digits. */
const lengthDigits = 12;

/**
 * Writes a remote package as a remote document: a header that says where everything stands, then one JSON line for
 * the package and one per version. A large listing is parsed once when it changes; afterwards one version is read
 * without touching the others.
 */
export function encodeRemoteDocument(remote: RemotePackage): Buffer {
  const extra = Buffer.from(`${JSON.stringify(remote.extra)}\n`);
  const body = [extra];
  const lines: [string, number, number][] = [];
  let offset = extra.length;
  for (const version of remote.versions) {
    const line = Buffer.from(`${JSON.stringify(version)}\n`);
    lines.push([version.version, offset, line.length]);
    body.push(line);
    offset += line.length;
  }
  const header: Header = { tags: { ...remote.tags }, lines, extra: [0, extra.length] };
  const headerBytes = Buffer.from(`${JSON.stringify(header)}\n`);
  const length = Buffer.from(String(headerBytes.length).padStart(lengthDigits, '0'));
  return Buffer.concat([length, headerBytes, ...body]);
}

/** A stored remote document. Only its header is held in memory. */
export class RemoteDocument {
  readonly tags: ReadonlyMap<string, string>;
  /** Bytes of the header, which is what holding the document costs. */
  readonly weight: number;
  readonly #read: (range: ByteRange) => Promise<Buffer>;
  readonly #body: number;
  readonly #extra: readonly [offset: number, length: number];
  readonly #lines: ReadonlyMap<string, readonly [offset: number, length: number]>;

  private constructor(header: Buffer, read: (range: ByteRange) => Promise<Buffer>) {
    const { tags, lines, extra } = JSON.parse(header.toString('utf8')) as Header;
    this.tags = new Map(Object.entries(tags));
    this.weight = header.length;
    this.#read = read;
    this.#body = lengthDigits + header.length;
    this.#extra = extra;
    this.#lines = new Map(lines.map(([version, offset, length]) => [version, [offset, length]]));
  }

  static async open(blobs: Blobs, sha256: string): Promise<RemoteDocument> {
    const read = (range: ByteRange) => buffer(blobs.open(sha256, range));
    const length = Number((await read({ start: 0, end: lengthDigits - 1 })).toString('latin1'));
    return new RemoteDocument(await read({ start: lengthDigits, end: lengthDigits + length - 1 }), read);
  }

  has(version: string): boolean {
    return this.#lines.has(version);
  }

  /** The format's own text about the package as a whole. */
  async extra(): Promise<string | null> {
    return this.#line(this.#extra);
  }

  async version(version: string): Promise<RemoteVersion | undefined> {
    const place = this.#lines.get(version);
    return place === undefined ? undefined : this.#line(place);
  }

  /** All versions in the registry's order, in one read. */
  async versions(): Promise<RemoteVersion[]> {
    const places = [...this.#lines.values()];
    const [first, last] = [places[0], places.at(-1)];
    if (first === undefined || last === undefined) return [];
    const bytes = await this.#read({ start: this.#body + first[0], end: this.#body + last[0] + last[1] - 1 });
    return places.map(([offset, length]) =>
      JSON.parse(bytes.toString('utf8', offset - first[0], offset - first[0] + length)),
    );
  }

  async #line<T>([offset, length]: readonly [offset: number, length: number]): Promise<T> {
    const start = this.#body + offset;
    return JSON.parse((await this.#read({ start, end: start + length - 1 })).toString('utf8')) as T;
  }
}
