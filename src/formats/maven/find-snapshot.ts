import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Deps } from '../../core/deps.ts';
import type { RepositorySource } from '../../core/package-sources.ts';
import type { PackageSurvey } from '../../core/package-view.ts';
import type { VersionInRepository } from '../../ports/storage.ts';
import type { BuildWithFiles } from './metadata.ts';
import { type MavenFileName, parseFileName } from './paths.ts';
import { parseBuild } from './snapshot.ts';

/** What a SNAPSHOT shows: its newest build, and that build's files. */
export interface ShownBuild extends BuildWithFiles {
  readonly files: readonly MavenFileName[];
}

/**
 * The build that a SNAPSHOT shows to those who ask a repository; undefined when no one has the SNAPSHOT, or it is not
 * listed. Where a repository and one of its upstreams have builds, those of the upstream are shown: AWS user guide,
 * "Use Maven snapshots".
 */
export async function findSnapshot(
  deps: Deps,
  survey: PackageSurvey,
  version: string,
): Promise<ShownBuild | undefined> {
  let shown: { source: RepositorySource; found: VersionInRepository } | undefined;
  for (const source of survey.sources) {
    if (source.kind !== 'repository') continue;
    const { repositoryId, packageId } = source.record;
    const found = await deps.storage.versions.find(repositoryId, packageId, version);
    if (found?.status !== 'Published') continue;
    if (shown === undefined || isUpstreamOf(source, shown.source)) shown = { source, found };
  }
  const build = shown && parseBuild(shown.found.entry);
  if (shown === undefined || build === undefined) return undefined;
  const assets = await deps.storage.versions.assets(shown.found.versionId, { limit: Number.MAX_SAFE_INTEGER });
  return { ...build, files: assets.flatMap(({ name }) => fileOf(survey.coordinate, version, name)) };
}

function fileOf({ name: artifactId }: PackageCoordinate, version: string, assetName: string): MavenFileName[] {
  const file = parseFileName(artifactId, version, assetName);
  return file?.buildVersion === undefined ? [] : [file];
}

function isUpstreamOf(source: RepositorySource, other: RepositorySource): boolean {
  return other.path.every((id, position) => source.path[position] === id);
}
