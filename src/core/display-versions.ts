import type { RepositoryInDomain } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { displayNameOf } from './display-name.ts';
import { PackyardError, packageNotFound } from './errors.ts';
import { recordMetadataChange } from './version-events.ts';

/**
 * Sets what this repository says over its versions (npm: deprecations). Versions it does not hold are left out: they
 * belong to an upstream. Returns how many changed. Throws ResourceNotFoundException when it has no such package, or
 * none of the versions.
 */
export async function displayVersions(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  displays: ReadonlyMap<string, string | null>,
): Promise<number> {
  const { repository } = target;
  return deps.storage.transaction(async (queries) => {
    const [record] = await queries.packages.findIn([repository.id], coordinate);
    if (record === undefined)
      throw packageNotFound(coordinate.format, displayNameOf(deps, coordinate), repository.name);
    let held = 0;
    let changed = 0;
    for (const version of await queries.versions.all(repository.id, record.packageId)) {
      const display = displays.get(version.version);
      if (display === undefined) continue;
      held += 1;
      if (display === version.display) continue;
      await queries.versions.setDisplay(repository.id, record.packageId, version.version, display);
      await recordMetadataChange(deps, queries, target, coordinate, version);
      changed += 1;
    }
    if (held === 0) {
      throw new PackyardError(
        'ResourceNotFoundException',
        `Repository '${repository.name}' holds none of these versions of '${coordinate.name}' itself. Nothing was changed.`,
        { resourceType: 'package-version' },
      );
    }
    if (changed > 0) await queries.packages.touch(repository.id, record.packageId);
    return changed;
  });
}
