import * as sdk from '@aws-sdk/client-codeartifact';
import { expect } from 'vitest';
import { TestClock } from '../../support/clock.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { awsClient, EndpointUser, endpointOf, type Json, tokenFor } from '../../support/user.ts';
import { makeRepositories } from '../../support/world.ts';
import type { FormatRegistry, FormatUser, Place, Release, ReleaseFile } from './format-user.ts';

/** `team` sees what is in `shared`, that in `base` and that in `store`, which has the public registry; `apart` is alone. */
export const repositories = {
  base: [],
  store: [],
  shared: ['base', 'store'],
  team: ['shared'],
  apart: [],
} as const satisfies Record<string, readonly string[]>;
export type RepositoryName = keyof typeof repositories;

const domain = 'acme';

/** An answer with its bytes. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** What an event tells, in short. */
export interface Told {
  readonly repository: string;
  readonly version: string;
  readonly operation: string;
  readonly status: string;
  readonly assetsAdded: number;
}

/** A server with some repositories, seen by users of one format and by the API. */
export class FormatWorld {
  readonly domain = domain;
  readonly format: FormatUser;
  readonly clock: TestClock;
  readonly token: string;
  readonly #server: TestServer;
  readonly #aws: sdk.CodeartifactClient;
  readonly #registry: FormatRegistry | undefined;
  #names = 0;
  #told = 0;

  private constructor(
    format: FormatUser,
    clock: TestClock,
    server: TestServer,
    aws: sdk.CodeartifactClient,
    registry: FormatRegistry | undefined,
    token: string,
  ) {
    this.format = format;
    this.clock = clock;
    this.token = token;
    this.#server = server;
    this.#aws = aws;
    this.#registry = registry;
  }

  static async of(format: FormatUser, settings: Record<string, unknown> = {}): Promise<FormatWorld> {
    const clock = new TestClock();
    const registry = await format.registry?.start();
    const registries = format.registry && registry && { registry: { [format.registry.connection]: registry.url } };
    const server = await startServer({ ...registries, ...settings }, { clock });
    const aws = awsClient(server.url);
    const connections = format.registry === undefined ? {} : { store: format.registry.connection };
    await makeRepositories(aws, domain, { ...repositories, ...connections });
    return new FormatWorld(format, clock, server, aws, registry, await tokenFor(aws, domain));
  }

  get url(): string {
    return this.#server.url;
  }

  get registry(): FormatRegistry {
    if (this.#registry === undefined) throw new Error(`${this.format.format} has no public registry`);
    return this.#registry;
  }

  /** A release of a package that nobody knows yet. */
  fresh(more: Partial<Release> = {}): Release {
    this.#names += 1;
    return { name: `lib-${this.#names}`, version: '1.0.0', ...more };
  }

  /** Calls an operation by its name. */
  async call(operation: string, input: object = {}): Promise<Json> {
    const Command = Reflect.get(sdk, `${operation}Command`) as new (input: object) => sdk.ListDomainsCommand;
    return this.#aws.send(new Command({ domain, ...input })) as Promise<Json>;
  }

  /** What the API's answer is, or the error that it is instead, in one word. */
  async word(operation: string, input: object): Promise<string> {
    return this.call(operation, input).then(
      () => 'ok',
      (error: sdk.CodeartifactServiceException) => error.name,
    );
  }

  /** A package in a repository, as the API is asked for it. */
  where(repository: RepositoryName, name: string) {
    return { repository, ...this.coordinate(name) };
  }

  coordinate(name: string) {
    return { format: this.format.format, ...this.format.coordinate(name) };
  }

  /** A place with a good token, or with another one. */
  place(repository: RepositoryName, token: string | undefined = this.token): Place {
    const user = new EndpointUser(endpointOf(this.url, domain, this.format.format, repository), token);
    return { user, publishedByApi: (name) => this.versions(repository, name, { status: 'Published' }) };
  }

  publish(repository: RepositoryName, release: Release): Promise<number> {
    return this.format.publish(this.place(repository), release);
  }

  /** Publishes what is to be there for a story. */
  async published(repository: RepositoryName, release: Release): Promise<void> {
    expect(await this.publish(repository, release), `publish of ${release.name}`).toBeOneOf([200, 201, 202, 204]);
  }

  /** Adds a file to a version; see `FormatUser.add`. */
  async add(repository: RepositoryName, release: Release, file: ReleaseFile, isLast = true): Promise<number> {
    return (await this.format.add?.(this.place(repository), release, file, isLast)) ?? 0;
  }

  async listed(repository: RepositoryName, name: string): Promise<string[]> {
    return (await this.format.listed(this.place(repository), name)).toSorted();
  }

  async fetch(
    repository: RepositoryName,
    path: string,
    init: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const response = await this.place(repository).user.fetch(path, init);
    return {
      status: response.status,
      headers: response.headers,
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  }

  /** Fetches a release's first file, or another one. */
  async download(repository: RepositoryName, release: Release, fileName?: string): Promise<Reply> {
    const name = fileName ?? (await this.mainFile(release)).name;
    return this.fetch(repository, this.format.pathOf(release, name));
  }

  /** A client at this repository gets exactly what the release is made of. */
  async expectBytes(repository: RepositoryName, release: Release): Promise<void> {
    for (const { name, bytes } of await this.format.files(release)) {
      const reply = await this.download(repository, release, name);
      expect(reply.status, `${name} at ${repository}`).toBe(200);
      expect(reply.bytes.equals(bytes), `bytes of ${name} at ${repository}`).toBe(true);
    }
  }

  async mainFile(release: Release): Promise<ReleaseFile> {
    const [file] = await this.format.files(release);
    if (file === undefined) throw new Error('a release has a file');
    return file;
  }

  /** The versions that a repository itself has, by the API; none where it has no such package. */
  async versions(repository: RepositoryName, name: string, more: object = {}): Promise<string[]> {
    const answer = await this.call('ListPackageVersions', { ...this.where(repository, name), ...more }).catch(
      (error: sdk.CodeartifactServiceException) => {
        if (error.name !== 'ResourceNotFoundException') throw error;
        return { versions: [] };
      },
    );
    return answer['versions'].map(({ version }: { version: string }) => version).toSorted();
  }

  async assets(repository: RepositoryName, { name, version }: Release): Promise<Json[]> {
    const input = { ...this.where(repository, name), packageVersion: version };
    return (await this.call('ListPackageVersionAssets', input))['assets'];
  }

  async describe(repository: RepositoryName, { name, version }: Release): Promise<Json> {
    const input = { ...this.where(repository, name), packageVersion: version };
    return (await this.call('DescribePackageVersion', input))['packageVersion'];
  }

  async restrictions(repository: RepositoryName, name: string): Promise<Json> {
    const answer = await this.call('DescribePackage', this.where(repository, name));
    return answer['package'].originConfiguration.restrictions;
  }

  /** An operation on one version, that must not fail. */
  async change(operation: string, repository: RepositoryName, release: Release, more: object = {}): Promise<void> {
    const input = { ...this.where(repository, release.name), versions: [release.version], ...more };
    expect((await this.call(operation, input))['failedVersions'] ?? {}, operation).toEqual({});
  }

  setStatus(repository: RepositoryName, release: Release, targetStatus: string): Promise<void> {
    return this.change('UpdatePackageVersionsStatus', repository, release, { targetStatus });
  }

  /** Says where versions of this one package may come from, by a package group of its own. */
  async restrictGroup(name: string, restrictions: Readonly<Record<string, string>>): Promise<void> {
    const { format, namespace = '', package: its } = this.coordinate(name);
    const packageGroup = `/${format}/${namespace}/${its}$`;
    await this.word('CreatePackageGroup', { packageGroup });
    await this.call('UpdatePackageGroupOriginConfiguration', { packageGroup, restrictions });
  }

  async assetSizeBytes(): Promise<number> {
    return Number((await this.call('DescribeDomain'))['domain'].assetSizeBytes);
  }

  /** What was told of a package since this was last asked. */
  async happenings(name: string): Promise<Told[]> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.url}/_packyard/events?after=${this.#told}`, { headers });
    const lines = (await response.text()).split('\n').filter(Boolean);
    const events = lines.map((line) => JSON.parse(line) as Json);
    this.#told = events.at(-1)?.['position'] ?? this.#told;
    const wanted = this.coordinate(name);
    return events
      .map(({ detail }): Json => detail)
      .filter(
        ({ packageFormat, packageNamespace, packageName }) =>
          packageFormat === wanted.format &&
          (packageNamespace ?? undefined) === wanted.namespace &&
          packageName === wanted.package,
      )
      .map((detail) => ({
        repository: detail['repositoryName'],
        version: detail['packageVersion'],
        operation: detail['operationType'],
        status: detail['packageVersionState'],
        assetsAdded: detail['changes'].assetsAdded,
      }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aws.destroy();
    await this.#server[Symbol.asyncDispose]();
    await this.#registry?.stop();
  }
}
