import {
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
  GetRepositoryEndpointCommand,
} from '@aws-sdk/client-codeartifact';
import { awsClient, NpmUser, npmEndpoint, tokenFor } from '../support/user.ts';

/** A domain `acme` with the repository `team`, just made on a server, and someone who may use it. */
export interface Team {
  readonly aws: CodeartifactClient;
  readonly token: string;
  readonly npm: NpmUser;
}

export async function newTeam(serverUrl: string): Promise<Team> {
  const aws = awsClient(serverUrl);
  await aws.send(new CreateDomainCommand({ domain: 'acme' }));
  await aws.send(new CreateRepositoryCommand({ domain: 'acme', repository: 'team' }));
  const token = await tokenFor(aws, 'acme');
  return { aws, token, npm: new NpmUser(npmEndpoint(serverUrl, 'acme', 'team'), token) };
}

/** The npm endpoint that the server hands out for the repository. */
export async function endpointOf({ aws }: Team): Promise<string | undefined> {
  const input = { domain: 'acme', repository: 'team', format: 'npm' } as const;
  return (await aws.send(new GetRepositoryEndpointCommand(input))).repositoryEndpoint;
}
