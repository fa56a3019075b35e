import type {
  PackageGroupDescription,
  PackageGroupOriginRestriction,
  PackageGroupReference,
} from '@aws-sdk/client-codeartifact';
import type { GroupRestrictionDetails, PackageGroupDetails } from '../../core/control/package-group-details.ts';
import { packageGroupArn } from '../../core/control/resource-arn.ts';
import type { Domain, PackageGroup } from '../../ports/storage.ts';

/** A package group as AWS describes it, alone and in lists. */
export function packageGroupDescription(details: PackageGroupDetails): PackageGroupDescription {
  const { domain, group, parent, restrictions } = details;
  return {
    ...reference(domain, group),
    domainName: domain.name,
    domainOwner: domain.owner,
    createdTime: new Date(group.createdAt),
    contactInfo: group.contactInfo ?? undefined,
    description: group.description ?? undefined,
    originConfiguration: {
      restrictions: {
        PUBLISH: originRestriction(domain, restrictions.PUBLISH),
        EXTERNAL_UPSTREAM: originRestriction(domain, restrictions.EXTERNAL_UPSTREAM),
        INTERNAL_UPSTREAM: originRestriction(domain, restrictions.INTERNAL_UPSTREAM),
      },
    },
    parent: parent && reference(domain, parent),
  };
}

function originRestriction(domain: Domain, restriction: GroupRestrictionDetails): PackageGroupOriginRestriction {
  const { mode, effectiveMode, inheritedFrom, repositoriesCount } = restriction;
  return { mode, effectiveMode, inheritedFrom: inheritedFrom && reference(domain, inheritedFrom), repositoriesCount };
}

function reference({ region, owner, name }: Domain, { pattern }: PackageGroup): PackageGroupReference {
  return { arn: packageGroupArn({ region, owner, domain: name }, pattern), pattern };
}
