import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Deps } from '../../core/deps.ts';
import type { RepositorySource } from '../../core/package-sources.ts';
import type { PackageSurvey } from '../../core/package-view.ts';
import { isDownloadable } from '../../core/version-status.ts';
import type { VersionInRepository } from '../../ports/storage.ts';
import type { BuildWithFiles } from './metadata.ts';
import { type MavenFileName, parseFileName } from './paths.ts';
import { baseVersion, parseBuild } from './snapshot.ts';

/** A build of a SNAPSHOT, and its files. */
export interface ShownBuild extends BuildWithFiles {
  readonly files: readonly MavenFileName[];
}

/**
 * The builds of a SNAPSHOT as those see it who ask a repository: the one it shows, and the others that are there, which
 * may have kinds of files that the newest lacks. None when no one has the SNAPSHOT, or it is not listed. Where a
 * repository and one of its upstreams have builds, those of the upstream are shown: AWS user guide, "Use Maven
 * snapshots".
 */
export async function findSnapshot(deps: Deps, survey: PackageSurvey, version: string): Promise<ShownBuild[]> {
  let shown: { source: RepositorySource; found: VersionInRepository } | undefined;
  for (const source of survey.sources) {
    if (source.kind !== 'repository') continue;
    const { repositoryId, packageId } = source.record;
    const found = await deps.storage.versions.find(repositoryId, packageId, version);
    if (found?.status !== 'Published') continue;
    if (shown === undefined || isUpstreamOf(source, shown.source)) shown = { source, found };
  }
  if (shown === undefined) return [];
  const { versionId, entry } = shown.found;
  const { repositoryId, packageId } = shown.source.record;
  const assets = await deps.storage.versions.assets(versionId, { limit: Number.MAX_SAFE_INTEGER });
  const files = new Map([[entry, assets.map(({ name }) => name)]]);
  const prefix = version.slice(0, -'SNAPSHOT'.length);
  for (const { version: build, status, name } of await deps.storage.versions.assetNames(
    repositoryId,
    packageId,
    prefix,
  )) {
    // Of the one that is shown the SNAPSHOT has all, also where it was copied alone.
    if (build === entry || baseVersion(build) !== version || build === version || !isDownloadable(status)) continue;
    const names = files.get(build);
    if (names === undefined) files.set(build, [name]);
    else names.push(name);
  }
  return [...files].flatMap(([build, names]) => {
    const parsed = parseBuild(build);
    return parsed === undefined
      ? []
      : [{ ...parsed, files: names.flatMap((name) => fileOf(survey.coordinate, version, name)) }];
  });
}

function fileOf({ name: artifactId }: PackageCoordinate, version: string, assetName: string): MavenFileName[] {
  const file = parseFileName(artifactId, version, assetName);
  return file?.buildVersion === undefined ? [] : [file];
}

function isUpstreamOf(source: RepositorySource, other: RepositorySource): boolean {
  return other.path.every((id, position) => source.path[position] === id);
}
