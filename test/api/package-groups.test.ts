import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PackageCoordinate } from '../../src/core/coordinates.ts';
import { openWorld, owner, stranger, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.ok('CreateDomain', { domain: 'acme' });
});
afterEach(() => world.close());

const arn = (encoded: string) => `arn:aws:codeartifact:eu-west-1:111122223333:package-group/acme/${encoded}`;
const rootReference = { arn: arn('%2a'), pattern: '/*' };
const at = (packageGroup: string) => ({ domain: 'acme', packageGroup });
const inherited = {
  mode: 'INHERIT',
  effectiveMode: 'ALLOW',
  inheritedFrom: rootReference,
  repositoriesCount: 0,
};

async function create(...patterns: readonly string[]) {
  for (const pattern of patterns) await world.ok('CreatePackageGroup', at(pattern));
}

/** The patterns of the groups a list gives. */
async function listed(operation: string, input: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
  const { packageGroups } = await world.ok(operation, { domain: 'acme', ...input });
  return (packageGroups as { pattern: string }[]).map(({ pattern }) => pattern);
}

async function configure(packageGroup: string, change: Readonly<Record<string, unknown>>) {
  return world.ok('UpdatePackageGroupOriginConfiguration', { ...at(packageGroup), ...change });
}

async function domain() {
  const found = await world.deps.storage.domains.find(owner.account, owner.region, 'acme');
  if (found === undefined) throw new Error('the domain is there');
  return found;
}

describe('the root package group', () => {
  it('is there from the beginning, allows everything, and has no parent', async () => {
    const open = { mode: 'ALLOW', effectiveMode: 'ALLOW', repositoriesCount: 0 };
    const root = {
      ...rootReference,
      domainName: 'acme',
      domainOwner: '111122223333',
      createdTime: world.time.now / 1000,
      originConfiguration: {
        restrictions: { PUBLISH: open, EXTERNAL_UPSTREAM: open, INTERNAL_UPSTREAM: open },
      },
    };
    expect(await world.ok('DescribePackageGroup', at('/*'))).toEqual({ packageGroup: root });
    expect(await world.ok('ListPackageGroups', { domain: 'acme' })).toEqual({ packageGroups: [root] });
  });

  it('is described, restricted and tagged like others, but neither made again nor deleted', async () => {
    const conflict = await world.call('CreatePackageGroup', at('/*'));
    expect(conflict).toMatchObject({ status: 409, headers: { 'x-amzn-errortype': 'ConflictException' } });
    expect(conflict.json).not.toHaveProperty('resourceType');
    expect(await world.call('DeletePackageGroup', at('/*'))).toMatchObject({
      status: 400,
      headers: { 'x-amzn-errortype': 'ValidationException' },
    });
    const inherit = { ...at('/*'), restrictions: { PUBLISH: 'INHERIT' } };
    expect((await world.call('UpdatePackageGroupOriginConfiguration', inherit)).status).toBe(400);
    await world.ok('UpdatePackageGroup', { ...at('/*'), description: 'everything' });
    await configure('/*', { restrictions: { PUBLISH: 'BLOCK' } });
    expect(await world.ok('DescribePackageGroup', at('/*'))).toMatchObject({
      packageGroup: {
        description: 'everything',
        originConfiguration: { restrictions: { PUBLISH: { mode: 'BLOCK', effectiveMode: 'BLOCK' } } },
      },
    });
    const tags = [{ key: 'team', value: 'web' }];
    await world.ok('TagResource', { resourceArn: rootReference.arn, tags });
    expect(await world.ok('ListTagsForResource', { resourceArn: rootReference.arn })).toEqual({ tags });
  });
});

describe('package groups', () => {
  it('are created, described, updated and deleted', async () => {
    const pattern = '/npm/space/foo~';
    world.time.now += 5_000;
    const group = {
      arn: arn('npm/space/foo~'),
      pattern,
      domainName: 'acme',
      domainOwner: '111122223333',
      createdTime: world.time.now / 1000,
      contactInfo: 'us@acme',
      description: 'our foos',
      originConfiguration: {
        restrictions: { PUBLISH: inherited, EXTERNAL_UPSTREAM: inherited, INTERNAL_UPSTREAM: inherited },
      },
      parent: rootReference,
    };
    const about = { contactInfo: 'us@acme', description: 'our foos' };
    expect(await world.ok('CreatePackageGroup', { ...at(pattern), ...about })).toEqual({ packageGroup: group });
    expect(await world.ok('DescribePackageGroup', at(pattern))).toEqual({ packageGroup: group });
    expect((await world.call('CreatePackageGroup', at(pattern))).status).toBe(409);

    const renamed = { ...group, description: 'all foos' };
    const update = { ...at(pattern), description: 'all foos' };
    expect(await world.ok('UpdatePackageGroup', update)).toEqual({ packageGroup: renamed });
    const { contactInfo: _, description: __, ...bare } = group;
    const cleared = { ...at(pattern), contactInfo: '', description: '' };
    expect(await world.ok('UpdatePackageGroup', cleared)).toEqual({ packageGroup: bare });

    expect(await world.ok('DeletePackageGroup', at(pattern))).toEqual({ packageGroup: bare });
    expect(await world.call('DescribePackageGroup', at(pattern))).toMatchObject({
      status: 404,
      json: {
        message:
          "Package group not found. Package group '/npm/space/foo~' in domain 'acme' owned by account " +
          "'111122223333' does not exist.",
      },
    });
    await world.ok('CreatePackageGroup', at(pattern));
  });

  it('come in between their parent and its children, and leave these to it when they go', async () => {
    await create('/npm/space/foo$', '/npm/*');
    const parentOf = async (pattern: string) => {
      const { packageGroup } = await world.ok('DescribePackageGroup', at(pattern));
      return (packageGroup as { parent?: { pattern: string } }).parent?.pattern;
    };
    const publish = async (pattern: string) => {
      const { packageGroup } = await world.ok('DescribePackageGroup', at(pattern));
      return (packageGroup as { originConfiguration: { restrictions: { PUBLISH: object } } }).originConfiguration
        .restrictions.PUBLISH;
    };
    expect(await parentOf('/npm/space/foo$')).toBe('/npm/*');
    await create('/npm/space/*');
    await configure('/npm/space/*', { restrictions: { PUBLISH: 'BLOCK' } });
    expect(await parentOf('/npm/space/foo$')).toBe('/npm/space/*');
    expect(await publish('/npm/space/foo$')).toEqual({
      mode: 'INHERIT',
      effectiveMode: 'BLOCK',
      inheritedFrom: { arn: arn('npm/space/%2a'), pattern: '/npm/space/*' },
      repositoriesCount: 0,
    });
    await world.ok('DeletePackageGroup', at('/npm/space/*'));
    expect(await parentOf('/npm/space/foo$')).toBe('/npm/*');
    expect(await publish('/npm/space/foo$')).toEqual(inherited);
  });

  it('are listed by pattern, by its beginning, in pages, and one level down', async () => {
    await create('/npm/space/*', '/npm/*', '/npm/space/foo$', '/npm/space/foo~', '/pypi/*', '/npm//react$');
    const all = ['/*', '/npm/*', '/npm//react$', '/npm/space/*', '/npm/space/foo$', '/npm/space/foo~', '/pypi/*'];
    expect(await listed('ListPackageGroups')).toEqual(all);
    expect(await listed('ListPackageGroups', { prefix: '/npm/s' })).toEqual(all.slice(3, 6));
    expect(await listed('ListPackageGroups', { prefix: '' })).toEqual(all);
    expect(await listed('ListPackageGroups', { prefix: 'nothing' })).toEqual([]);
    const pages: string[] = [];
    for (let nextToken: unknown; ; ) {
      const page = await world.ok('ListPackageGroups', {
        domain: 'acme',
        maxResults: 3,
        ...(nextToken ? { nextToken } : {}),
      });
      pages.push(...(page['packageGroups'] as { pattern: string }[]).map(({ pattern }) => pattern));
      nextToken = page['nextToken'];
      if (nextToken === undefined) break;
      // What goes between two pages does not upset the next one.
      await world.call('DeletePackageGroup', at('/npm//react$'));
    }
    expect(pages).toEqual(all);

    expect(await listed('ListSubPackageGroups', at('/*'))).toEqual(['/npm/*', '/pypi/*']);
    expect(await listed('ListSubPackageGroups', at('/npm/*'))).toEqual(['/npm/space/*']);
    expect(await listed('ListSubPackageGroups', at('/npm/space/foo$'))).toEqual([]);
    const first = await world.ok('ListSubPackageGroups', { ...at('/*'), maxResults: 1 });
    const second = await world.ok('ListSubPackageGroups', {
      ...at('/*'),
      maxResults: 1,
      nextToken: first['nextToken'],
    });
    expect(second).toMatchObject({ packageGroups: [{ pattern: '/pypi/*', parent: rootReference }] });
    expect(second).not.toHaveProperty('nextToken');
  });

  it('carry tags from their creation to their end', async () => {
    const tags = [{ key: 'team', value: 'web' }];
    const resourceArn = arn('npm/100%25/%2a');
    await world.ok('CreatePackageGroup', { ...at('/npm/100%/*'), tags });
    expect(await world.ok('ListTagsForResource', { resourceArn })).toEqual({ tags });
    await world.ok('TagResource', { resourceArn, tags: [{ key: 'team', value: 'api' }] });
    expect(await world.ok('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'team', value: 'api' }] });
    await world.ok('DeletePackageGroup', at('/npm/100%/*'));
    expect((await world.call('ListTagsForResource', { resourceArn })).status).toBe(404);
    await create('/npm/100%/*');
    expect(await world.ok('ListTagsForResource', { resourceArn })).toEqual({ tags: [] });

    await world.ok('TagResource', { resourceArn: rootReference.arn, tags });
    await world.ok('DeleteDomain', { domain: 'acme' });
    await world.ok('CreateDomain', { domain: 'acme' });
    expect(await world.ok('ListTagsForResource', { resourceArn: rootReference.arn })).toEqual({ tags: [] });
    expect(await listed('ListPackageGroups')).toEqual(['/*']);
  });

  it('are not made when their tags are refused', async () => {
    const many = Array.from({ length: 51 }, (_, index) => ({ key: `key-${index}`, value: '' }));
    for (const [tags, status] of [
      [[{ key: 'aws:mine', value: '' }], 400],
      [many, 402],
    ] as const) {
      expect((await world.call('CreatePackageGroup', { ...at('/npm/*'), tags })).status).toBe(status);
    }
    expect(await listed('ListPackageGroups')).toEqual(['/*']);
  });

  it('raise the domain revision that caches look at with every change', async () => {
    await world.ok('CreateRepository', { domain: 'acme', repository: 'app' });
    const repository = { repositoryName: 'app', originRestrictionType: 'PUBLISH' };
    for (const [operation, input] of [
      ['CreatePackageGroup', {}],
      ['UpdatePackageGroup', { description: 'x' }],
      ['UpdatePackageGroupOriginConfiguration', { addAllowedRepositories: [repository] }],
      ['UpdatePackageGroupOriginConfiguration', { restrictions: { PUBLISH: 'BLOCK' } }],
      ['DeletePackageGroup', {}],
    ] as const) {
      const before = await domain();
      await world.ok(operation, { ...at('/npm/*'), ...input });
      expect((await domain()).topologyRevision, operation).toBeGreaterThan(before.topologyRevision);
    }
  });

  it('are made once when many make them at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.call('CreatePackageGroup', at('/npm/*'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
  });
});

describe('the origin configuration of a package group', () => {
  beforeEach(async () => {
    for (const repository of ['one', 'two']) await world.ok('CreateRepository', { domain: 'acme', repository });
    await create('/npm/*', '/npm/space/*');
  });

  const entries = (originRestrictionType: string, ...names: readonly string[]) =>
    names.map((repositoryName) => ({ repositoryName, originRestrictionType }));
  const allowed = (packageGroup: string, originRestrictionType: string, page: object = {}) =>
    world.ok('ListAllowedRepositoriesForGroup', { ...at(packageGroup), originRestrictionType, ...page });

  it('has modes and allow lists, and tells which repositories came and went', async () => {
    const changed = await configure('/npm/*', {
      restrictions: { PUBLISH: 'ALLOW_SPECIFIC_REPOSITORIES', EXTERNAL_UPSTREAM: 'BLOCK' },
      addAllowedRepositories: [...entries('PUBLISH', 'two', 'one'), ...entries('INTERNAL_UPSTREAM', 'one')],
    });
    expect(changed).toMatchObject({
      packageGroup: {
        originConfiguration: {
          restrictions: {
            PUBLISH: {
              mode: 'ALLOW_SPECIFIC_REPOSITORIES',
              effectiveMode: 'ALLOW_SPECIFIC_REPOSITORIES',
              repositoriesCount: 2,
            },
            EXTERNAL_UPSTREAM: { mode: 'BLOCK', effectiveMode: 'BLOCK', repositoriesCount: 0 },
            INTERNAL_UPSTREAM: { mode: 'INHERIT', effectiveMode: 'ALLOW', repositoriesCount: 1 },
          },
        },
      },
    });
    expect(changed['allowedRepositoryUpdates']).toEqual({
      PUBLISH: { ADDED: ['two', 'one'] },
      INTERNAL_UPSTREAM: { ADDED: ['one'] },
    });
    expect(await allowed('/npm/*', 'PUBLISH')).toEqual({ allowedRepositories: ['one', 'two'] });
    const first = await allowed('/npm/*', 'PUBLISH', { maxResults: 1 });
    expect(first).toMatchObject({ allowedRepositories: ['one'] });
    expect(await allowed('/npm/*', 'PUBLISH', { maxResults: 1, nextToken: first['nextToken'] })).toEqual({
      allowedRepositories: ['two'],
    });

    const swapped = await configure('/npm/*', {
      addAllowedRepositories: entries('PUBLISH', 'one'),
      removeAllowedRepositories: [...entries('PUBLISH', 'two'), ...entries('EXTERNAL_UPSTREAM', 'two')],
    });
    expect(swapped['allowedRepositoryUpdates']).toEqual({ PUBLISH: { REMOVED: ['two'] } });
    const both = await configure('/npm/*', {
      addAllowedRepositories: entries('PUBLISH', 'two'),
      removeAllowedRepositories: entries('PUBLISH', 'two'),
    });
    expect(both['allowedRepositoryUpdates']).toEqual({ PUBLISH: { ADDED: ['two'], REMOVED: ['two'] } });
    expect(await allowed('/npm/*', 'PUBLISH')).toEqual({ allowedRepositories: ['one'] });
    expect((await configure('/npm/*', {}))['allowedRepositoryUpdates']).toEqual({});
    await world.ok('DeleteRepository', { domain: 'acme', repository: 'one' });
    expect(await allowed('/npm/*', 'PUBLISH')).toEqual({ allowedRepositories: [] });
  });

  it('is inherited with the allow list of the group it comes from, and kept in other modes', async () => {
    await configure('/npm/*', {
      restrictions: { PUBLISH: 'ALLOW_SPECIFIC_REPOSITORIES' },
      addAllowedRepositories: entries('PUBLISH', 'one'),
    });
    expect(await world.ok('DescribePackageGroup', at('/npm/space/*'))).toMatchObject({
      packageGroup: {
        originConfiguration: {
          restrictions: {
            PUBLISH: {
              mode: 'INHERIT',
              effectiveMode: 'ALLOW_SPECIFIC_REPOSITORIES',
              inheritedFrom: { pattern: '/npm/*' },
              repositoriesCount: 0,
            },
          },
        },
      },
    });
    expect(await allowed('/npm/space/*', 'PUBLISH')).toEqual({ allowedRepositories: [] });
    const { groups } = await world.deps.topologies.of(await domain());
    const { storage } = world.deps;
    const to: PackageCoordinate = { format: 'npm', namespace: 'space', name: 'foo' };
    for (const [repository, isAllowed] of [
      ['one', true],
      ['two', false],
    ] as const) {
      const { id } = (await storage.repositories.find((await domain()).id, repository)) ?? { id: '' };
      expect(groups.allows(to, 'PUBLISH', id)).toBe(isAllowed);
    }
    await configure('/npm/*', { restrictions: { PUBLISH: 'INHERIT' } });
    expect(await allowed('/npm/*', 'PUBLISH')).toEqual({ allowedRepositories: ['one'] });
  });

  it('changes wholly or not at all', async () => {
    const add = (addAllowedRepositories: readonly object[], more: object = {}) =>
      world.call('UpdatePackageGroupOriginConfiguration', {
        ...at('/npm/*'),
        restrictions: { PUBLISH: 'BLOCK' },
        addAllowedRepositories,
        ...more,
      });
    const hundred = Array.from({ length: 100 }, () => entries('PUBLISH', 'one')).flat();
    for (const [answer, status] of [
      [add(entries('PUBLISH', 'one', 'missing')), 404],
      [add(entries('PUBLISH', 'one'), { removeAllowedRepositories: entries('PUBLISH', 'missing') }), 404],
      [add([...hundred, ...entries('PUBLISH', 'one')]), 400],
      [add(hundred, { removeAllowedRepositories: entries('PUBLISH', 'one') }), 400],
      [add([{ repositoryName: 'one' }]), 400],
      [add([{ originRestrictionType: 'PUBLISH' }]), 400],
      [add(entries('DOWNLOAD', 'one')), 400],
      [add(entries('PUBLISH', '?')), 400],
      [add([], { restrictions: { PUBLISH: 'FORBID' } }), 400],
      [add([], { restrictions: { DOWNLOAD: 'ALLOW' } }), 400],
    ] as const) {
      const { json, status: answered } = await answer;
      expect(answered, JSON.stringify(json)).toBe(status);
    }
    expect(await world.ok('DescribePackageGroup', at('/npm/*'))).toMatchObject({
      packageGroup: { originConfiguration: { restrictions: { PUBLISH: inherited } } },
    });
    expect((await add(hundred)).json).toMatchObject({ allowedRepositoryUpdates: { PUBLISH: { ADDED: ['one'] } } });
  });
});

describe('packages of a group', () => {
  const group = async (text: string) => {
    const [namespace, name] = text.startsWith('@') ? text.slice(1).split('/') : [undefined, text];
    const input = { domain: 'acme', format: 'npm', package: name, ...(namespace && { namespace }) };
    const { packageGroup, associationType } = await world.ok('GetAssociatedPackageGroup', input);
    return `${associationType} ${(packageGroup as { pattern: string }).pattern}`;
  };

  it('need not exist to have one', async () => {
    await create('/npm/*', '/npm/space/*', '/npm/space/foo$', '/npm//f00~');
    for (const [name, expected] of [
      ['@space/foo', 'STRONG /npm/space/foo$'],
      ['@space/FOO', 'WEAK /npm/space/foo$'],
      ['@space/bar', 'STRONG /npm/space/*'],
      ['@Space/bar', 'WEAK /npm/space/*'],
      ['@other/foo', 'STRONG /npm/*'],
      ['f00-x', 'STRONG /npm//f00~'],
      ['foo.x', 'WEAK /npm//f00~'],
      ['food', 'STRONG /npm/*'],
    ] as const) {
      expect(await group(name), name).toBe(expected);
    }
    const maven = { domain: 'acme', format: 'maven', namespace: 'com.any', package: 'lib' };
    expect(await world.ok('GetAssociatedPackageGroup', maven)).toMatchObject({
      packageGroup: rootReference,
      associationType: 'STRONG',
    });
  });

  /** Gives a repository records of these packages, as if they had been restricted ahead of their arrival. */
  async function add(repository: string, ...coordinates: readonly PackageCoordinate[]) {
    const { storage, ids } = world.deps;
    const { id: domainId } = await domain();
    await storage.transaction(async (queries) => {
      const found = await queries.repositories.find(domainId, repository);
      for (const coordinate of coordinates) {
        const id = await queries.packages.ensure(domainId, coordinate, ids.next());
        await queries.packages.ensureIn(found?.id ?? '', id, coordinate, { publish: 'ALLOW', upstream: 'ALLOW' });
      }
    });
  }
  const npm = (namespace: string | null, name: string): PackageCoordinate => ({ format: 'npm', namespace, name });

  /** All packages a group lists, in pages of a few. */
  async function associated(packageGroup: string, input: object = {}, maxResults = 2): Promise<string[]> {
    const names: string[] = [];
    for (let nextToken: unknown; ; ) {
      const page = await world.ok('ListAssociatedPackages', {
        ...at(packageGroup),
        maxResults,
        ...input,
        ...(nextToken ? { nextToken } : {}),
      });
      const packages = page['packages'] as {
        format: string;
        namespace?: string;
        package: string;
        associationType: string;
      }[];
      expect(packages.length).toBeLessThanOrEqual(maxResults);
      names.push(
        ...packages.map((item) => `${item.associationType} ${item.format}/${item.namespace ?? ''}/${item.package}`),
      );
      nextToken = page['nextToken'];
      if (nextToken === undefined) return names;
    }
  }

  beforeEach(async () => {
    for (const repository of ['one', 'two']) await world.ok('CreateRepository', { domain: 'acme', repository });
  });

  it('are listed once each, those of the groups below left out', async () => {
    await add('one', npm(null, 'react'), npm('space', 'foo'), npm('space', 'foo-bar'), npm('space', 'food'));
    await add('one', npm('Space', 'Foo'), npm('space', 'bar'), { format: 'pypi', namespace: null, name: 'requests' });
    await add('two', npm('space', 'foo'), { format: 'maven', namespace: 'com.any', name: 'lib' });
    await create('/npm/*', '/npm/space/foo~', '/npm/space/foo$');
    expect(await associated('/*')).toEqual(['STRONG maven/com.any/lib', 'STRONG pypi//requests']);
    expect(await associated('/npm/*')).toEqual(['STRONG npm//react', 'STRONG npm/space/bar', 'STRONG npm/space/food']);
    expect(await associated('/npm/space/foo~')).toEqual(['STRONG npm/space/foo-bar']);
    expect(await associated('/npm/space/foo$')).toEqual(['WEAK npm/Space/Foo', 'STRONG npm/space/foo']);
    expect(await world.ok('ListAssociatedPackages', { ...at('/npm/space/foo$'), maxResults: 1 })).toMatchObject({
      packages: [{ format: 'npm', namespace: 'Space', package: 'Foo', associationType: 'WEAK' }],
    });
  });

  it('are shown ahead for a group that is not there yet', async () => {
    await add('one', npm('space', 'foo'), npm('space', 'Foo-bar'), npm('space', 'bar'), npm('space', 'food'));
    await create('/npm/space/foo$');
    const ahead = { preview: true };
    expect(await associated('/npm/space/*', ahead)).toEqual([
      'STRONG npm/space/bar',
      'STRONG npm/space/Foo-bar',
      'STRONG npm/space/food',
    ]);
    expect(await associated('/npm/space/foo~', ahead)).toEqual(['WEAK npm/space/Foo-bar']);
    expect(await associated('/npm/space/foo$', ahead)).toEqual(['STRONG npm/space/foo']);
    expect(await associated('/pypi/*', ahead)).toEqual([]);
    expect(await listed('ListPackageGroups')).toEqual(['/*', '/npm/space/foo$']);
    expect((await world.call('ListAssociatedPackages', at('/npm/space/*'))).status).toBe(404);
    expect((await world.call('ListAssociatedPackages', { ...at('/npm/space'), ...ahead })).status).toBe(400);
  });

  it('are found among thousands of others', async () => {
    const many = (count: number, named: (n: number) => PackageCoordinate) =>
      Array.from({ length: count }, (_, n) => named(n));
    await add(
      'one',
      ...many(1_200, (n) => npm('team', `package-${n}`)),
      ...many(700, (n) => npm(null, `foo${n}`)),
      ...many(700, (n) => npm(null, `foo-${n}`)),
      ...[npm(null, 'foo'), npm(null, 'FOO'), npm(null, 'zebra'), npm('a', 'a'), npm('zoo', 'zebra')],
    );
    await create('/npm/team/*', '/npm//foo~', '/npm//foo$', '/npm//foo-7$', '/npm//FOO-8$');
    expect(await associated('/npm//foo$', {}, 1)).toEqual(['WEAK npm//FOO', 'STRONG npm//foo']);
    const foos = await associated('/npm//foo~', {}, 300);
    expect(foos).toHaveLength(698);
    expect(new Set(foos).size).toBe(698);
    expect(foos).not.toContain('STRONG npm//foo-7');
    expect(foos).not.toContain('STRONG npm//foo-8');
    const others = await associated('/*', {}, 1_000);
    expect(others).toHaveLength(703);
    expect(others.slice(-3)).toEqual(['STRONG npm//zebra', 'STRONG npm/a/a', 'STRONG npm/zoo/zebra']);
    expect(await associated('/npm/z~', { preview: true })).toEqual([]);
    expect(await associated('/npm/zoo~', { preview: true })).toEqual(['STRONG npm/zoo/zebra']);
  });
});

describe('bad input', () => {
  const all = [
    'CreatePackageGroup',
    'DescribePackageGroup',
    'UpdatePackageGroup',
    'DeletePackageGroup',
    'ListSubPackageGroups',
    'ListAssociatedPackages',
    'UpdatePackageGroupOriginConfiguration',
    'ListAllowedRepositoriesForGroup',
  ];
  const more = (operation: string) =>
    operation === 'ListAllowedRepositoriesForGroup' ? { originRestrictionType: 'PUBLISH' } : {};

  it.each(all)('to %s is refused: no pattern, a broken one, no domain, a foreign one', async (operation) => {
    const call = (input: object, caller = owner) => world.call(operation, { ...more(operation), ...input }, caller);
    expect((await call({ domain: 'acme' })).status).toBe(400);
    expect((await call({ domain: 'ACME', packageGroup: '/npm/*' })).status).toBe(400);
    expect((await call({ domain: 'missing', packageGroup: '/npm/*' })).status).toBe(404);
    const broken = operation === 'DeletePackageGroup' ? 404 : 400;
    for (const pattern of ['/', '/npm/a b$', `/npm//${'a'.repeat(520)}$`]) {
      expect((await call(at(pattern))).status, pattern).toBe(broken);
    }
    const unmade = operation === 'CreatePackageGroup' ? 400 : 404;
    for (const pattern of ['npm', '/npm', '/npm/space', '/python/*', '/npm//foo*', '/maven//lib$']) {
      expect((await call(at(pattern))).status, pattern).toBe(unmade);
    }
    const foreign = await call({ ...at('/npm/*'), domainOwner: owner.account }, stranger);
    expect(foreign.status).toBe(403);
  });

  it.each([
    ['CreatePackageGroup', { ...at('/npm/*'), description: 'a'.repeat(1001) }],
    ['CreatePackageGroup', { ...at('/npm/*'), contactInfo: 'two\nlines' }],
    ['UpdatePackageGroup', { ...at('/*'), contactInfo: 'a'.repeat(1001) }],
    ['ListPackageGroups', { domain: 'acme', maxResults: 1001 }],
    ['ListPackageGroups', { domain: 'acme', nextToken: 'nonsense' }],
    ['ListPackageGroups', { domain: 'acme', prefix: 'a'.repeat(521) }],
    ['ListSubPackageGroups', { ...at('/*'), maxResults: 0 }],
    ['ListSubPackageGroups', { ...at('/*'), nextToken: 'nonsense' }],
    ['ListAssociatedPackages', { ...at('/*'), preview: 'perhaps' }],
    ['ListAssociatedPackages', { ...at('/*'), nextToken: 'nonsense' }],
    ['ListAllowedRepositoriesForGroup', at('/*')],
    ['ListAllowedRepositoriesForGroup', { ...at('/*'), originRestrictionType: 'DOWNLOAD' }],
    ['ListAllowedRepositoriesForGroup', { ...at('/*'), originRestrictionType: 'PUBLISH', nextToken: 'nonsense' }],
    ['GetAssociatedPackageGroup', { domain: 'acme', format: 'npm' }],
    ['GetAssociatedPackageGroup', { domain: 'acme', package: 'foo' }],
    ['GetAssociatedPackageGroup', { domain: 'acme', format: 'apt', package: 'foo' }],
    ['GetAssociatedPackageGroup', { domain: 'acme', format: 'npm', package: 'a/b' }],
    ['GetAssociatedPackageGroup', { domain: 'acme', format: 'maven', package: 'foo' }],
    ['GetAssociatedPackageGroup', { domain: 'acme', format: 'pypi', namespace: 'a', package: 'foo' }],
  ])('to %s is refused: %j', async (operation, input) => {
    const answer = await world.call(operation, input);
    expect(answer.status, JSON.stringify(answer.json)).toBe(400);
  });

  it('to GetAssociatedPackageGroup and ListPackageGroups is refused: no such domain', async () => {
    const foo = { domain: 'missing', format: 'npm', package: 'foo' };
    expect((await world.call('GetAssociatedPackageGroup', foo)).status).toBe(404);
    expect((await world.call('ListPackageGroups', { domain: 'missing' })).status).toBe(404);
  });
});
