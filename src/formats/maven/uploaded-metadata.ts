import { invalid, PackyardError } from '../../core/errors.ts';
import type { PluginEntry } from './metadata.ts';
import type { MavenCoordinate } from './paths.ts';
import { buildVersion, parseBuild, type SnapshotBuild } from './snapshot.ts';
import { childOf, childrenOf, readXml, textOf, type XmlElement, type XmlLimits } from './xml.ts';

/** Room for nightlies: tens of thousands of versions. */
export const metadataLimits: XmlLimits = { maxBytes: 8 * 1024 * 1024, maxDepth: 20, maxElements: 200_000 };

/** A `maven-metadata.xml` of any level, as far as something is there. */
export interface MavenMetadata {
  readonly groupId?: string;
  readonly artifactId?: string;
  readonly version?: string;
  /** Whether it is a group's: it lists plugins, and no versions. */
  readonly isOfGroup: boolean;
  readonly latest?: string;
  readonly release?: string;
  /** `yyyyMMddHHmmss`, UTC. */
  readonly lastUpdated?: string;
  readonly versions: readonly string[];
  readonly snapshot?: { readonly timestamp?: string; readonly buildNumber?: number };
  readonly snapshotVersions: readonly SnapshotVersion[];
  readonly plugins: readonly PluginEntry[];
}

export interface SnapshotVersion {
  readonly classifier?: string;
  readonly extension: string;
  /** The version of the build. */
  readonly value: string;
  readonly updated?: string;
}

/**
 * Reads a `maven-metadata.xml`. Entries that lack what they need are passed over.
 *
 * @throws ValidationException when it is not well-formed XML, has a DOCTYPE, is nested too deep, has too many elements, or is
 *   no `<metadata>`; PayloadTooLargeException when it has too many bytes.
 */
export function parseMetadata(bytes: Uint8Array, limits: XmlLimits): MavenMetadata {
  const { root, fault, refusal } = readXml(bytes, limits);
  if (refusal === 'too large') {
    const message = `The maven-metadata.xml has more than ${limits.maxBytes} bytes.`;
    throw new PackyardError('PayloadTooLargeException', message);
  }
  if (refusal === 'doctype') throw malformed('it has a DOCTYPE, which is not accepted');
  if (refusal !== undefined) throw malformed(refusal);
  if (fault !== undefined) throw malformed(fault);
  if (root?.name !== 'metadata') throw malformed('its root is not <metadata>');
  return metadataOf(root);
}

/**
 * Holds the metadata sent to an artifact's or a SNAPSHOT's path against that path.
 *
 * @throws ValidationException when it says it is of something else. What it does not say cannot be wrong.
 */
export function checkPlace(
  metadata: MavenMetadata,
  place: Pick<MavenCoordinate, 'groupId' | 'artifactId'> & Partial<MavenCoordinate>,
): void {
  for (const field of ['groupId', 'artifactId', 'version'] as const) {
    const [said, expected] = [metadata[field], place[field]];
    if (said === undefined || expected === undefined || said === expected) continue;
    throw invalid(`The maven-metadata.xml says <${field}> is ${shown(said)}, but it was sent to '${expected}'.`);
  }
}

/**
 * The build that a SNAPSHOT's metadata makes the newest.
 *
 * @throws ValidationException when timestamp or build number are missing, or no file of that build is named. Source: AWS
 *   user guide, "Publishing Maven snapshots".
 */
export function announcedBuild({ snapshot, snapshotVersions }: MavenMetadata, version: string): SnapshotBuild {
  const { timestamp, buildNumber } = snapshot ?? {};
  if (timestamp === undefined || buildNumber === undefined) {
    throw invalid('The maven-metadata.xml of a SNAPSHOT needs <snapshot> with <timestamp> and <buildNumber>.');
  }
  const build = parseBuild(buildVersion(version, timestamp, buildNumber));
  if (build?.baseVersion !== version) {
    throw invalid(`The <timestamp> ${shown(timestamp)} is none: yyyyMMdd.HHmmss, as in the names of the files.`);
  }
  if (snapshotVersions.some(({ value }) => value === build.version)) return build;
  throw invalid(`The maven-metadata.xml has no <snapshotVersion> with the value '${build.version}' of its <snapshot>.`);
}

function metadataOf(root: XmlElement): MavenMetadata {
  const versioning = childOf(root, 'versioning');
  const plugins = childOf(root, 'plugins');
  const snapshot = childOf(versioning, 'snapshot');
  return {
    ...texts(root, ['groupId', 'artifactId', 'version']),
    isOfGroup: plugins !== undefined && versioning === undefined,
    ...texts(versioning, ['latest', 'release', 'lastUpdated']),
    versions: childrenOf(childOf(versioning, 'versions'), 'version').flatMap(({ text }) => text || []),
    ...(snapshot !== undefined && { snapshot: { ...texts(snapshot, ['timestamp']), ...buildNumberOf(snapshot) } }),
    snapshotVersions: childrenOf(childOf(versioning, 'snapshotVersions'), 'snapshotVersion').flatMap((element) => {
      const value = textOf(element, 'value');
      if (value === undefined) return [];
      // Without an extension it is a file that has none.
      const extension = textOf(element, 'extension') ?? '';
      return [{ ...texts(element, ['classifier', 'updated']), extension, value }];
    }),
    plugins: childrenOf(plugins, 'plugin').flatMap((element) => {
      const prefix = textOf(element, 'prefix');
      const artifactId = textOf(element, 'artifactId');
      if (prefix === undefined || artifactId === undefined) return [];
      return [{ ...texts(element, ['name']), prefix, artifactId }];
    }),
  };
}

function buildNumberOf(snapshot: XmlElement): { readonly buildNumber?: number } {
  const text = textOf(snapshot, 'buildNumber') ?? '';
  return /^\d{1,9}$/.test(text) ? { buildNumber: Number(text) } : {};
}

/** The texts of those children that are there and not empty. */
function texts<K extends string>(
  element: XmlElement | undefined,
  names: readonly K[],
): { readonly [key in K]?: string } {
  const found = names.flatMap((name) => {
    const text = textOf(element, name);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(found) as { readonly [key in K]?: string };
}

function malformed(problem: string): PackyardError {
  return invalid(`The maven-metadata.xml cannot be read: ${problem}.`, 'CANNOT_PARSE');
}

/** A value of the sender's in a message: quoted, and never long. */
function shown(value: string): string {
  return JSON.stringify(value.slice(0, 100));
}
