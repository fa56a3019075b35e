import type { RepositoryInDomain, VersionInRepository } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';

/**
 * Notes something about a version that the repository has Unfinished, in its `display`. Nobody is shown it before the
 * version is finished, so it is no change that is told to anyone; of other versions nothing is noted.
 *
 * @param note makes the new text from the version as it is then; null for none
 */
export async function annotateVersion(
  { storage }: Deps,
  { repository }: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
  note: (unfinished: VersionInRepository) => string | null,
): Promise<void> {
  await storage.transaction(async (queries) => {
    const [record] = await queries.packages.findIn([repository.id], coordinate);
    if (record === undefined) return;
    const { packageId } = record;
    await queries.packages.lock(repository.id, packageId);
    const found = await queries.versions.find(repository.id, packageId, version);
    if (found?.status !== 'Unfinished') return;
    const display = note(found);
    if (display !== found.display) await queries.versions.setDisplay(repository.id, packageId, version, display);
  });
}
