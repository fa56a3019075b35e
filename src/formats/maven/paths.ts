import { type ChecksumAlgorithm, splitChecksum } from './checksums.ts';
import { buildVersion, isSnapshot, parseBuild } from './snapshot.ts';

/** AWS's limit for names and versions, in characters, and that of file systems for a segment, in bytes. */
const maxSegmentLength = 255;
const maxSegmentBytes = 255;

export const metadataFile = 'maven-metadata.xml';

/** What Maven writes for "the newest": such a version could not be asked for. */
const metaVersions: ReadonlySet<string> = new Set(['LATEST', 'RELEASE']);

export interface MavenCoordinate {
  readonly groupId: string;
  readonly artifactId: string;
  /** The directory: of a SNAPSHOT `1.0-SNAPSHOT`, also for the files of its builds. */
  readonly version: string;
}

export interface MavenFileName {
  readonly fileName: string;
  readonly classifier?: string;
  /** Without the first dot; `tar.gz`, `pom.asc`. Empty where the file has none. */
  readonly extension: string;
  /** The version of the build, `1.0-20210728.194552-1`: the file is one of a SNAPSHOT and has a timestamp. */
  readonly buildVersion?: string;
}

export interface FilePath extends MavenCoordinate, MavenFileName {
  readonly kind: 'file';
}

/**
 * A `maven-metadata.xml`. The path `x/y/maven-metadata.xml` may mean the artifact `y` of the group `x` and the plugins of
 * the group `x.y`: every reading it allows is there. `snapshot` excludes the others.
 */
export interface MetadataPath {
  readonly kind: 'metadata';
  readonly group?: string;
  readonly artifact?: Pick<MavenCoordinate, 'groupId' | 'artifactId'>;
  readonly snapshot?: MavenCoordinate;
}

export interface ChecksumPath {
  readonly kind: 'checksum';
  readonly algorithm: ChecksumAlgorithm;
  readonly of: FilePath | MetadataPath;
}

/** A path that names nothing here: 400 for what is sent to it, 404 for what is asked of it. */
export interface UnreadablePath {
  readonly kind: 'unreadable';
  /** A sentence for whoever sent it. */
  readonly reason: string;
}

export type MavenPath = FilePath | MetadataPath | ChecksumPath | UnreadablePath;

/**
 * The segments of a raw path below the endpoint, each decoded once after the split on raw `/`; a `+` is a plus.
 *
 * Undefined for what cannot be decoded, for empty segments (also a slash at the end), and for anything that tries to
 * leave its place: `.`, `..`, slashes, backslashes, path parameters (`;`) and characters nobody sees.
 */
export function mavenSegments(rawPath: string): string[] | undefined {
  const segments: string[] = [];
  for (const raw of rawPath.split('/')) {
    const segment = decode(raw);
    if (segment === undefined || !isHarmless(segment)) return undefined;
    segments.push(segment);
  }
  return segments;
}

/**
 * Tells what the decoded segments of a path name. The directories decide: `a/1/a-1-2.jar` is the classifier `2` of
 * version 1. Each coordinate has one path only: a dot in a group's directory would stand for a slash.
 */
export function parseMavenPath(segments: readonly string[]): MavenPath {
  const last = segments.at(-1);
  if (last === undefined || !segments.every(isHarmless)) return unreadable('The path has no place in a repository.');
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes)) {
    return unreadable(`A part of the path is longer than ${maxSegmentBytes} bytes.`);
  }
  const directories = segments.slice(0, -1);
  const checksum = splitChecksum(last);
  if (checksum === undefined) return parseNamed(directories, last);
  // What is left may be a checksum's file itself, and those have no checksums.
  if (splitChecksum(checksum.of) !== undefined) return unreadable('Checksums have no checksums.');
  const of = parseNamed(directories, checksum.of);
  return of.kind === 'unreadable' ? of : { kind: 'checksum', algorithm: checksum.algorithm, of };
}

/** Why a file cannot be published though its path can be read; undefined when it can. */
export function publishObstacle({ version, buildVersion, fileName }: FilePath): string | undefined {
  if (!isSnapshot(version) || buildVersion !== undefined) return undefined;
  return `'${fileName}' has no timestamp. Only unique snapshots are taken, as Maven 3 and later deploy them.`;
}

/** The path of a file below the endpoint or a public registry's address, encoded. */
export function filePath({ groupId, artifactId, version }: MavenCoordinate, fileName: string): string {
  return encodePath([...groupId.split('.'), artifactId, version, fileName]);
}

/** The path of a `maven-metadata.xml`: of a group, of an artifact, or of a SNAPSHOT. */
export function metadataPath(groupId: string, artifactId?: string, version?: string): string {
  const named = [artifactId, version].filter((part) => part !== undefined);
  return encodePath([...groupId.split('.'), ...named, metadataFile]);
}

/** The name of a version's file. `version` is that of the build where there is one. */
export function fileNameOf(
  artifactId: string,
  version: string,
  { classifier, extension }: { readonly classifier?: string | undefined; readonly extension: string },
): string {
  const stem = classifier === undefined ? `${artifactId}-${version}` : `${artifactId}-${version}-${classifier}`;
  return extension === '' ? stem : `${stem}.${extension}`;
}

/**
 * Reads a file's name, given the directories it is in; undefined when it does not belong there. In a SNAPSHOT's
 * directory both `a-1.0-20210728.194552-1.jar` and `a-1.0-SNAPSHOT.jar` do.
 */
export function parseFileName(artifactId: string, version: string, fileName: string): MavenFileName | undefined {
  const stem = `${artifactId}-${version}`;
  if (isSnapshot(version)) {
    const prefix = stem.slice(0, -'SNAPSHOT'.length);
    const [build, timestamp, number] =
      /^(\d{8}\.\d{6})-(0|[1-9]\d{0,8})(?=[.-])/.exec(
        fileName.startsWith(prefix) ? fileName.slice(prefix.length) : '',
      ) ?? [];
    if (build !== undefined && timestamp !== undefined) {
      const kind = parseKind(fileName.slice(prefix.length + build.length));
      return kind && { fileName, ...kind, buildVersion: buildVersion(version, timestamp, Number(number)) };
    }
  }
  const kind = fileName.startsWith(stem) ? parseKind(fileName.slice(stem.length)) : undefined;
  return kind && { fileName, ...kind };
}

function parseNamed(directories: readonly string[], name: string): FilePath | MetadataPath | UnreadablePath {
  return name === metadataFile ? parseMetadata(directories) : parseFile(directories, name);
}

function parseMetadata(directories: readonly string[]): MetadataPath | UnreadablePath {
  const version = directories.at(-1);
  if (version !== undefined && isSnapshot(version) && directories.length > 2) {
    const snapshot = coordinateOf(directories);
    return 'reason' in snapshot ? snapshot : { kind: 'metadata', snapshot };
  }
  const group = groupOf(directories);
  const artifactId = directories.at(-1);
  const groupId = groupOf(directories.slice(0, -1));
  const artifact = artifactId !== undefined && groupId !== undefined && isName(artifactId) && { groupId, artifactId };
  if (group === undefined && !artifact) return unreadable(`Above ${metadataFile} there are no directories of a group.`);
  return { kind: 'metadata', ...(group !== undefined && { group }), ...(artifact && { artifact }) };
}

function parseFile(directories: readonly string[], fileName: string): FilePath | UnreadablePath {
  const coordinate = coordinateOf(directories);
  if ('reason' in coordinate) return coordinate;
  const { artifactId, version } = coordinate;
  const file = parseFileName(artifactId, version, fileName);
  if (file !== undefined) return { kind: 'file', ...coordinate, ...file };
  return unreadable(
    `The file name '${fileName}' does not begin with '${artifactId}-${version}', as its directories say.`,
  );
}

function coordinateOf(directories: readonly string[]): MavenCoordinate | UnreadablePath {
  const [artifactId, version] = directories.slice(-2);
  const groupId = groupOf(directories.slice(0, -2));
  if (artifactId === undefined || version === undefined || groupId === undefined) {
    return unreadable('The path is not that of a file: group, artifact, version and file name, with a slash between.');
  }
  if (!isName(artifactId) || !isName(version)) {
    return unreadable(`'${artifactId}' or '${version}' cannot name an artifact or a version.`);
  }
  // The files of a build are in its SNAPSHOT's directory; here they would have a second path.
  if (metaVersions.has(version) || parseBuild(version) !== undefined) {
    return unreadable(`'${version}' is no version that files can be in.`);
  }
  return { groupId, artifactId, version };
}

/** Whether a group and an artifact can stand in a path: what the API takes as names, `..` among them, need not. */
export function isCoordinate(groupId: string, artifactId: string): boolean {
  return groupOf(groupId.split('.')) !== undefined && isName(artifactId) && isHarmless(artifactId);
}

/** Undefined when the directories cannot be a group's. */
function groupOf(directories: readonly string[]): string | undefined {
  const groupId = directories.join('.');
  const isGroup = directories.length > 0 && groupId.length <= maxSegmentLength;
  return isGroup && directories.every((part) => !part.includes('.') && isName(part) && isHarmless(part))
    ? groupId
    : undefined;
}

/** By AWS's pattern for names. One like a metadata file's would be taken for it. */
function isName(part: string): boolean {
  const isMetadata = part === metadataFile || splitChecksum(part)?.of === metadataFile;
  return /^[^#/\s]+$/.test(part) && part.length <= maxSegmentLength && !isMetadata;
}

/** What follows after artifact and version: `-classifier`, `.extension`, or both. */
function parseKind(rest: string): Pick<MavenFileName, 'classifier' | 'extension'> | undefined {
  if (rest.startsWith('.')) return rest.length > 1 ? { extension: rest.slice(1) } : undefined;
  if (!rest.startsWith('-')) return undefined;
  // A classifier may have dots (`-scala-2.13.jar`), and so may an extension; these are those in use.
  const [, classifier, extension = ''] =
    /^-([^.].*?)(?:\.((?:tar\.)?[^.]+(?:\.asc|\.sigstore|\.json)*))?$/su.exec(rest) ?? [];
  return classifier === undefined || classifier.endsWith('.') ? undefined : { classifier, extension };
}

function unreadable(reason: string): UnreadablePath {
  return { kind: 'unreadable', reason };
}

function decode(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function isHarmless(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !/[/\\;\p{C}]/u.test(segment);
}

/** As Maven does: what a path may hold stays as it is, `+` above all. */
function encodePath(segments: readonly string[]): string {
  return segments
    .map((segment) =>
      encodeURIComponent(segment.toWellFormed()).replace(/%(2B|40|3A|2C|24|26|3D)/g, decodeURIComponent),
    )
    .join('/');
}
