import {
  AssociateExternalConnectionCommand,
  type CodeartifactClient,
  CreateDomainCommand,
  CreateRepositoryCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionsCommand,
} from '@aws-sdk/client-codeartifact';
import type { StartOptions } from '../../src/main.ts';
import { endpointOf } from './endpoint-user.ts';
import { PublicIndex } from './pypi-index.ts';
import { PypiUser } from './pypi-user.ts';
import { startServer, type TestServer } from './server.ts';
import { awsClient, tokenFor } from './user.ts';

/** Repositories of one domain by name: their upstreams in order, or the connection `public:pypi`. */
export type PypiSketches = Readonly<Record<string, readonly string[] | 'public:pypi'>>;

/** A server with one domain and its repositories, a public Python index behind it, and users who may use them. */
export class PypiWorld {
  readonly domain = 'acme';
  readonly server: TestServer;
  readonly index: PublicIndex;
  readonly aws: CodeartifactClient;
  readonly token: string;

  private constructor(server: TestServer, index: PublicIndex, aws: CodeartifactClient, token: string) {
    this.server = server;
    this.index = index;
    this.aws = aws;
    this.token = token;
  }

  /** @param settings as on the command line; the index is the one of tests unless they say otherwise */
  static async with(
    repositories: PypiSketches,
    settings: Record<string, unknown> = {},
    options: Partial<StartOptions> = {},
  ): Promise<PypiWorld> {
    const index = await PublicIndex.start();
    const server = await startServer({ registry: { 'public:pypi': index.url }, ...settings }, options);
    const aws = awsClient(server.url);
    const domain = 'acme';
    await aws.send(new CreateDomainCommand({ domain }));
    for (const [repository, sketch] of Object.entries(repositories)) {
      const upstreams = Array.isArray(sketch) ? sketch.map((repositoryName: string) => ({ repositoryName })) : [];
      await aws.send(new CreateRepositoryCommand({ domain, repository, upstreams }));
      if (typeof sketch !== 'string') continue;
      await aws.send(new AssociateExternalConnectionCommand({ domain, repository, externalConnection: sketch }));
    }
    return new PypiWorld(server, index, aws, await tokenFor(aws, domain));
  }

  /** Someone at a repository, with a good token or the one that is given. */
  pypi(repository: string, token: string | undefined = this.token): PypiUser {
    return new PypiUser(endpointOf(this.server.url, this.domain, 'pypi', repository), token);
  }

  /** Someone at a repository who has no token. */
  stranger(repository: string): PypiUser {
    return new PypiUser(endpointOf(this.server.url, this.domain, 'pypi', repository), undefined);
  }

  /** Versions that a repository itself holds. */
  async held(repository: string, name: string): Promise<string[]> {
    const input = { domain: this.domain, repository, format: 'pypi', package: name } as const;
    const answer = await this.aws.send(new ListPackageVersionsCommand(input)).catch(() => undefined);
    return (answer?.versions ?? []).map(({ version = '' }) => version);
  }

  /** Names of the assets that a repository itself holds of a version. */
  async assets(repository: string, name: string, packageVersion: string): Promise<string[]> {
    const input = { domain: this.domain, repository, format: 'pypi', package: name, packageVersion } as const;
    const answer = await this.aws.send(new ListPackageVersionAssetsCommand(input)).catch(() => undefined);
    return (answer?.assets ?? []).map((asset) => asset.name ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.aws.destroy();
    await this.server[Symbol.asyncDispose]();
    await this.index.stop();
  }
}
