import type {
  AssociatedPackage,
  ListAllowedRepositoriesForGroupRequest,
  ListAllowedRepositoriesForGroupResult,
  ListAssociatedPackagesRequest,
  ListAssociatedPackagesResult,
  ListPackageGroupsRequest,
  ListPackageGroupsResult,
  ListSubPackageGroupsRequest,
  ListSubPackageGroupsResult,
  PackageFormat,
} from '@aws-sdk/client-codeartifact';
import { findPackageGroup } from '../../core/control/find-package-group.ts';
import { describeIn, detailsOf, findGroups } from '../../core/control/package-group-details.ts';
import {
  type AssociatedPackage as Associated,
  listAssociatedPackages,
} from '../../core/package-groups/associated-packages.ts';
import type { PackageGroup } from '../../ports/storage.ts';
import type { Call } from '../messages.ts';
import { closePage, openPage, type Page } from '../pagination.ts';
import { domainName } from './names.ts';
import { packageGroupDescription } from './package-group-descriptions.ts';
import type { Checked } from './types.ts';

export const packageGroupListHandlers = {
  async ListPackageGroups(call: Call, input: Checked<ListPackageGroupsRequest>): Promise<ListPackageGroupsResult> {
    const { prefix = '' } = input;
    const { domain, tree } = await findGroups(call.deps, domainName(call, input));
    const page = openPage(call, input, 1);
    const groups = tree.groups.filter(({ pattern }) => pattern.startsWith(prefix));
    const { items, nextToken } = closePage(call, page, after(page, groups), ({ pattern }) => [pattern]);
    return { packageGroups: items.map((group) => packageGroupDescription(detailsOf(tree, domain, group))), nextToken };
  },

  async ListSubPackageGroups(
    call: Call,
    input: Checked<ListSubPackageGroupsRequest>,
  ): Promise<ListSubPackageGroupsResult> {
    const name = domainName(call, input);
    const { domain, tree } = await findGroups(call.deps, name);
    const { group } = describeIn(tree, domain, name, input.packageGroup);
    const page = openPage(call, input, 1);
    const { items, nextToken } = closePage(call, page, after(page, tree.childrenOf(group)), ({ pattern }) => [pattern]);
    return { packageGroups: items.map((group) => packageGroupDescription(detailsOf(tree, domain, group))), nextToken };
  },

  async ListAllowedRepositoriesForGroup(
    call: Call,
    input: Checked<ListAllowedRepositoriesForGroupRequest>,
  ): Promise<ListAllowedRepositoriesForGroupResult> {
    const { storage } = call.deps;
    const { group } = await findPackageGroup(storage, domainName(call, input), input.packageGroup);
    const page = openPage(call, input, 1);
    const [after] = page.after ?? [];
    const found = await storage.packageGroups.allowedRepositories(group.id, input.originRestrictionType, {
      ...(after !== undefined && { after }),
      limit: page.limit + 1,
    });
    const { items, nextToken } = closePage(call, page, found, (name) => [name]);
    return { allowedRepositories: [...items], nextToken };
  },

  async ListAssociatedPackages(
    call: Call,
    input: Checked<ListAssociatedPackagesRequest>,
  ): Promise<ListAssociatedPackagesResult> {
    const { packageGroup: pattern, preview: isPreview = false } = input;
    const page = openPage(call, input, 3);
    const [format, namespace, name] = page.after ?? [];
    const isFirstPage = format === undefined || namespace === undefined || name === undefined;
    const found = await listAssociatedPackages(call.deps, domainName(call, input), pattern, isPreview, {
      ...(!isFirstPage && { after: { format, namespace: namespace === '' ? null : namespace, name } }),
      limit: page.limit + 1,
    });
    const { items, nextToken } = closePage(call, page, found, ({ coordinate: { format, namespace, name } }) => [
      format,
      namespace ?? '',
      name,
    ]);
    return { packages: items.map(associatedPackage), nextToken };
  },
};

/** The groups, which are sorted by pattern, that come after the page before. */
function after({ after }: Page, groups: readonly PackageGroup[]): readonly PackageGroup[] {
  const [last] = after ?? [];
  if (last === undefined) return groups;
  const bytes = Buffer.from(last);
  return groups.filter(({ pattern }) => Buffer.compare(Buffer.from(pattern), bytes) > 0);
}

function associatedPackage({ coordinate, association }: Associated): AssociatedPackage {
  return {
    format: coordinate.format as PackageFormat,
    namespace: coordinate.namespace ?? undefined,
    package: coordinate.name,
    associationType: association,
  };
}
