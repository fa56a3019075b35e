import type {
  CreatePackageGroupRequest,
  CreatePackageGroupResult,
  DeletePackageGroupRequest,
  DeletePackageGroupResult,
  DescribePackageGroupRequest,
  DescribePackageGroupResult,
  GetAssociatedPackageGroupRequest,
  GetAssociatedPackageGroupResult,
  PackageGroupAllowedRepository,
  PackageGroupAllowedRepositoryUpdateType,
  UpdatePackageGroupOriginConfigurationRequest,
  UpdatePackageGroupOriginConfigurationResult,
  UpdatePackageGroupRequest,
  UpdatePackageGroupResult,
} from '@aws-sdk/client-codeartifact';
import { createPackageGroup } from '../../core/control/create-package-group.ts';
import { deletePackageGroup } from '../../core/control/delete-package-group.ts';
import { normalizeCoordinate } from '../../core/control/find.ts';
import { describePackageGroup, detailsOf, findGroups } from '../../core/control/package-group-details.ts';
import { updatePackageGroup } from '../../core/control/update-package-group.ts';
import {
  type AllowListEntry,
  type AllowListUpdate,
  updatePackageGroupOriginConfiguration,
} from '../../core/control/update-package-group-origin-configuration.ts';
import { invalid } from '../../core/errors.ts';
import type { Call } from '../messages.ts';
import { coordinateOf, domainName } from './names.ts';
import { packageGroupDescription } from './package-group-descriptions.ts';
import type { Checked } from './types.ts';

export const packageGroupHandlers = {
  async CreatePackageGroup(call: Call, input: Checked<CreatePackageGroupRequest>): Promise<CreatePackageGroupResult> {
    const { packageGroup: pattern, contactInfo, description, tags } = input;
    const about = { contactInfo, description, tags };
    const details = await createPackageGroup(call.deps, domainName(call, input), pattern, about);
    return { packageGroup: packageGroupDescription(details) };
  },

  async DescribePackageGroup(
    call: Call,
    input: Checked<DescribePackageGroupRequest>,
  ): Promise<DescribePackageGroupResult> {
    const details = await describePackageGroup(call.deps, domainName(call, input), input.packageGroup);
    return { packageGroup: packageGroupDescription(details) };
  },

  async UpdatePackageGroup(call: Call, input: Checked<UpdatePackageGroupRequest>): Promise<UpdatePackageGroupResult> {
    const { packageGroup: pattern, contactInfo, description } = input;
    const about = { contactInfo, description };
    const details = await updatePackageGroup(call.deps, domainName(call, input), pattern, about);
    return { packageGroup: packageGroupDescription(details) };
  },

  async DeletePackageGroup(call: Call, input: Checked<DeletePackageGroupRequest>): Promise<DeletePackageGroupResult> {
    const details = await deletePackageGroup(call.deps, domainName(call, input), input.packageGroup);
    return { packageGroup: packageGroupDescription(details) };
  },

  /** The package need not exist. */
  async GetAssociatedPackageGroup(
    call: Call,
    input: Checked<GetAssociatedPackageGroupRequest>,
  ): Promise<GetAssociatedPackageGroupResult> {
    const coordinate = normalizeCoordinate(call.deps, coordinateOf(input));
    const { domain, tree } = await findGroups(call.deps, domainName(call, input));
    const { group, association } = tree.associate(coordinate);
    return {
      packageGroup: packageGroupDescription(detailsOf(tree, domain, group)),
      associationType: association,
    };
  },

  async UpdatePackageGroupOriginConfiguration(
    call: Call,
    input: Checked<UpdatePackageGroupOriginConfigurationRequest>,
  ): Promise<UpdatePackageGroupOriginConfigurationResult> {
    const { packageGroup: pattern, restrictions: modes = {} } = input;
    const details = await updatePackageGroupOriginConfiguration(call.deps, domainName(call, input), pattern, {
      modes,
      added: allowListEntries('addAllowedRepositories', input.addAllowedRepositories),
      removed: allowListEntries('removeAllowedRepositories', input.removeAllowedRepositories),
    });
    const updates = Array.from(
      details.updates,
      ([restriction, update]) => [restriction, namesByUpdate(update)] as const,
    );
    return {
      packageGroup: packageGroupDescription(details),
      allowedRepositoryUpdates: Object.fromEntries(updates.filter(([, names]) => Object.keys(names).length > 0)),
    };
  },
};

/** The model requires neither member; without one of them an entry says nothing. */
function allowListEntries(
  field: string,
  entries: readonly Checked<PackageGroupAllowedRepository>[] = [],
): AllowListEntry[] {
  return entries.map(({ repositoryName: repository, originRestrictionType: restriction }) => {
    if (repository === undefined || restriction === undefined) {
      throw invalid(`Every entry of ${field} needs a repositoryName and an originRestrictionType.`);
    }
    return { repository, restriction };
  });
}

function namesByUpdate({
  added,
  removed,
}: AllowListUpdate): Partial<Record<PackageGroupAllowedRepositoryUpdateType, string[]>> {
  return {
    ...(added.length > 0 && { ADDED: [...added] }),
    ...(removed.length > 0 && { REMOVED: [...removed] }),
  };
}
