import type { Ports } from '../core-ports.ts';
import { storedDescription } from './create-repository.ts';
import type { DomainName } from './find.ts';
import { findPackageGroupToChange } from './find-package-group.ts';
import { describeIn, type PackageGroupDetails, readGroupTree } from './package-group-details.ts';

/** Absent: kept. Empty: removed (unverified). */
export interface PackageGroupChange {
  readonly contactInfo?: string | undefined;
  readonly description?: string | undefined;
}

/** Changes what is said of a package group. Throws 404 for the domain or the group. */
export async function updatePackageGroup(
  ports: Ports,
  name: DomainName,
  pattern: string,
  { contactInfo, description }: PackageGroupChange,
): Promise<PackageGroupDetails> {
  return ports.storage.transaction(async (queries) => {
    const { domain, group } = await findPackageGroupToChange(queries, name, pattern);
    await queries.packageGroups.setDetails(group.id, {
      contactInfo: contactInfo === undefined ? group.contactInfo : storedDescription(contactInfo),
      description: description === undefined ? group.description : storedDescription(description),
    });
    return describeIn(await readGroupTree(queries, domain.id), domain, name, pattern);
  });
}
