import type { Domain, GroupMode, GroupRestriction, PackageGroup, Queries } from '../../ports/storage.ts';
import type { Deps } from '../deps.ts';
import { type GroupTree, groupRestrictions, groupTree } from '../package-groups/tree.ts';
import { type DomainName, findDomain } from './find.ts';
import { type PackageGroupInDomain, packageGroupNotFound } from './find-package-group.ts';

/** One restriction of a group, as it was set and as it counts. */
export interface GroupRestrictionDetails {
  readonly mode: GroupMode;
  readonly effectiveMode: GroupMode;
  /** The ancestor whose mode counts; undefined when it is the group's own. */
  readonly inheritedFrom: PackageGroup | undefined;
  /** How many repositories are on the group's own allow list. */
  readonly repositoriesCount: number;
}

/** A package group with what its place among the others makes of it. */
export interface PackageGroupDetails extends PackageGroupInDomain {
  /** Undefined for the root group. */
  readonly parent: PackageGroup | undefined;
  readonly restrictions: Readonly<Record<GroupRestriction, GroupRestrictionDetails>>;
}

/** The domain's groups as they are in this transaction. */
export async function readGroupTree(queries: Queries, domainId: string): Promise<GroupTree> {
  const { groups, allowed } = await queries.packageGroups.all(domainId);
  return groupTree(groups, allowed);
}

/** A domain with its groups as they are now, read once per change of them. Throws AWS's 404 for the domain. */
export async function findGroups(
  { storage, topologies }: Pick<Deps, 'storage' | 'topologies'>,
  name: DomainName,
): Promise<{ domain: Domain; tree: GroupTree }> {
  const domain = await findDomain(storage, name);
  const { groups: tree } = await topologies.of(domain);
  return { domain, tree };
}

export function detailsOf(tree: GroupTree, domain: Domain, group: PackageGroup): PackageGroupDetails {
  const restrictions = Object.fromEntries(
    groupRestrictions.map((restriction) => [restriction, restrictionDetails(tree, group, restriction)]),
  ) as Record<GroupRestriction, GroupRestrictionDetails>;
  return { domain, group, parent: tree.parentOf(group), restrictions };
}

/** Throws 404 for the group. */
export function describeIn(tree: GroupTree, domain: Domain, name: DomainName, pattern: string): PackageGroupDetails {
  const group = tree.find(pattern);
  if (group === undefined) throw packageGroupNotFound(pattern, name);
  return detailsOf(tree, domain, group);
}

/** Throws AWS's 404 for the domain, and 404 for the group. */
export async function describePackageGroup(
  deps: Pick<Deps, 'storage' | 'topologies'>,
  name: DomainName,
  pattern: string,
): Promise<PackageGroupDetails> {
  const { domain, tree } = await findGroups(deps, name);
  return describeIn(tree, domain, name, pattern);
}

function restrictionDetails(
  tree: GroupTree,
  group: PackageGroup,
  restriction: GroupRestriction,
): GroupRestrictionDetails {
  const { mode, from } = tree.effective(group, restriction);
  return {
    mode: group.modes[restriction],
    effectiveMode: mode,
    inheritedFrom: from === group ? undefined : from,
    repositoriesCount: tree.allowList(group, restriction).size,
  };
}
