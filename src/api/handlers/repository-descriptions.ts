import type {
  RepositoryDescription,
  RepositoryExternalConnectionInfo,
  RepositorySummary,
} from '@aws-sdk/client-codeartifact';
import { repositoryArn } from '../../core/arns.ts';
import type { RepositoryDetails } from '../../core/control/repository-details.ts';
import { externalConnections } from '../../core/external-connections.ts';
import type { RepositoryInDomain } from '../../ports/storage.ts';

/** A repository as AWS's lists show it. */
export function repositorySummary({ domain, repository }: RepositoryInDomain): RepositorySummary {
  return {
    name: repository.name,
    administratorAccount: repository.administratorAccount,
    domainName: domain.name,
    domainOwner: domain.owner,
    arn: repositoryArn({
      region: domain.region,
      owner: domain.owner,
      domain: domain.name,
      repository: repository.name,
    }),
    description: repository.description ?? undefined,
    createdTime: new Date(repository.createdAt),
  };
}

/** A repository as AWS describes it; its two lists are always there. */
export function repositoryDescription(details: RepositoryDetails): RepositoryDescription {
  return {
    ...repositorySummary(details),
    upstreams: details.upstreams.map((repositoryName) => ({ repositoryName })),
    externalConnections: details.connections.map(connectionInfo),
  };
}

function connectionInfo(externalConnectionName: string): RepositoryExternalConnectionInfo {
  return {
    externalConnectionName,
    packageFormat: externalConnections.get(externalConnectionName) as RepositoryExternalConnectionInfo['packageFormat'],
    // On the wire AWS writes it in upper case, against its own enum (reference, 2.1); Terraform waits for this text.
    status: 'AVAILABLE' as string as 'Available',
  };
}
