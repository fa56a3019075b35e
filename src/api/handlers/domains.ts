import type {
  CreateDomainRequest,
  CreateDomainResult,
  DeleteDomainRequest,
  DeleteDomainResult,
  DescribeDomainRequest,
  DescribeDomainResult,
  DomainDescription,
  DomainSummary,
  ListDomainsRequest,
  ListDomainsResult,
} from '@aws-sdk/client-codeartifact';
import { domainArn } from '../../core/arns.ts';
import { createDomain } from '../../core/control/create-domain.ts';
import { deleteDomain } from '../../core/control/delete-domain.ts';
import { findDomain } from '../../core/control/find.ts';
import type { Domain } from '../../ports/storage.ts';
import type { Call } from '../messages.ts';
import { closePage, openPage } from '../pagination.ts';
import { domainName } from './names.ts';
import type { Checked } from './types.ts';

export const domainHandlers = {
  async CreateDomain(call: Call, input: Checked<CreateDomainRequest>): Promise<CreateDomainResult> {
    const { domain: name, encryptionKey, tags } = input;
    const domain = await createDomain(call.deps, call.request.caller, { name, encryptionKey, tags });
    return { domain: { ...summary(domain), repositoryCount: 0, assetSizeBytes: 0 } };
  },

  async DescribeDomain(call: Call, input: Checked<DescribeDomainRequest>): Promise<DescribeDomainResult> {
    const { domains } = call.deps.storage;
    const domain = await findDomain(call.deps.storage, domainName(call, input));
    return {
      domain: {
        ...summary(domain),
        repositoryCount: await domains.repositoryCount(domain.id),
        assetSizeBytes: await domains.assetSizeBytes(domain.id),
        // Terraform reads it; AWS shows it here only (reference, 2.3 and 2.13).
        s3BucketArn: `arn:aws:s3:::assets-${domain.owner}-${domain.region}`,
      },
    };
  },

  async ListDomains(call: Call, input: Checked<ListDomainsRequest>): Promise<ListDomainsResult> {
    const { account, region } = call.request.caller;
    const page = openPage(call, input, 1);
    const [after] = page.after ?? [];
    const found = await call.deps.storage.domains.list(account, region, {
      ...(after !== undefined && { after }),
      limit: page.limit + 1,
    });
    const { items, nextToken } = closePage(call, page, found, (domain) => [domain.name]);
    return { domains: items.map(summary), nextToken };
  },

  async DeleteDomain(call: Call, input: Checked<DeleteDomainRequest>): Promise<DeleteDomainResult> {
    const domain = await deleteDomain(call.deps, domainName(call, input));
    if (domain === undefined) return {};
    const deleted: DomainDescription = { ...summary(domain), status: 'Deleted', repositoryCount: 0, assetSizeBytes: 0 };
    return { domain: deleted };
  },
};

function summary(domain: Domain): DomainSummary {
  return {
    name: domain.name,
    owner: domain.owner,
    arn: domainArn({ region: domain.region, owner: domain.owner, domain: domain.name }),
    status: 'Active',
    createdTime: new Date(domain.createdAt),
    encryptionKey: domain.encryptionKey,
  };
}
