import type { RepositoryPackage, Restrictions } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import { PackyardError } from './errors.ts';
import type { GroupTree } from './package-groups/tree.ts';

/** How the first version of a package comes into a repository. */
export type Arrival = 'published' | 'retained';

/**
 * A package's restrictions at its first arrival in a repository. Where its group restricts anything, the group decides.
 * Source: AWS user guide, "Default package origin control settings". A first arrival by retention from an internal
 * upstream is not documented; it is taken like one from a public registry, so that later versions keep flowing.
 */
export function firstRestrictions(groups: GroupTree, coordinate: PackageCoordinate, arrival: Arrival): Restrictions {
  if (!groups.allowsEverything(coordinate)) return { publish: 'ALLOW', upstream: 'ALLOW' };
  return arrival === 'published' ? { publish: 'ALLOW', upstream: 'BLOCK' } : { publish: 'BLOCK', upstream: 'ALLOW' };
}

/**
 * Throws AccessDeniedException when the package's record in the repository, or the package's group, blocks direct
 * publishing there. Both must allow it.
 */
export function checkPublishAllowed(
  groups: GroupTree,
  repositoryId: string,
  coordinate: PackageCoordinate,
  record: RepositoryPackage | undefined,
  displayName: string,
): void {
  if (record?.restrictions.publish === 'BLOCK') {
    throw blocked(
      displayName,
      "the package's origin configuration has publish=BLOCK. Change it with PutPackageOriginConfiguration",
    );
  }
  if (groups.allows(coordinate, 'PUBLISH', repositoryId)) return;
  const { group, association } = groups.associate(coordinate);
  throw blocked(
    displayName,
    association === 'WEAK'
      ? `its name is a variant of what package group '${group.pattern}' names. Create a package group for exactly this package to allow it`
      : `package group '${group.pattern}' does not allow it. Change that with UpdatePackageGroupOriginConfiguration`,
  );
}

function blocked(displayName: string, why: string): PackyardError {
  return new PackyardError(
    'AccessDeniedException',
    `Versions of '${displayName}' cannot be published to this repository: ${why}.`,
  );
}
