/** A package of the upstream before it is rendered. */
export interface PackageSketch {
  readonly name: string;
  /** Oldest first. The last one is `latest`. */
  readonly versions: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  /** Versions that have a tarball, with its compressed size; the others are only listed. */
  readonly tarballs: ReadonlyMap<string, TarballSketch>;
  readonly readmeBytes: number;
}

export interface TarballSketch {
  /** What it has after compression, about. */
  readonly bytes: number;
  readonly files: number;
  /** Exactly that many bytes, since nothing in it can be compressed. */
  readonly isRandom?: boolean;
  /** Instead of the package's own. */
  readonly dependencies?: Readonly<Record<string, string>>;
}
