import { invalid, PackyardError } from '../../core/errors.ts';
import type { PluginEntry } from './metadata.ts';
import { fileNameOf, filePath, isCoordinate, type MavenCoordinate, metadataPath, parseMavenPath } from './paths.ts';
import { isSnapshot } from './snapshot.ts';
import { type MavenMetadata, parseMetadata } from './uploaded-metadata.ts';
import type { XmlLimits } from './xml.ts';

type Artifact = Pick<MavenCoordinate, 'groupId' | 'artifactId'>;

/** The listings of public registries have some 100 KB for the busiest artifacts. */
export const listingLimits: XmlLimits = { maxBytes: 32 * 1024 * 1024, maxDepth: 20, maxElements: 500_000 };

/** A public registry's listing of an artifact. */
export interface RemoteListing {
  /** Releases that can be asked for, each once, in the registry's order. Snapshots never come from outside. */
  readonly versions: readonly string[];
  /** When the registry changed it, in milliseconds since 1970; null where it does not say. */
  readonly lastUpdated: number | null;
  /** A group's, where the artifact's path is also that of a group: `x/y/maven-metadata.xml`. */
  readonly plugins: readonly PluginEntry[];
}

/**
 * The address of an artifact's listing below a registry's, which ends in `/`.
 *
 * @throws ValidationException for names that cannot stand in a path.
 */
export function listingUrl(registryUrl: string, artifact: Artifact): string {
  if (!isCoordinate(artifact.groupId, artifact.artifactId)) {
    const message = `'${artifact.groupId}:${artifact.artifactId}' cannot be asked for at a Maven repository.`;
    throw invalid(message, 'FIELD_VALIDATION_FAILED');
  }
  return registryUrl + metadataPath(artifact.groupId, artifact.artifactId);
}

/**
 * The path of a version's file below a registry's address; undefined for names that cannot stand in one, or that would
 * lead elsewhere.
 */
export function assetPath(artifact: Artifact, version: string, assetName: string): string | undefined {
  const isAskable = isCoordinate(artifact.groupId, artifact.artifactId) && isVersion(artifact, version, assetName);
  return isAskable ? filePath({ ...artifact, version }, assetName) : undefined;
}

/**
 * Reads a registry's listing of an artifact.
 *
 * @throws BadGatewayException when the bytes are not the listing of this artifact.
 */
export function parseListing(artifact: Artifact, body: Uint8Array, limits: XmlLimits): RemoteListing {
  const metadata = readListing(artifact, body, limits);
  const { groupId = artifact.groupId, artifactId = artifact.artifactId, versions, lastUpdated, plugins } = metadata;
  if (groupId !== artifact.groupId || artifactId !== artifact.artifactId) throw notAListing(artifact);
  const askable = [...new Set(versions)].filter(
    (version) =>
      !isSnapshot(version) && isVersion(artifact, version, fileNameOf(artifactId, version, { extension: 'pom' })),
  );
  return { versions: askable, lastUpdated: timeOf(lastUpdated), plugins };
}

function readListing(artifact: Artifact, body: Uint8Array, limits: XmlLimits): MavenMetadata {
  try {
    return parseMetadata(body, limits);
  } catch (cause) {
    throw notAListing(artifact, cause);
  }
}

/** Whether the file can be asked for here, by a path that leads back to this version of the artifact. */
function isVersion({ groupId, artifactId }: Artifact, version: string, fileName: string): boolean {
  const path = parseMavenPath([...groupId.split('.'), artifactId, version, fileName]);
  return path.kind === 'file' && path.version === version;
}

function timeOf(lastUpdated: string | undefined): number | null {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(lastUpdated ?? '') ?? [];
  const [year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? null : time;
}

function notAListing({ groupId, artifactId }: Artifact, cause?: unknown): PackyardError {
  const message = `The public registry's answer for '${groupId}:${artifactId}' is not the maven-metadata.xml of it.`;
  return new PackyardError('BadGatewayException', message, { cause });
}
