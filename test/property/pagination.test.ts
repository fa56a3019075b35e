import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationShapes } from '../../src/api/operations.generated.ts';
import { openWorld, type World } from '../api/world.ts';

/** One list of an operation: how its items come and go, and how it names them. */
interface List {
  readonly operation: string;
  /** Which of the operation's orders or filters it is. */
  readonly what: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Items that there may be, and that the answer's items are told apart by. */
  readonly universe: readonly string[];
  prepare?(world: World): Promise<unknown>;
  /** Takes all items away, where they do not go one by one. */
  clear?(world: World): Promise<unknown>;
  add(world: World, item: string): Promise<unknown>;
  /** Absent where items never go one by one. */
  remove?(world: World, item: string): Promise<unknown>;
  items(answer: Readonly<Record<string, unknown>>): string[];
}

const domain = 'acme';
const app = { domain, repository: 'app' };
/** Case, separators, digits, and characters whose UTF-8 and UTF-16 orders differ. */
const words = ['a', 'B', 'b', 'a-b', 'a.b', 'A_b', '10', '2', 'é', 'ﬀ', '𝒳', 'zz', '~'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The texts of one member of an answer's items. */
const member = (list: string, name: string) => (answer: Readonly<Record<string, unknown>>) =>
  (answer[list] as Readonly<Record<string, string>>[]).map((item) => item[name] ?? '');

const coordinates = ['npm//', 'npm/scope/', 'maven/group/', 'pypi//'].flatMap((prefix) =>
  words.slice(0, 9).map((word) => prefix + word),
);

function coordinateOf(item: string) {
  const [format, namespace, name] = item.split('/');
  return { format, ...(namespace !== '' && { namespace }), package: name };
}

const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };

const packages = {
  add: (world: World, item: string) =>
    world.ok('PutPackageOriginConfiguration', { ...app, ...coordinateOf(item), restrictions }),
  remove: (world: World, item: string) => world.ok('DeletePackage', { ...app, ...coordinateOf(item) }),
  items: (list: string) => (answer: Readonly<Record<string, unknown>>) =>
    (answer[list] as { format: string; namespace?: string; package: string }[]).map(
      ({ format, namespace = '', package: name }) => `${format}/${namespace}/${name}`,
    ),
};

const repositories = {
  universe: ['aa', 'Ab', 'ab', 'a-b', 'a.b', 'a_b', '10', '22', 'zz', 'Zz'],
  add: (world: World, repository: string) => world.ok('CreateRepository', { domain, repository }),
  remove: (world: World, repository: string) => world.ok('DeleteRepository', { domain, repository }),
  items: member('repositories', 'name'),
};

const generic = { ...app, format: 'generic', namespace: 'tools', package: 'drill' };
const publish = (world: World, packageVersion: string, assetName: string, more = {}) => {
  const input = { ...generic, packageVersion, assetName, assetContent: assetName, assetSHA256: sha256(assetName) };
  return world.ok('PublishPackageVersion', { ...input, ...more });
};
const versions = {
  operation: 'ListPackageVersions',
  universe: words,
  prepare: (world: World) => world.ok('PutPackageOriginConfiguration', { ...generic, restrictions }),
  async add(world: World, version: string) {
    world.time.now += version.length % 2;
    await publish(world, version, 'a.txt');
  },
  remove: (world: World, version: string) => world.ok('DeletePackageVersions', { ...generic, versions: [version] }),
  items: member('versions', 'version'),
};

const groups = {
  universe: words.map((word) => `/npm//${word}$`),
  add: (world: World, packageGroup: string) => world.ok('CreatePackageGroup', { domain, packageGroup }),
  remove: (world: World, packageGroup: string) => world.ok('DeletePackageGroup', { domain, packageGroup }),
};

const allowed = (repositoryName: string) => [{ repositoryName, originRestrictionType: 'PUBLISH' }];
const manyDependencies = Array.from({ length: 230 }, (_, n) => `dependency-${n}`);

const lists: readonly List[] = [
  {
    operation: 'ListDomains',
    what: 'of an account',
    input: {},
    universe: ['aa', 'a-b', 'a1', 'b2', 'zz', 'a--b', 'ab'],
    add: (world, name) => world.ok('CreateDomain', { domain: name }),
    remove: (world, name) => world.ok('DeleteDomain', { domain: name }),
    items: (answer) => member('domains', 'name')(answer).filter((name) => name !== domain),
  },
  { operation: 'ListRepositories', what: 'of an account', input: {}, ...repositories },
  { operation: 'ListRepositoriesInDomain', what: 'of a domain', input: { domain }, ...repositories },
  {
    operation: 'ListPackages',
    what: 'of a repository',
    input: app,
    universe: coordinates,
    ...packages,
    items: packages.items('packages'),
  },
  {
    operation: 'ListPackages',
    what: 'by a prefix in all formats',
    input: { ...app, packagePrefix: 'a' },
    universe: coordinates.filter((item) => coordinateOf(item).package?.startsWith('a')),
    ...packages,
    items: packages.items('packages'),
  },
  {
    operation: 'ListPackages',
    what: 'of one format, by its rules',
    input: { ...app, format: 'npm', publish: 'ALLOW' },
    universe: coordinates.filter((item) => item.startsWith('npm/')),
    ...packages,
    items: packages.items('packages'),
  },
  { ...versions, what: 'by version', input: generic },
  { ...versions, what: 'newest first', input: { ...generic, sortBy: 'PUBLISHED_TIME' } },
  { ...versions, what: 'of one status', input: { ...generic, status: 'Published', originType: 'INTERNAL' } },
  {
    operation: 'ListPackageVersionAssets',
    what: 'by name',
    input: { ...generic, packageVersion: '1' },
    universe: words,
    prepare: (world) => publish(world, '1', 'first', { unfinished: true }),
    async clear(world) {
      await versions.remove(world, '1');
      await publish(world, '1', 'first', { unfinished: true });
    },
    add: (world, name) => publish(world, '1', name, { unfinished: true }),
    items: (answer) => member('assets', 'name')(answer).filter((name) => name !== 'first'),
  },
  {
    operation: 'ListPackageVersionDependencies',
    what: 'in the order of the manifest',
    input: { ...app, format: 'npm', package: 'lib', packageVersion: '1.0.0' },
    universe: manyDependencies,
    prepare: (world) =>
      world.publish(domain, 'app', 'lib', '1.0.0', {
        manifest: { dependencies: Object.fromEntries(manyDependencies.map((name) => [name, '*'])) },
      }),
    add: async () => undefined,
    items: member('dependencies', 'package'),
  },
  {
    operation: 'ListPackageGroups',
    what: 'of a domain',
    input: { domain },
    ...groups,
    items: (answer) => member('packageGroups', 'pattern')(answer).filter((pattern) => pattern !== '/*'),
  },
  {
    operation: 'ListSubPackageGroups',
    what: 'of the root',
    input: { domain, packageGroup: '/*' },
    ...groups,
    items: member('packageGroups', 'pattern'),
  },
  {
    operation: 'ListAllowedRepositoriesForGroup',
    what: 'of the root',
    input: { domain, packageGroup: '/*', originRestrictionType: 'PUBLISH' },
    universe: repositories.universe,
    async prepare(world) {
      for (const repository of repositories.universe) await repositories.add(world, repository);
    },
    add: (world, name) =>
      world.ok('UpdatePackageGroupOriginConfiguration', {
        domain,
        packageGroup: '/*',
        addAllowedRepositories: allowed(name),
      }),
    remove: (world, name) =>
      world.ok('UpdatePackageGroupOriginConfiguration', {
        domain,
        packageGroup: '/*',
        removeAllowedRepositories: allowed(name),
      }),
    items: (answer) => answer['allowedRepositories'] as string[],
  },
  {
    operation: 'ListAssociatedPackages',
    what: 'of the root',
    input: { domain, packageGroup: '/*' },
    universe: coordinates,
    ...packages,
    items: packages.items('packages'),
  },
  {
    operation: 'ListAssociatedPackages',
    what: 'in a preview',
    input: { domain, packageGroup: '/npm/scope/*', preview: true },
    universe: coordinates.filter((item) => item.startsWith('npm/scope/')),
    ...packages,
    items: packages.items('packages'),
  },
];

it('Every operation of the table that has pages is among the lists here', () => {
  const paged = operationShapes.filter(({ input }) => input.some(({ name }) => name === 'nextToken'));
  expect([...new Set(lists.map(({ operation }) => operation))].sort()).toEqual(paged.map(({ name }) => name).sort());
});

describe.each(lists)('$operation $what', (list) => {
  const { operation, universe } = list;
  const hasSize = operationShapes.some(
    ({ name, input }) => name === operation && input.some((given) => given.name === 'maxResults'),
  );
  let world: World;
  const present = new Set<string>();
  beforeAll(async () => {
    world = await openWorld({ domainsPerAccount: 100 });
    await world.ok('CreateDomain', { domain });
    // The lists of repositories begin without any.
    if (operation !== 'ListRepositories' && operation !== 'ListRepositoriesInDomain') {
      await world.ok('CreateRepository', app);
    }
    await list.prepare?.(world);
  });
  afterAll(() => world.close());

  async function add(item: string): Promise<void> {
    if (present.has(item)) return;
    await list.add(world, item);
    present.add(item);
  }

  async function remove(item: string): Promise<void> {
    if (list.remove === undefined || !present.has(item)) return;
    await list.remove(world, item);
    present.delete(item);
  }

  /** What happens after a page, and how large the page is. */
  const step = fc.record({
    size: fc.integer({ min: 1, max: 5 }),
    added: fc.subarray([...universe], { maxLength: 4 }),
    removed: fc.subarray([...universe], { maxLength: 4 }),
  });

  it('gives no item twice and loses none that is there all the time, whatever comes and goes between pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...universe]),
        fc.array(step, { minLength: 1, maxLength: 8 }),
        async (initial, steps) => {
          const wanted = new Set(operation === 'ListPackageVersionDependencies' ? universe : initial);
          if (list.clear !== undefined) {
            await list.clear(world);
            present.clear();
          }
          for (const item of universe) await (wanted.has(item) ? add(item) : remove(item));
          const throughout = new Set(present);
          const seen: string[] = [];
          let nextToken: unknown;
          for (let page = 0; page === 0 || nextToken !== undefined; page += 1) {
            const { size = 1, added = [], removed = [] } = steps[page % steps.length] ?? {};
            const answer = await world.ok(operation, {
              ...list.input,
              ...(hasSize && { maxResults: size }),
              ...(nextToken !== undefined && { nextToken }),
            });
            seen.push(...list.items(answer));
            nextToken = answer['nextToken'];
            for (const item of removed) {
              await remove(item);
              if (!present.has(item)) throughout.delete(item);
            }
            for (const item of added) await add(item);
          }
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen).toEqual(expect.arrayContaining([...throughout]));
          expect(universe).toEqual(expect.arrayContaining(seen));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives in small pages what it gives in one', async () => {
    for (const item of universe) await add(item);
    const whole = list.items(await world.ok(operation, { ...list.input, ...(hasSize && { maxResults: 1_000 }) }));
    if (hasSize) expect([...whole].sort()).toEqual([...universe].sort());
    const seen: string[] = [];
    for (let nextToken: unknown, page = 0; page === 0 || nextToken !== undefined; page += 1) {
      const answer = await world.ok(operation, {
        ...list.input,
        ...(hasSize && { maxResults: 2 }),
        ...(nextToken !== undefined && { nextToken }),
      });
      seen.push(...list.items(answer));
      nextToken = answer['nextToken'];
    }
    expect(seen).toEqual(hasSize ? whole : universe);
  });
});
