import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { collectBlobs } from '../../src/core/collect-blobs.ts';
import { openWorld, type World } from './world.ts';

type Input = Readonly<Record<string, unknown>>;

const domain = 'acme';

/** A generic package: the format whose versions can have every status. */
export const tool = { format: 'generic', namespace: 'tools', package: 'drill' };

/** An npm package. */
export const lib = { format: 'npm', package: 'lib' };

export const at = (repository: string) => ({ domain, repository });

export const statuses = ['Unfinished', 'Published', 'Unlisted', 'Archived', 'Disposed'] as const;
export type Status = (typeof statuses)[number];

/** The answer to a batch in which each of these versions was changed. */
export const changed = (status: string, ...versions: readonly string[]) => ({
  successfulVersions: Object.fromEntries(
    versions.map((version) => [version, { revision: expect.any(String), status }]),
  ),
  failedVersions: {},
});

/** The answer to a batch in which nothing was changed. */
export const refused = (failures: Readonly<Record<string, readonly [code: string, text: string]>>) => ({
  successfulVersions: {},
  failedVersions: Object.fromEntries(
    Object.entries(failures).map(([version, [errorCode, errorMessage]]) => [version, { errorCode, errorMessage }]),
  ),
});

/** What an event tells, in short. */
export interface Happening {
  readonly repository: string;
  readonly version: string;
  readonly operation: string;
  readonly status: string;
  /** Assets added, removed, updated. */
  readonly assets: readonly [number, number, number];
  readonly metadata: boolean;
  readonly statusChanged: boolean;
}

/** A domain with some repositories, and what the life of versions in them is made of. */
export class Shelf {
  readonly world: World;
  #told = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Repositories with their upstreams; these must stand before those that name them. */
  static async with(repositories: Readonly<Record<string, readonly string[]>>): Promise<Shelf> {
    const world = await openWorld();
    await world.ok('CreateDomain', { domain });
    for (const [repository, names] of Object.entries(repositories)) {
      const upstreams = names.map((repositoryName) => ({ repositoryName }));
      await world.ok('CreateRepository', { ...at(repository), upstreams });
    }
    return new Shelf(world);
  }

  /** An operation on versions of a package. */
  batch(operation: string, repository: string, versions: readonly string[], more: Input = {}, of: Input = tool) {
    return this.world.ok(operation, { ...at(repository), ...of, versions, ...more });
  }

  setStatus(repository: string, version: string, targetStatus: string, of: Input = tool) {
    return this.batch('UpdatePackageVersionsStatus', repository, [version], { targetStatus }, of);
  }

  copy(from: string, to: string, versions: readonly string[], more: Input = {}, of: Input = tool) {
    const input = { domain, sourceRepository: from, destinationRepository: to, ...of, versions, ...more };
    return this.world.ok('CopyPackageVersions', input);
  }

  /** Publishes an asset of the generic package. */
  add(repository: string, packageVersion: string, assetName: string, assetContent: string, more: Input = {}) {
    const assetSHA256 = createHash('sha256').update(assetContent).digest('hex');
    const input = { ...at(repository), ...tool, packageVersion, assetName, assetContent, assetSHA256, ...more };
    return this.world.call('PublishPackageVersion', input);
  }

  /** Brings a version of the generic package with the asset `a.txt` to a status. */
  async bring(repository: string, version: string, status: Status, content = `bytes of ${version}`): Promise<void> {
    const { json } = await this.add(repository, version, 'a.txt', content, { unfinished: status === 'Unfinished' });
    if (json?.['versionRevision'] === undefined) throw new Error(JSON.stringify(json));
    if (status === 'Unlisted' || status === 'Archived') await this.setStatus(repository, version, status);
    if (status === 'Disposed') await this.batch('DisposePackageVersions', repository, [version]);
  }

  /** The version in a repository; undefined where it is not. */
  async describe(
    repository: string,
    packageVersion: string,
    of: Input = tool,
  ): Promise<{ status: string; revision: string; origin: object; publishedTime: number } | undefined> {
    const { status, json } = await this.world.call('DescribePackageVersion', {
      ...at(repository),
      ...of,
      packageVersion,
    });
    return status === 200 ? (json?.['packageVersion'] as never) : undefined;
  }

  async statusOf(repository: string, version: string, of: Input = tool): Promise<string | undefined> {
    return (await this.describe(repository, version, of))?.status;
  }

  /** The text of an asset, or the status of the answer. */
  async read(repository: string, packageVersion: string, asset = 'a.txt', of: Input = tool): Promise<string | number> {
    const answer = await this.world.call('GetPackageVersionAsset', { ...at(repository), ...of, packageVersion, asset });
    return answer.status === 200 ? answer.bytes.toString() : answer.status;
  }

  async assetNames(repository: string, packageVersion: string, of: Input = tool): Promise<string[]> {
    const { assets } = await this.world.ok('ListPackageVersionAssets', { ...at(repository), ...of, packageVersion });
    return (assets as { name: string }[]).map(({ name }) => name);
  }

  async versions(repository: string, of: Input = tool): Promise<string[]> {
    const { json } = await this.world.call('ListPackageVersions', { ...at(repository), ...of });
    return ((json?.['versions'] ?? []) as { version: string }[]).map(({ version }) => version);
  }

  async restrictions(repository: string, of: Input = tool): Promise<unknown> {
    const { json } = await this.world.call('DescribePackage', { ...at(repository), ...of });
    return (json?.['package'] as { originConfiguration?: { restrictions: object } } | undefined)?.originConfiguration
      ?.restrictions;
  }

  /** What AWS bills of the domain. */
  async assetSizeBytes(): Promise<number> {
    const { domain: described } = await this.world.ok('DescribeDomain', { domain });
    return (described as { assetSizeBytes: number }).assetSizeBytes;
  }

  /** How many blobs there are. */
  async blobs(): Promise<number> {
    return (await Array.fromAsync(this.world.deps.blobs.list())).length;
  }

  /** Lets two collections pass, with more than the hour between them that unused bytes are kept for. */
  async collect(): Promise<void> {
    await collectBlobs(this.world.deps);
    this.world.time.now += 2 * 60 * 60_000;
    await collectBlobs(this.world.deps);
  }

  /** What was told since the last time. */
  async happenings(): Promise<Happening[]> {
    const { events } = this.world.deps.storage;
    while (await events.place());
    const placed = await events.after(this.#told, {}, 1_000);
    this.#told = placed.at(-1)?.position ?? this.#told;
    return placed.map(({ detail }) => {
      const event = JSON.parse(detail);
      const { assetsAdded, assetsRemoved, assetsUpdated, metadataUpdated, statusChanged } = event.changes;
      return {
        repository: event.repositoryName,
        version: event.packageVersion,
        operation: event.operationType,
        status: event.packageVersionState,
        assets: [assetsAdded, assetsRemoved, assetsUpdated],
        metadata: metadataUpdated,
        statusChanged,
      };
    });
  }
}
