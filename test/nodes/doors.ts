import { Agent } from 'node:http';
import type { CodeartifactClient } from '@aws-sdk/client-codeartifact';
import { awsClient, FleetingUser, NpmUser, npmEndpoint } from '../support/user.ts';
import type { Nodes } from './nodes.ts';

/** One of several ways into what shall be one server. */
export interface Door {
  readonly aws: CodeartifactClient;
  npm(repository: string): NpmUser;
}

/** A door at each node. */
export function doorsOf({ all, domain, token }: Nodes): Door[] {
  return all.map(({ url, aws }) => ({
    aws,
    npm: (repository) => new NpmUser(npmEndpoint(url, domain, repository), token),
  }));
}

/** Doors that take a new connection for each request: those of a server with workers go to one after the other. */
export function newConnections(url: string, domain: string, token: string, count: number): Door[] {
  return Array.from({ length: count }, () => ({
    aws: awsClient(url, 'test', { requestHandler: { httpAgent: new Agent({ keepAlive: false }) } }),
    npm: (repository) => new FleetingUser(npmEndpoint(url, domain, repository), token),
  }));
}
