import type { Ports } from '../core-ports.ts';
import { invalid } from '../errors.ts';
import { rootPattern } from '../package-groups/tree.ts';
import type { DomainName } from './find.ts';
import { findPackageGroupToChange } from './find-package-group.ts';
import { detailsOf, type PackageGroupDetails, readGroupTree } from './package-group-details.ts';
import { packageGroupArn } from './resource-arn.ts';
import { holdTags } from './tags.ts';

/**
 * Deletes a package group with its tags, and returns what it was. Its packages and the groups within it belong to its
 * parent then.
 *
 * Throws 404 for the domain or the group, ValidationException for the root group (reference, section 6; unverified).
 */
export async function deletePackageGroup(
  ports: Ports,
  name: DomainName,
  pattern: string,
): Promise<PackageGroupDetails> {
  return ports.storage.transaction(async (queries) => {
    const { domain, group } = await findPackageGroupToChange(queries, name, pattern);
    if (pattern === rootPattern) throw invalid('The root package group of a domain cannot be deleted.');
    const details = detailsOf(await readGroupTree(queries, domain.id), domain, group);
    await holdTags(queries, name);
    await queries.resourceTags.deleteAll(packageGroupArn(name, pattern));
    await queries.packageGroups.delete(group.id);
    return details;
  });
}
