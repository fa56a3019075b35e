import type { GroupMode, GroupRestriction, Queries } from '../../ports/storage.ts';
import type { Ports } from '../core-ports.ts';
import { invalid, repositoryNotFound } from '../errors.ts';
import { groupRestrictions, rootPattern } from '../package-groups/tree.ts';
import type { DomainName } from './find.ts';
import { findPackageGroupToChange, type PackageGroupInDomain } from './find-package-group.ts';
import { describeIn, type PackageGroupDetails, readGroupTree } from './package-group-details.ts';

/** A repository, by name, on the allow list of one restriction. */
export interface AllowListEntry {
  readonly restriction: GroupRestriction;
  readonly repository: string;
}

export interface OriginConfigurationChange {
  /** Restrictions that are not named keep their mode (unverified). */
  readonly modes: Partial<Readonly<Record<GroupRestriction, GroupMode>>>;
  readonly added: readonly AllowListEntry[];
  readonly removed: readonly AllowListEntry[];
}

/** The names that came onto a restriction's allow list, and that left it. */
export interface AllowListUpdate {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** AWS's own CloudFormation handler sends no more at once. */
const maxListChanges = 100;

/**
 * Changes how versions of a group's packages may enter repositories. Allow lists are kept in every mode, and count in
 * ALLOW_SPECIFIC_REPOSITORIES (reference, section 6; unverified). A name that is added and removed is off the list
 * then; of names that were on it before, or not, nothing is told (both unverified).
 *
 * Throws 404 for the domain, the group or a repository; ValidationException for INHERIT on the root group and for more
 * than 100 changes of allow lists.
 */
export async function updatePackageGroupOriginConfiguration(
  ports: Ports,
  name: DomainName,
  pattern: string,
  { modes, added, removed }: OriginConfigurationChange,
): Promise<PackageGroupDetails & { readonly updates: ReadonlyMap<GroupRestriction, AllowListUpdate> }> {
  if (added.length + removed.length > maxListChanges) {
    throw invalid(`At most ${maxListChanges} repositories can be added to and removed from allow lists in one call.`);
  }
  if (pattern === rootPattern && Object.values(modes).includes('INHERIT')) {
    throw invalid('The root package group has nothing to inherit from: its modes cannot be INHERIT.');
  }
  return ports.storage.transaction(async (queries) => {
    const found = await findPackageGroupToChange(queries, name, pattern);
    for (const restriction of groupRestrictions) {
      const mode = modes[restriction];
      if (mode !== undefined) await queries.packageGroups.setMode(found.group.id, restriction, mode);
    }
    const { allow, disallow } = queries.packageGroups;
    const onList = await changeAllowLists(queries, found, added, allow);
    const offList = await changeAllowLists(queries, found, removed, disallow);
    const updates = groupRestrictions.map((restriction) => {
      return [restriction, { added: onList.get(restriction) ?? [], removed: offList.get(restriction) ?? [] }] as const;
    });
    const details = describeIn(await readGroupTree(queries, found.domain.id), found.domain, name, pattern);
    return { ...details, updates: new Map(updates) };
  });
}

/** Returns the names of the repositories for which this made a difference. */
async function changeAllowLists(
  queries: Queries,
  { domain, group }: PackageGroupInDomain,
  entries: readonly AllowListEntry[],
  change: Queries['packageGroups']['allow'],
): Promise<Map<GroupRestriction, string[]>> {
  const changed = new Map<GroupRestriction, string[]>();
  for (const { restriction, repository: repositoryName } of entries) {
    const repository = await queries.repositories.find(domain.id, repositoryName);
    if (repository === undefined) throw repositoryNotFound(repositoryName, domain.name, domain.owner);
    if (!(await change({ groupId: group.id, restriction, repositoryId: repository.id }))) continue;
    changed.set(restriction, [...(changed.get(restriction) ?? []), repositoryName]);
  }
  return changed;
}
