import {
  type AllowPublish,
  type AllowUpstream,
  CopyPackageVersionsCommand,
  CreatePackageGroupCommand,
  DeletePackageCommand,
  DescribePackageCommand,
  ListPackageVersionsCommand,
  type PackageGroupOriginRestrictionMode,
  type PackageGroupOriginRestrictionType,
  PutPackageOriginConfigurationCommand,
  UpdatePackageGroupOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonOf } from '../support/user.ts';
import { World } from '../support/world.ts';

let w: World;
let name: string;
let count = 0;
beforeAll(async () => {
  w = await World.with({ store: 'public:npmjs', base: [], team: ['base', 'store'] });
});
afterAll(() => w[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  name = `lib-number-${count}`;
});

const place = (repository: string) => ({ domain: w.domain, repository, format: 'npm' as const, package: name });

const put = (repository: string, publish: AllowPublish, upstream: AllowUpstream) =>
  w.aws.send(new PutPackageOriginConfigurationCommand({ ...place(repository), restrictions: { publish, upstream } }));

const restrictions = async (repository: string) =>
  (await w.aws.send(new DescribePackageCommand(place(repository)))).package?.originConfiguration?.restrictions;

/** What clients are shown of the package, and what they get of it when they ask for exact addresses. */
async function sees(repository: string, ...versions: readonly string[]): Promise<readonly string[]> {
  const npm = w.npm(repository);
  const response = await npm.fetch(name);
  const listed = response.status === 200 ? Object.keys((await jsonOf(response))['versions']) : [];
  const tags = await npm.fetch(`-/package/${name}/dist-tags`);
  expect(tags.status).toBe(response.status);
  for (const version of versions) {
    const isListed = listed.includes(version);
    const manifest = await npm.fetch(`${name}/${version}`);
    const tarball = await npm.fetch(`${name}/-/${name}-${version}.tgz`);
    await tarball.arrayBuffer();
    expect([version, manifest.status, tarball.status]).toEqual([version, isListed ? 200 : 404, isListed ? 200 : 404]);
  }
  if (response.status === 200) {
    for (const version of Object.values(await jsonOf(tags))) expect(listed).toContain(version);
  }
  return listed;
}

/** What is shown without fetching anything. */
const shown = (repository: string) => sees(repository);

it('keep packages out of searches too', async () => {
  await w.npm('base').publish({ name, version: '1.0.0' });
  const found = async () => (await w.npm('team').json(`-/v1/search?text=${name}`))['objects'].length;
  expect(await found()).toBe(1);
  const packageGroup = `/npm//${name}$`;
  await w.aws.send(new CreatePackageGroupCommand({ domain: w.domain, packageGroup }));
  const restrictions = { INTERNAL_UPSTREAM: 'BLOCK' } as const;
  await w.aws.send(new UpdatePackageGroupOriginConfigurationCommand({ domain: w.domain, packageGroup, restrictions }));
  expect(await found()).toBe(0);
});

it('are not set for a scope that is written with its @, which would guard nothing', async () => {
  const withAt = /namespace of an npm package is its scope without '@'/;
  const package_ = { ...place('team'), namespace: '@corp', package: 'secret' };
  const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' } as const;
  const put = new PutPackageOriginConfigurationCommand({ ...package_, restrictions });
  await expect(w.aws.send(put)).rejects.toThrow(withAt);
  const group = new CreatePackageGroupCommand({ domain: w.domain, packageGroup: '/npm/@corp/*' });
  await expect(w.aws.send(group)).rejects.toThrow(withAt);
});

const publish = async (repository: string, version: string) =>
  (await w.npm(repository).publish({ name, version })).status;

const held = async (repository: string) => {
  const answer = await w.aws.send(new ListPackageVersionsCommand(place(repository))).catch(() => undefined);
  return (answer?.versions ?? []).map(({ version }) => version);
};

describe('A package with publish and upstream', () => {
  beforeEach(async () => {
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    await w.npm('base').publish({ name, version: '1.1.0' });
  });

  it('ALLOW and ALLOW takes versions from both sides, but no number that an upstream has', async () => {
    await put('team', 'ALLOW', 'ALLOW');
    expect(await publish('team', '1.0.0')).toBe(409);
    expect(await publish('team', '1.1.0')).toBe(409);
    expect(await publish('team', '1.2.0')).toBe(200);
    expect([...(await sees('team', '1.0.0', '1.1.0', '1.2.0'))].sort()).toEqual(['1.0.0', '1.1.0', '1.2.0']);
  });

  it('ALLOW and BLOCK shows only its own, and may take any number', async () => {
    await put('team', 'ALLOW', 'BLOCK');
    expect(await sees('team', '1.0.0', '1.1.0')).toEqual([]);
    expect([await publish('team', '1.0.0'), await publish('team', '2.0.0')]).toEqual([200, 200]);
    expect(await sees('team', '1.0.0', '1.1.0', '2.0.0')).toEqual(['1.0.0', '2.0.0']);
  });

  it('BLOCK and ALLOW takes what upstreams have, and no publish of any number', async () => {
    await put('team', 'BLOCK', 'ALLOW');
    for (const version of ['1.0.0', '3.0.0']) {
      const answer = await w.npm('team').publish({ name, version });
      expect([answer.status, (await jsonOf(answer))['message']]).toEqual([
        403,
        expect.stringMatching(`'${name}' cannot be published .* publish=BLOCK`),
      ]);
    }
    expect([...(await sees('team', '1.0.0', '1.1.0', '3.0.0'))].sort()).toEqual(['1.0.0', '1.1.0']);
    expect(await publish('team', '3.0.0')).toBe(403);
  });

  it('BLOCK and BLOCK is frozen: what is there is served, nothing comes in', async () => {
    expect((await w.npm('team').fetch(`${name}/-/${name}-1.0.0.tgz`)).status).toBe(200);
    await put('team', 'BLOCK', 'BLOCK');
    expect(await sees('team', '1.0.0', '1.1.0')).toEqual(['1.0.0']);
    expect(await publish('team', '2.0.0')).toBe(403);
    expect(await held('team')).toEqual(['1.0.0']);
  });

  it('changes with the next request, both ways', async () => {
    for (let round = 0; round < 3; round += 1) {
      await put('team', 'BLOCK', 'BLOCK');
      expect([await shown('team'), await publish('team', '9.0.0')]).toEqual([[], 403]);
      await put('team', 'BLOCK', 'ALLOW');
      expect([...(await shown('team'))].sort()).toEqual(['1.0.0', '1.1.0']);
    }
  });

  it('BLOCK in the middle hides from those downstream what lies behind it', async () => {
    await put('store', 'ALLOW', 'BLOCK');
    expect(await sees('team', '1.0.0', '1.1.0')).toEqual(['1.1.0']);
    await put('store', 'ALLOW', 'ALLOW');
    expect([...(await shown('team'))].sort()).toEqual(['1.0.0', '1.1.0']);
  });
});

describe('A record without versions', () => {
  it('lists nothing, and holds for the first one that comes', async () => {
    await put('team', 'ALLOW', 'ALLOW');
    for (const path of [name, `-/package/${name}/dist-tags`])
      expect((await w.npm('team').fetch(path)).status).toBe(404);
    await put('team', 'BLOCK', 'ALLOW');
    expect([await publish('team', '1.0.0'), await held('team')]).toEqual([403, []]);
    await put('team', 'ALLOW', 'ALLOW');
    expect(await publish('team', '1.0.0')).toBe(200);
    expect(await restrictions('team')).toEqual({ publish: 'ALLOW', upstream: 'ALLOW' });
  });

  it('closes a repository to a public name before anyone asks for it, and the registry is not even asked', async () => {
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    await put('team', 'ALLOW', 'BLOCK');
    w.publicRegistry.requests.length = 0;
    expect(await sees('team', '1.0.0')).toEqual([]);
    expect(w.publicRegistry.requests).toEqual([]);
  });

  it('is gone with DeletePackage, and the first arrival decides again', async () => {
    await put('team', 'BLOCK', 'BLOCK');
    await w.aws.send(new DeletePackageCommand(place('team')));
    expect(await publish('team', '1.0.0')).toBe(200);
    expect(await restrictions('team')).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
  });
});

describe('A first arrival', () => {
  it.each([
    ['published', { publish: 'ALLOW', upstream: 'BLOCK' }],
    ['fetched from the public registry', { publish: 'BLOCK', upstream: 'ALLOW' }],
    ['fetched from an upstream where it was published', { publish: 'BLOCK', upstream: 'ALLOW' }],
    ['copied from where it was published', { publish: 'ALLOW', upstream: 'BLOCK' }],
    ['copied from where it came from outside', { publish: 'BLOCK', upstream: 'ALLOW' }],
  ] as const)('that is %s', async (how, expected) => {
    const fetched = (repository: string) => w.npm(repository).fetch(`${name}/-/${name}-1.0.0.tgz`);
    const copy = (sourceRepository: string) => {
      const { repository: destinationRepository, ...where } = place('team');
      const input = { ...where, sourceRepository, destinationRepository, versions: ['1.0.0'] };
      return w.aws.send(new CopyPackageVersionsCommand(input));
    };
    if (how === 'published') await publish('team', '1.0.0');
    if (how.includes('where it was published')) await publish('base', '1.0.0');
    if (how.includes('public') || how.includes('outside')) await w.publicRegistry.publish({ name, version: '1.0.0' });
    if (how.includes('outside')) expect((await fetched('store')).status).toBe(200);
    if (how.startsWith('fetched')) expect((await fetched('team')).status).toBe(200);
    if (how.startsWith('copied')) await copy(how.includes('outside') ? 'store' : 'base');
    expect(await restrictions('team')).toEqual(expected);
  });
});

describe('A package group', () => {
  type Modes = Partial<Record<PackageGroupOriginRestrictionType, PackageGroupOriginRestrictionMode>>;

  const group = (packageGroup: string) => w.aws.send(new CreatePackageGroupCommand({ domain: w.domain, packageGroup }));
  const configure = (packageGroup: string, modes: Modes, list: Partial<Record<string, readonly string[]>> = {}) =>
    w.aws.send(
      new UpdatePackageGroupOriginConfigurationCommand({
        domain: w.domain,
        packageGroup,
        restrictions: modes,
        addAllowedRepositories: Object.entries(list).flatMap(([type, repositories = []]) =>
          repositories.map((repositoryName) => ({
            repositoryName,
            originRestrictionType: type as PackageGroupOriginRestrictionType,
          })),
        ),
      }),
    );

  const some = 'ALLOW_SPECIFIC_REPOSITORIES';
  // What team sees of the public registry through store, and what store sees of it.
  it.each([
    ['EXTERNAL_UPSTREAM', 'ALLOW', [], true, true],
    ['EXTERNAL_UPSTREAM', 'BLOCK', ['store', 'team'], false, false],
    ['EXTERNAL_UPSTREAM', some, [], false, false],
    ['EXTERNAL_UPSTREAM', some, ['store'], true, true],
    ['EXTERNAL_UPSTREAM', some, ['team'], false, false],
    ['INTERNAL_UPSTREAM', 'ALLOW', [], true, true],
    ['INTERNAL_UPSTREAM', 'BLOCK', ['store', 'team'], false, true],
    ['INTERNAL_UPSTREAM', some, [], false, true],
    ['INTERNAL_UPSTREAM', some, ['store'], false, true],
    ['INTERNAL_UPSTREAM', some, ['team'], true, true],
    ['PUBLISH', 'BLOCK', [], true, true],
  ] as const)('with %s %s for %j', async (type, mode, list, atTeam, atStore) => {
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    const pattern = `/npm//${name}$`;
    await group(pattern);
    expect(await shown('team')).toEqual(['1.0.0']);
    await configure(pattern, { [type]: mode }, { [type]: list });
    expect(await sees('team', '1.0.0')).toEqual(atTeam ? ['1.0.0'] : []);
    expect(await sees('store', '1.0.0')).toEqual(atStore ? ['1.0.0'] : []);
    expect([await held('team'), await held('store')]).toEqual([atTeam ? ['1.0.0'] : [], atStore ? ['1.0.0'] : []]);
    // Lifted, it acts on the next request.
    await configure(pattern, { [type]: 'ALLOW' });
    expect(await sees('team', '1.0.0')).toEqual(['1.0.0']);
  });

  it('as in the guide lets a package come in on one way alone', async () => {
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    const pattern = `/npm//${name}$`;
    await group(pattern);
    await configure(pattern, { EXTERNAL_UPSTREAM: some, INTERNAL_UPSTREAM: some }, { EXTERNAL_UPSTREAM: ['store'] });
    expect(await sees('team', '1.0.0')).toEqual([]);
    await configure(pattern, {}, { INTERNAL_UPSTREAM: ['team'] });
    expect(await sees('team', '1.0.0')).toEqual(['1.0.0']);
  });

  it('that blocks one kind of upstream leaves the other', async () => {
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    await w.npm('base').publish({ name, version: '1.1.0' });
    const pattern = `/npm//${name}$`;
    await group(pattern);
    await configure(pattern, { EXTERNAL_UPSTREAM: 'BLOCK' });
    expect(await sees('team', '1.0.0', '1.1.0')).toEqual(['1.1.0']);
    await configure(pattern, { EXTERNAL_UPSTREAM: 'ALLOW', INTERNAL_UPSTREAM: 'BLOCK' });
    expect([await sees('team', '1.0.0', '1.1.0'), await sees('store', '1.0.0', '1.1.0')]).toEqual([
      ['1.1.0'],
      ['1.0.0'],
    ]);
  });

  it('leaves what was retained, and shows nothing newer', async () => {
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    await w.npm('base').publish({ name, version: '1.1.0' });
    expect([...(await sees('team', '1.0.0', '1.1.0'))].sort()).toEqual(['1.0.0', '1.1.0']);
    await w.npm('base').publish({ name, version: '1.2.0' });
    expect(await shown('team')).toContain('1.2.0');
    const pattern = `/npm//${name}$`;
    await group(pattern);
    await configure(pattern, { PUBLISH: 'BLOCK', EXTERNAL_UPSTREAM: 'BLOCK', INTERNAL_UPSTREAM: 'BLOCK' });
    expect([...(await sees('team', '1.0.0', '1.1.0', '1.2.0'))].sort()).toEqual(['1.0.0', '1.1.0']);
    expect(await w.npm('team').json(`-/package/${name}/dist-tags`)).toEqual({ latest: '1.1.0' });
    expect(await publish('base', '1.3.0')).toBe(403);
  });

  it('refuses a publish in words that say what to change', async () => {
    const pattern = `/npm//${name}$`;
    await group(pattern);
    await configure(pattern, { PUBLISH: some }, { PUBLISH: ['team'] });
    const answer = await w.npm('base').publish({ name, version: '1.0.0' });
    expect([answer.status, (await jsonOf(answer))['message']]).toEqual([
      403,
      expect.stringContaining(`package group '${pattern}' does not allow it`),
    ]);
    expect(await publish('team', '1.0.0')).toBe(200);
    await put('team', 'BLOCK', 'ALLOW');
    expect(await publish('team', '1.1.0')).toBe(403);
  });

  it('closes a variant of a name it names on every way, until the variant has a group of its own', async () => {
    await group(`/npm//${name}$`);
    const named = name;
    name = named.replaceAll('-', '.');
    await w.publicRegistry.publish({ name, version: '1.0.0' });
    await w.publicRegistry.publish({ name: named, version: '1.0.0' });
    const all = ['team', 'store', 'base'];
    for (const mode of ['INHERIT', 'ALLOW', some] as const) {
      const types = ['PUBLISH', 'EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM'] as const;
      const modes = Object.fromEntries(types.map((type) => [type, mode]));
      await configure(`/npm//${named}$`, modes, Object.fromEntries(types.map((type) => [type, all])));
      for (const repository of all) expect(await sees(repository, '1.0.0'), mode).toEqual([]);
    }
    const answer = await w.npm('base').publish({ name, version: '1.0.0' });
    expect([answer.status, (await jsonOf(answer))['message']]).toEqual([403, expect.stringContaining('a variant of')]);
    await group(`/npm//${name}$`);
    expect(await sees('team', '1.0.0')).toEqual(['1.0.0']);
    name = named;
    expect(await sees('team', '1.0.0')).toEqual(['1.0.0']);
  });
});
