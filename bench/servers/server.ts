/** A server under measurement: a process of its own, on the loopback. */
export interface BenchServer {
  readonly name: ServerName;
  readonly pid: number;
  readonly port: number;
  /** What every request to it carries: the token. */
  readonly headers: Readonly<Record<string, string>>;
  /** The path below which it serves packages; ends in `/`. */
  readonly endpoint: string;
  /** The path under which it serves what is read. */
  pathOf(read: Read): string;
  stop(): Promise<void>;
}

export type ServerName = 'Packyard' | 'Verdaccio' | 'bare Node, memory' | 'bare Node, disk' | 'nginx';

/** Something that servers are measured at serving: a listing or a tarball of one of the upstream's fixtures. */
export interface Read {
  /** What the bytes are called where they are just a file. */
  readonly file: string;
  /** Below a registry's endpoint. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What npm asks for when it installs. */
const npmAccept = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';

/** The small listing that package managers ask for, or the full one, as npm asks: compressed. */
export function listingRead(name: string, representation: 'abbreviated' | 'full'): Read {
  const accept = representation === 'full' ? 'application/json' : npmAccept;
  return { file: `${name}-${representation}.json.gz`, path: name, headers: { accept, 'accept-encoding': 'gzip' } };
}

export function tarballRead(name: string, version: string): Read {
  const file = `${name}-${version}.tgz`;
  return { file, path: `${name}/-/${file}`, headers: { accept: '*/*' } };
}
