import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectBlobs } from '../../src/core/collect-blobs.ts';
import { findRepository } from '../../src/core/control/find.ts';
import { publishVersion } from '../../src/core/publish-version.ts';
import { AssetReceiver } from '../../src/core/receive-asset.ts';
import { retainFromUpstream } from '../../src/core/retain-version.ts';
import { npmRules } from '../../src/formats/npm/rules.ts';
import type { RepositoryInDomain } from '../../src/ports/storage.ts';
import { openWorld, owner, type World } from '../api/world.ts';
import {
  assetNames,
  numbers,
  type Package,
  type PublishStep,
  packages,
  type Repository,
  repositories,
  ShelfModel,
  type Step,
} from './shelf-model.ts';

const domain = 'acme';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
/** Of different sizes, so that a sum of them tells which they are. */
const contents = ['', '1', '22', 'four'];

const coordinates = {
  drill: { format: 'generic', namespace: 'tools', package: 'drill' },
  lib: { format: 'npm', package: 'lib' },
} as const;

const libCoordinate = { format: 'npm', namespace: null, name: 'lib' };

const yes = () => true;
const no = () => false;

const repository = fc.constantFrom(...repositories);
const version = fc.constantFrom(...numbers);
const name = fc.constantFrom(...packages);
const bytes = fc.constantFrom(...contents);

const publishes: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('publish' as const),
    repository,
    package: fc.constant('drill' as const),
    version,
    asset: fc.constantFrom(...assetNames),
    bytes,
    unfinished: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('publish' as const),
    repository,
    package: fc.constant('lib' as const),
    version,
    asset: fc.constant('package.tgz'),
    bytes,
    unfinished: fc.constant(false),
  }),
);

const ways = fc.constantFrom(
  ...repositories.flatMap((from) => repositories.filter((to) => to !== from).map((to) => ({ from, to }))),
);
const copies: fc.Arbitrary<Step> = fc
  .tuple(ways, fc.record({ kind: fc.constant('copy' as const), package: name, version, overwrites: fc.boolean() }))
  .map(([way, step]) => ({ ...way, ...step }));
const retentions: fc.Arbitrary<Step> = fc
  .tuple(ways, version)
  .map(([way, version]) => ({ kind: 'retain', ...way, version }));
const changes: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('dispose', 'dispose', 'delete', 'delete', 'Published', 'Unlisted', 'Archived'),
  repository,
  package: name,
  version,
});
const deletions: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('delete package' as const), repository, package: name }),
  fc.record({ kind: fc.constant('delete repository' as const), repository }),
);
const collections: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('collect' as const),
  afterMinutes: fc.constantFrom(0, 10, 59, 61, 600),
});

const steps = fc.oneof(
  { weight: 8, arbitrary: publishes },
  { weight: 8, arbitrary: copies },
  { weight: 4, arbitrary: retentions },
  { weight: 6, arbitrary: changes },
  { weight: 1, arbitrary: deletions },
  { weight: 4, arbitrary: collections },
);

/** Something is there before anything else happens. */
const lives = fc
  .tuple(
    fc.array(publishes, { minLength: 5, maxLength: 8 }),
    fc.array(steps, { minLength: 10, maxLength: 35, size: 'max' }),
  )
  .map(([first, then]) => [...first, ...then]);

/** The real domain, told to do what the model does. */
class RealShelf {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  static async open(): Promise<RealShelf> {
    const world = await openWorld();
    await world.ok('CreateDomain', { domain });
    for (const repository of repositories) await world.ok('CreateRepository', { domain, repository });
    return new RealShelf(world);
  }

  /** Returns whether it succeeded. */
  async take(step: Step): Promise<boolean> {
    const { world } = this;
    switch (step.kind) {
      case 'publish':
        return this.#publish(step);
      case 'copy': {
        const repositories = { sourceRepository: step.from, destinationRepository: step.to };
        const more = { versions: [step.version], allowOverwrite: step.overwrites };
        return this.#batch('CopyPackageVersions', { domain, ...repositories, ...coordinates[step.package], ...more });
      }
      case 'retain':
        return this.#retain(step.from, step.to, step.version);
      case 'delete package': {
        const place = { domain, repository: step.repository, ...coordinates[step.package] };
        return (await world.call('DeletePackage', place)).status === 200;
      }
      case 'delete repository': {
        const place = { domain, repository: step.repository };
        await world.ok('DeleteRepository', place);
        await world.ok('CreateRepository', place);
        return true;
      }
      case 'collect':
        world.time.now += step.afterMinutes * 60_000;
        await collectBlobs(world.deps);
        return true;
      default: {
        const input = { domain, repository: step.repository, ...coordinates[step.package], versions: [step.version] };
        if (step.kind === 'dispose') return this.#batch('DisposePackageVersions', input);
        if (step.kind === 'delete') return this.#batch('DeletePackageVersions', input);
        return this.#batch('UpdatePackageVersionsStatus', { ...input, targetStatus: step.kind });
      }
    }
  }

  async blobs(): Promise<Set<string>> {
    return new Set((await Array.fromAsync(this.world.deps.blobs.list())).map((blob) => blob.sha256));
  }

  async assetSizeBytes(): Promise<number> {
    const { domain: described } = await this.world.ok('DescribeDomain', { domain });
    return (described as { assetSizeBytes: number }).assetSizeBytes;
  }

  async read(repository: Repository, of: Package, packageVersion: string, asset: string): Promise<string | number> {
    const input = { domain, repository, ...coordinates[of], packageVersion, asset };
    const { status, bytes } = await this.world.call('GetPackageVersionAsset', input);
    return status === 200 ? bytes.toString() : status;
  }

  async #publish(step: PublishStep): Promise<boolean> {
    const { repository, version, asset, bytes, unfinished } = step;
    if (step.package === 'lib') return this.#publishLib(repository, version, bytes);
    const { status } = await this.world.call('PublishPackageVersion', {
      domain,
      repository,
      ...coordinates.drill,
      packageVersion: version,
      assetName: asset,
      assetContent: bytes,
      assetSHA256: sha256(bytes),
      unfinished,
    });
    return status === 200;
  }

  /** As `npm publish` does it. */
  async #publishLib(repository: Repository, version: string, bytes: string): Promise<boolean> {
    const { deps } = this.world;
    const receiver = await AssetReceiver.start(deps);
    await receiver.write(Buffer.from(bytes));
    const assets = [{ name: 'package.tgz', received: receiver.finish() }];
    const texts = { metadata: JSON.stringify({ name: 'lib', version }), entry: '{}', display: null, readme: null };
    const newVersion = { version, ...texts, tags: [{ tag: 'latest', version }], assets };
    const published = publishVersion(deps, await this.#find(repository), npmRules, libCoordinate, newVersion);
    return published.then(yes, no).finally(() => receiver.staged.release());
  }

  /** As a client's download through an upstream does it. */
  async #retain(from: Repository, to: Repository, version: string): Promise<boolean> {
    const { deps } = this.world;
    const [record] = await deps.storage.packages.findIn([(await this.#find(from)).repository.id], libCoordinate);
    if (record === undefined) return false;
    return retainFromUpstream(deps, await this.#find(to), libCoordinate, record, version, 'package.tgz').then(yes, no);
  }

  #find(repository: Repository): Promise<RepositoryInDomain> {
    const { account, region } = owner;
    return findRepository(this.world.deps.storage, { owner: account, region, domain, repository });
  }

  async #batch(operation: string, input: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { status, json } = await this.world.call(operation, input);
    return status === 200 && Object.keys(json?.['failedVersions'] ?? {}).length === 0;
  }
}

/** A download through an upstream that meets a disposed version of the same number: it brings nothing back. */
const disposedThenRetained: Step[] = [
  {
    kind: 'publish',
    repository: 'one',
    package: 'lib',
    version: '1.0.0',
    asset: 'package.tgz',
    bytes: '1',
    unfinished: false,
  },
  {
    kind: 'publish',
    repository: 'two',
    package: 'lib',
    version: '1.0.0',
    asset: 'package.tgz',
    bytes: '22',
    unfinished: false,
  },
  { kind: 'dispose', repository: 'two', package: 'lib', version: '1.0.0' },
  { kind: 'retain', from: 'one', to: 'two', version: '1.0.0' },
  { kind: 'delete', repository: 'one', package: 'lib', version: '1.0.0' },
];

const sizeOf = (all: Iterable<string>) => [...all].reduce((sum, text) => sum + text.length, 0);

describe('Whatever is published, copied, retained, disposed, deleted and collected, in whatever order', () => {
  it('every byte that somebody has is stored, and in the end no other', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (steps) => {
        const real = await RealShelf.open();
        const model = new ShelfModel();
        try {
          for (const step of steps) {
            expect(await real.take(step), JSON.stringify(step)).toBe(model.take(step));
            const needed = [...model.bytes()];
            expect([...(await real.blobs())]).toEqual(expect.arrayContaining(needed.map(sha256)));
            expect(await real.assetSizeBytes()).toBe(sizeOf(needed));
          }
          await real.take({ kind: 'collect', afterMinutes: 0 });
          await real.take({ kind: 'collect', afterMinutes: 61 });
          expect([...(await real.blobs())].sort()).toEqual([...model.bytes()].map(sha256).sort());
          for (const { repository, package: of, number, status, content } of model.all()) {
            const isGiven = status !== 'Archived' && status !== 'Disposed';
            for (const [asset, text] of content)
              expect(await real.read(repository, of, number, asset)).toBe(isGiven ? text : 404);
          }
          expect(real.world.faults).toEqual([]);
        } finally {
          await real.world.close();
        }
      }),
      { numRuns: 30, examples: [[disposedThenRetained]], interruptAfterTimeLimit: 12_000 },
    );
  });
});
