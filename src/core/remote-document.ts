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
  readonly extra: string | null;
  /** Version, offset and length of its line, relative to the end of the header. */
  readonly lines: readonly (readonly [version: string, offset: number, length: number])[];
}

/**
 * Writes a remote package as a remote document: a JSON header line that says where each version's line stands, then
 * one JSON line per version. A large listing is parsed once when it changes; afterwards one version is read without
 * touching the others.
 */
export function encodeRemoteDocument(remote: RemotePackage): Buffer {
  const lines: Buffer[] = [];
  const index: [string, number, number][] = [];
  let offset = 0;
  for (const version of remote.versions) {
    const line = Buffer.from(`${JSON.stringify(version)}\n`);
    index.push([version.version, offset, line.length]);
    lines.push(line);
    offset += line.length;
  }
  const header: Header = { tags: { ...remote.tags }, extra: remote.extra, lines: index };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...lines]);
}

/** Reads a remote document. */
export class RemoteDocument {
  readonly tags: ReadonlyMap<string, string>;
  readonly extra: string | null;
  readonly size: number;
  readonly #bytes: Buffer;
  readonly #body: number;
  readonly #lines: ReadonlyMap<string, readonly [offset: number, length: number]>;

  constructor(bytes: Buffer) {
    const end = bytes.indexOf('\n');
    const header = JSON.parse(bytes.toString('utf8', 0, end)) as Header;
    this.tags = new Map(Object.entries(header.tags));
    this.extra = header.extra;
    this.size = bytes.length;
    this.#bytes = bytes;
    this.#body = end + 1;
    this.#lines = new Map(header.lines.map(([version, offset, length]) => [version, [offset, length]]));
  }

  /** The versions in the registry's order. */
  versions(): Iterable<string> {
    return this.#lines.keys();
  }

  has(version: string): boolean {
    return this.#lines.has(version);
  }

  version(version: string): RemoteVersion | undefined {
    const line = this.#lines.get(version);
    if (line === undefined) return undefined;
    const start = this.#body + line[0];
    return JSON.parse(this.#bytes.toString('utf8', start, start + line[1])) as RemoteVersion;
  }
}
