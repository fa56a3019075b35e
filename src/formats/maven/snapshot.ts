/** One deploy of a SNAPSHOT: the version `1.0-20210728.194552-1` of `1.0-SNAPSHOT`. */
export interface SnapshotBuild {
  readonly version: string;
  /** `1.0-SNAPSHOT` */
  readonly baseVersion: string;
  /** `yyyyMMdd.HHmmss`, UTC. */
  readonly timestamp: string;
  readonly buildNumber: number;
}

const buildPattern = /^(|.*-)(\d{8}\.\d{6})-(0|[1-9]\d{0,8})$/su;

/**
 * Whether a version is a SNAPSHOT that builds are deployed to. Only Maven's spelling counts: `1.0-snapshot` and
 * `1.0-SNAPSHOT-x` are releases.
 */
export function isSnapshot(version: string): boolean {
  return version === 'SNAPSHOT' || version.endsWith('-SNAPSHOT');
}

/** Reads the version of a build; undefined for any other version. */
export function parseBuild(version: string): SnapshotBuild | undefined {
  const [, prefix, timestamp, number] = buildPattern.exec(version) ?? [];
  if (prefix === undefined || timestamp === undefined) return undefined;
  return { version, baseVersion: `${prefix}SNAPSHOT`, timestamp, buildNumber: Number(number) };
}

/** The version a build of the SNAPSHOT `baseVersion` has. */
export function buildVersion(baseVersion: string, timestamp: string, buildNumber: number): string {
  return `${baseVersion.slice(0, -'SNAPSHOT'.length)}${timestamp}-${buildNumber}`;
}

/** What a version is listed as: a build as its SNAPSHOT, any other as itself. */
export function baseVersion(version: string): string {
  return parseBuild(version)?.baseVersion ?? version;
}

/**
 * Older builds first. By timestamp, then number: two CI jobs that deploy at once may take the same number, and the order
 * in which they arrive says nothing.
 */
export function compareBuilds(one: SnapshotBuild, other: SnapshotBuild): number {
  if (one.timestamp !== other.timestamp) return one.timestamp < other.timestamp ? -1 : 1;
  return one.buildNumber - other.buildNumber;
}

/** The newest of the builds; undefined when there are none. */
export function latestBuild<B extends SnapshotBuild>(builds: Iterable<B>): B | undefined {
  let latest: B | undefined;
  for (const build of builds) if (latest === undefined || compareBuilds(latest, build) < 0) latest = build;
  return latest;
}
