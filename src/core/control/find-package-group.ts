import type { Domain, PackageGroup, Queries } from '../../ports/storage.ts';
import { PackyardError } from '../errors.ts';
import { type DomainName, findDomain } from './find.ts';

export interface PackageGroupInDomain {
  readonly domain: Domain;
  readonly group: PackageGroup;
}

/** Throws AWS's 404 for the domain, and 404 for the group. */
export async function findPackageGroup(
  queries: Queries,
  name: DomainName,
  pattern: string,
): Promise<PackageGroupInDomain> {
  const domain = await findDomain(queries, name);
  const group = await queries.packageGroups.find(domain.id, pattern);
  if (group === undefined) throw packageGroupNotFound(pattern, name);
  return { domain, group };
}

/**
 * As `findPackageGroup`, for a change: other changes of the domain's groups and repositories wait until the
 * transaction ends, and what was made of the groups before is out of date after it.
 */
export async function findPackageGroupToChange(
  queries: Queries,
  name: DomainName,
  pattern: string,
): Promise<PackageGroupInDomain> {
  const domain = await findDomain(queries, name);
  await queries.repositories.touchTopology(domain.id);
  return findPackageGroup(queries, name, pattern);
}

/** AWS has no resource type for groups in errors; the text is ours. */
export function packageGroupNotFound(pattern: string, { domain, owner }: DomainName): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    `Package group not found. Package group '${pattern}' in domain '${domain}' owned by account '${owner}' ` +
      'does not exist.',
  );
}
