import type { RepositoryInDomain } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { packageSources } from './package-sources.ts';
import type { ViewedVersion } from './package-view.ts';
import { isDownloadable } from './version-status.ts';

/**
 * Finds one version in search order, as its asset would be found: the first place that has it decides, also by its
 * status. Undefined when no one has it or it cannot be downloaded; throws the fault of a place that may have had it.
 */
export async function resolveVersion(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
): Promise<ViewedVersion | undefined> {
  const faults: unknown[] = [];
  for await (const step of packageSources(deps, target, coordinate)) {
    if (step.kind === 'fault') faults.push(step.error);
    if (step.kind === 'repository') {
      const { repositoryId, packageId } = step.record;
      const found = await deps.storage.versions.find(repositoryId, packageId, version);
      if (found === undefined) continue;
      return isDownloadable(found.status) ? { ...found, publishedAt: found.firstPublishedAt, also: [] } : undefined;
    }
    if (step.kind === 'registry') {
      const found = await (await step.document()).version(version);
      if (found !== undefined) return { ...found, also: [] };
    }
  }
  if (faults.length > 0) throw faults[0];
  return undefined;
}
