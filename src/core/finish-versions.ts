import type { RepositoryInDomain, VersionInRepository } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { recordChange } from './version-events.ts';

/**
 * Publishes those of the given versions that the repository has Unfinished, all of them or none; the others stay as they
 * are. Returns which they were.
 *
 * @param check throws for a version that must not be published yet
 */
export async function finishVersions(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  versions: readonly string[],
  check: (unfinished: VersionInRepository) => void,
): Promise<string[]> {
  const { repository } = target;
  return deps.storage.transaction(async (queries) => {
    const [record] = await queries.packages.findIn([repository.id], coordinate);
    if (record === undefined) return [];
    const { packageId } = record;
    await queries.packages.lock(repository.id, packageId);
    const found = await queries.versions.findAll(repository.id, packageId, versions);
    const unfinished = found.filter(({ status }) => status === 'Unfinished');
    unfinished.forEach(check);
    for (const { version, revision } of unfinished) {
      await queries.versions.setStatus(repository.id, packageId, version, 'Published');
      const change = { operation: 'Updated', version, revision, status: 'Published', isStatusChanged: true } as const;
      await recordChange(deps, queries, target, packageId, coordinate, change);
    }
    if (unfinished.length > 0) await queries.packages.touch(repository.id, packageId);
    return unfinished.map(({ version }) => version);
  });
}
