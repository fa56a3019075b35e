import type { PackageCoordinate, RepositoryName } from './coordinates.ts';

interface DomainName {
  readonly region: string;
  readonly owner: string;
  readonly domain: string;
}

/** ARN shapes: AWS Service Authorization Reference for CodeArtifact. The account is always the domain owner's. */
export function domainArn({ region, owner, domain }: DomainName): string {
  return `arn:aws:codeartifact:${region}:${owner}:domain/${domain}`;
}

export function repositoryArn({ region, owner, domain, repository }: RepositoryName): string {
  return `arn:aws:codeartifact:${region}:${owner}:repository/${domain}/${repository}`;
}

/** Without a namespace the segment is empty: `…/npm//react`. */
export function packageArn(
  { region, owner, domain, repository }: RepositoryName,
  coordinate: PackageCoordinate,
): string {
  const { format, namespace, name } = coordinate;
  return `arn:aws:codeartifact:${region}:${owner}:package/${domain}/${repository}/${format}/${namespace ?? ''}/${name}`;
}
