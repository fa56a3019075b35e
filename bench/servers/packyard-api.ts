import { mustCall } from '../call.ts';

export const account = '000000000000';
export const region = 'eu-central-1';
export const domain = 'bench';

/** Signed as far as `--auth open` looks: it takes any signature. */
export const signed = {
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/codeartifact/aws4_request, SignedHeaders=host, Signature=0`,
} as const;

/** Query strings of API requests about a repository of the benchmark's domain. */
export function repositoryQuery(repository: string, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ domain, repository, ...more }).toString();
}

/** Creates the domain with two repositories: `npm`, connected to the public registry, and `private`, to nothing. */
export async function createRepositories(port: number): Promise<void> {
  const post = (path: string) => mustCall(port, path, { method: 'POST', headers: signed });
  await post(`/v1/domain?domain=${domain}`);
  for (const repository of ['npm', 'private']) await post(`/v1/repository?${repositoryQuery(repository)}`);
  const connection = { 'external-connection': 'public:npmjs' };
  await post(`/v1/repository/external-connection?${repositoryQuery('npm', connection)}`);
}

/** A token for the domain. */
export async function authorizationToken(port: number): Promise<string> {
  const path = `/v1/authorization-token?domain=${domain}`;
  const { body } = await mustCall(port, path, { method: 'POST', headers: signed });
  return (JSON.parse(body.toString()) as { authorizationToken: string }).authorizationToken;
}

/** The path of a repository's endpoint for a format; ends in `/`. */
export function endpointPath(repository: string, format = 'npm'): string {
  return `/d/${region}/${domain}-${account}/${format}/${repository}/`;
}
