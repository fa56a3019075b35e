import {
  AssociateExternalConnectionCommand,
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
} from '@aws-sdk/client-codeartifact';
import type { StartOptions } from '../../src/main.ts';
import { PublicRegistry } from './public-registry.ts';
import { startServer, type TestServer } from './server.ts';
import type { StandIn } from './stand-in.ts';
import { awsClient, endpointOf, NpmUser, tokenFor } from './user.ts';

/** Repositories of one domain by name: their upstreams in order, or their external connection. */
export type RepositorySketches = Readonly<Record<string, readonly string[] | `public:${string}`>>;

/** Makes a domain and its repositories. Upstreams must stand before the repositories that name them. */
export async function makeRepositories(
  aws: CodeartifactClient,
  domain: string,
  repositories: RepositorySketches,
): Promise<void> {
  await aws.send(new CreateDomainCommand({ domain }));
  for (const [repository, sketch] of Object.entries(repositories)) {
    const upstreams = typeof sketch === 'string' ? [] : sketch.map((repositoryName) => ({ repositoryName }));
    await aws.send(new CreateRepositoryCommand({ domain, repository, upstreams }));
    if (typeof sketch !== 'string') continue;
    await aws.send(new AssociateExternalConnectionCommand({ domain, repository, externalConnection: sketch }));
  }
}

const domain = 'acme';

interface Parts<Registry> {
  readonly server: TestServer;
  readonly publicRegistry: Registry;
  readonly aws: CodeartifactClient;
  readonly token: string;
}

/** A server with one domain and its repositories, a public registry behind it, and someone who may use them. */
export abstract class ServerWorld<Registry extends StandIn> {
  readonly domain = domain;
  readonly server: TestServer;
  readonly publicRegistry: Registry;
  readonly aws: CodeartifactClient;
  readonly token: string;

  protected constructor({ server, publicRegistry, aws, token }: Parts<Registry>) {
    this.server = server;
    this.publicRegistry = publicRegistry;
    this.aws = aws;
    this.token = token;
  }

  /** @param settings as on the command line; the connection leads to the registry unless they say otherwise */
  protected static async parts<Registry extends StandIn>(
    publicRegistry: Registry,
    connection: `public:${string}`,
    repositories: RepositorySketches,
    settings: Record<string, unknown> = {},
    options: Partial<StartOptions> = {},
  ): Promise<Parts<Registry>> {
    const server = await startServer({ registry: { [connection]: publicRegistry.url }, ...settings }, options);
    const aws = awsClient(server.url);
    await makeRepositories(aws, domain, repositories);
    return { server, publicRegistry, aws, token: await tokenFor(aws, domain) };
  }

  endpoint(format: string, repository: string): string {
    return endpointOf(this.server.url, this.domain, format, repository);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.aws.destroy();
    await this.server[Symbol.asyncDispose]();
    await this.publicRegistry.stop();
  }
}

/** Where users speak the npm protocol. */
export class World extends ServerWorld<PublicRegistry> {
  static async with(
    repositories: RepositorySketches,
    settings?: Record<string, unknown>,
    options?: Partial<StartOptions>,
  ): Promise<World> {
    const publicRegistry = await PublicRegistry.start();
    return new World(await World.parts(publicRegistry, 'public:npmjs', repositories, settings, options));
  }

  /** Someone with a good token, at a repository. */
  npm(repository: string): NpmUser {
    return this.npmWith(this.token, repository);
  }

  /** Someone with another token or none, at a repository. */
  npmWith(token: string | undefined, repository: string): NpmUser {
    return new NpmUser(this.endpoint('npm', repository), token);
  }
}
