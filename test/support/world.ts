import {
  AssociateExternalConnectionCommand,
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
} from '@aws-sdk/client-codeartifact';
import type { StartOptions } from '../../src/main.ts';
import { PublicRegistry } from './public-registry.ts';
import { startServer, type TestServer } from './server.ts';
import { awsClient, NpmUser, npmEndpoint, tokenFor } from './user.ts';

/** Repositories of one domain by name: their upstreams in order, or the connection `public:npmjs`. */
export type RepositorySketches = Readonly<Record<string, readonly string[] | 'public:npmjs'>>;

/** Makes a domain and its repositories. Upstreams must stand before the repositories that name them. */
export async function makeRepositories(
  aws: CodeartifactClient,
  domain: string,
  repositories: RepositorySketches,
): Promise<void> {
  await aws.send(new CreateDomainCommand({ domain }));
  for (const [repository, sketch] of Object.entries(repositories)) {
    const upstreams = Array.isArray(sketch) ? sketch.map((repositoryName: string) => ({ repositoryName })) : [];
    await aws.send(new CreateRepositoryCommand({ domain, repository, upstreams }));
    if (sketch !== 'public:npmjs') continue;
    await aws.send(new AssociateExternalConnectionCommand({ domain, repository, externalConnection: sketch }));
  }
}

/** A server with one domain and its repositories, a public registry behind it, and users who may use them. */
export class World {
  readonly domain = 'acme';
  readonly server: TestServer;
  readonly publicRegistry: PublicRegistry;
  readonly aws: CodeartifactClient;
  readonly token: string;

  private constructor(server: TestServer, publicRegistry: PublicRegistry, aws: CodeartifactClient, token: string) {
    this.server = server;
    this.publicRegistry = publicRegistry;
    this.aws = aws;
    this.token = token;
  }

  static async with(
    repositories: RepositorySketches,
    settings: Record<string, unknown> = {},
    options: Partial<StartOptions> = {},
  ): Promise<World> {
    const publicRegistry = await PublicRegistry.start();
    const server = await startServer({ registry: { 'public:npmjs': publicRegistry.url }, ...settings }, options);
    const aws = awsClient(server.url);
    const domain = 'acme';
    await makeRepositories(aws, domain, repositories);
    return new World(server, publicRegistry, aws, await tokenFor(aws, domain));
  }

  /** Someone with a good token, at a repository. */
  npm(repository: string): NpmUser {
    return new NpmUser(npmEndpoint(this.server.url, this.domain, repository), this.token);
  }

  /** Someone with another token or none, at a repository. */
  npmWith(token: string | undefined, repository: string): NpmUser {
    return new NpmUser(npmEndpoint(this.server.url, this.domain, repository), token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.aws.destroy();
    await this.server[Symbol.asyncDispose]();
    await this.publicRegistry.stop();
  }
}
