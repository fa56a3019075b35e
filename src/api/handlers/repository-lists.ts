import type {
  ListRepositoriesInDomainRequest,
  ListRepositoriesInDomainResult,
  ListRepositoriesRequest,
  ListRepositoriesResult,
} from '@aws-sdk/client-codeartifact';
import { findDomain } from '../../core/control/find.ts';
import type { Call } from '../messages.ts';
import { closePage, openPage } from '../pagination.ts';
import { domainName } from './names.ts';
import { repositorySummary } from './repository-descriptions.ts';
import type { Checked } from './types.ts';

export const repositoryListHandlers = {
  async ListRepositories(call: Call, input: Checked<ListRepositoriesRequest>): Promise<ListRepositoriesResult> {
    const { account, region } = call.request.caller;
    const { repositoryPrefix: prefix } = input;
    const page = openPage(call, input, 3);
    const [name, owner, domain] = page.after ?? [];
    const found = await call.deps.storage.repositories.listByAdministrator(
      account,
      region,
      { ...(prefix !== undefined && { prefix }) },
      {
        ...(name !== undefined && owner !== undefined && domain !== undefined && { after: { name, owner, domain } }),
        limit: page.limit + 1,
      },
    );
    const { items, nextToken } = closePage(call, page, found, (item) => [
      item.repository.name,
      item.domain.owner,
      item.domain.name,
    ]);
    return { repositories: items.map(repositorySummary), nextToken };
  },

  async ListRepositoriesInDomain(
    call: Call,
    input: Checked<ListRepositoriesInDomainRequest>,
  ): Promise<ListRepositoriesInDomainResult> {
    const { repositoryPrefix: prefix, administratorAccount } = input;
    const domain = await findDomain(call.deps.storage, domainName(call, input));
    const page = openPage(call, input, 1);
    const [after] = page.after ?? [];
    const found = await call.deps.storage.repositories.listInDomain(
      domain.id,
      { ...(prefix !== undefined && { prefix }), ...(administratorAccount !== undefined && { administratorAccount }) },
      { ...(after !== undefined && { after }), limit: page.limit + 1 },
    );
    const { items, nextToken } = closePage(call, page, found, (repository) => [repository.name]);
    return { repositories: items.map((repository) => repositorySummary({ domain, repository })), nextToken };
  },
};
