import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, changed, lib, Shelf, tool } from './shelf.ts';

let shelf: Shelf;
beforeEach(async () => {
  shelf = await Shelf.with({ app: [], base: [], team: ['base'] });
});
afterEach(() => shelf.world.close());

const both = ['ALLOW', 'BLOCK'] as const;
const put = (repository: string, publish: string, upstream: string, of: object = tool) =>
  shelf.world.ok('PutPackageOriginConfiguration', {
    ...at(repository),
    ...of,
    restrictions: { publish, upstream },
  });
const blocked = { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } };

describe('PutPackageOriginConfiguration', () => {
  it('sets both restrictions, which then show everywhere', async () => {
    await shelf.bring('app', '1', 'Published');
    for (const publish of both) {
      for (const upstream of both) {
        const restrictions = { publish, upstream };
        expect(await put('app', publish, upstream)).toEqual({ originConfiguration: { restrictions } });
        expect(await shelf.restrictions('app')).toEqual(restrictions);
        const { packages } = await shelf.world.ok('ListPackages', { ...at('app'), ...restrictions });
        expect(packages).toEqual([{ ...tool, originConfiguration: { restrictions } }]);
      }
    }
    // Not an event of a version, nor a change of one.
    expect(await shelf.happenings()).toHaveLength(1);
    expect(await shelf.describe('app', '1')).toMatchObject({ status: 'Published' });
  });

  it('makes a record without versions for a package that is not there yet, in this repository alone', async () => {
    await put('app', 'BLOCK', 'ALLOW', lib);
    const restrictions = { publish: 'BLOCK', upstream: 'ALLOW' };
    const summary = { ...lib, originConfiguration: { restrictions } };
    expect(await shelf.world.ok('ListPackages', at('app'))).toEqual({ packages: [summary] });
    expect(await shelf.world.ok('ListPackageVersions', { ...at('app'), ...lib })).toEqual({ ...lib, versions: [] });
    expect(await shelf.world.ok('ListPackages', at('base'))).toEqual({ packages: [] });
    const version = { ...at('app'), ...lib, packageVersion: '1.0.0' };
    expect(await shelf.world.call('DescribePackageVersion', version)).toMatchObject({
      status: 404,
      json: { resourceType: 'package-version' },
    });
  });

  it('has no opposite: deleting the package takes the rules away', async () => {
    await put('app', 'BLOCK', 'BLOCK');
    expect(await shelf.add('app', '1', 'a.txt', 'a')).toMatchObject(blocked);
    await shelf.world.ok('DeletePackage', { ...at('app'), ...tool });
    expect((await shelf.add('app', '1', 'a.txt', 'a')).status).toBe(200);
    expect(await shelf.restrictions('app')).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
  });

  it('wants both members, each ALLOW or BLOCK', async () => {
    for (const restrictions of [undefined, {}, { publish: 'ALLOW' }, { upstream: 'BLOCK' }, { publish: 'allow' }]) {
      const input = { ...at('app'), ...tool, ...(restrictions && { restrictions }) };
      expect(
        await shelf.world.call('PutPackageOriginConfiguration', input),
        JSON.stringify(restrictions),
      ).toMatchObject({ status: 400, headers: { 'x-amzn-errortype': 'ValidationException' } });
    }
    expect(await shelf.world.ok('ListPackages', at('app'))).toEqual({ packages: [] });
  });

  it('answers 404 for a domain or a repository that is not there', async () => {
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };
    for (const [place, text] of [
      [{ repository: 'missing' }, "Repository not found. Repository 'missing' in domain 'acme'"],
      [{ domain: 'missing' }, "Domain not found. Domain 'missing'"],
    ] as const) {
      const input = { ...at('app'), ...place, ...tool, restrictions };
      expect(await shelf.world.call('PutPackageOriginConfiguration', input)).toMatchObject({
        status: 404,
        json: { message: expect.stringContaining(text) },
      });
    }
  });

  it('stops and allows publishing from the next request on, also more assets of an unfinished version', async () => {
    await shelf.add('app', '1', 'a.txt', 'a', { unfinished: true });
    await put('app', 'BLOCK', 'BLOCK');
    const refusal = {
      ...blocked,
      json: { message: expect.stringMatching(/'drill' cannot be published .* publish=BLOCK/) },
    };
    expect(await shelf.add('app', '1', 'b.txt', 'b')).toMatchObject(refusal);
    expect(await shelf.add('app', '2', 'a.txt', 'a')).toMatchObject(refusal);
    // What is there stays, and its life goes on.
    expect(await shelf.setStatus('app', '1', 'Published')).toEqual(changed('Published', '1'));
    expect(await shelf.read('app', '1')).toBe('a');
    await put('app', 'ALLOW', 'BLOCK');
    expect((await shelf.add('app', '2', 'a.txt', 'a')).status).toBe(200);
    await put('app', 'BLOCK', 'BLOCK');
    expect(await shelf.batch('DeletePackageVersions', 'app', ['2'])).toEqual(changed('Deleted', '2'));
  });

  it('in one repository says nothing about another', async () => {
    await put('base', 'BLOCK', 'BLOCK');
    expect((await shelf.add('app', '1', 'a.txt', 'a')).status).toBe(200);
    expect(await shelf.add('base', '1', 'a.txt', 'a')).toMatchObject(blocked);
  });
});

describe('A package group', () => {
  const group = { domain: 'acme', packageGroup: '/generic/tools/*' };
  const allowed = (repositoryName: string) => ({ repositoryName, originRestrictionType: 'PUBLISH' });
  const configure = (change: object, packageGroup: string = group.packageGroup) =>
    shelf.world.ok('UpdatePackageGroupOriginConfiguration', { ...group, packageGroup, ...change });
  const publish = async (repository: string, version: string, of: Readonly<Record<string, unknown>> = {}) =>
    (await shelf.add(repository, version, 'a.txt', 'a', of)).status;

  it.each([
    ['ALLOW', [], 200, 200],
    ['ALLOW', ['app'], 200, 200],
    ['BLOCK', [], 403, 403],
    ['BLOCK', ['app'], 403, 403],
    ['ALLOW_SPECIFIC_REPOSITORIES', [], 403, 403],
    ['ALLOW_SPECIFIC_REPOSITORIES', ['app'], 200, 403],
    ['INHERIT', ['app'], 200, 200],
  ] as const)(
    'with PUBLISH %s and %j on its list answers a publish to app %i, to base %i',
    async (mode, list, app, base) => {
      await shelf.world.ok('CreatePackageGroup', group);
      await configure({ restrictions: { PUBLISH: mode }, addAllowedRepositories: list.map(allowed) });
      expect([await publish('app', '1'), await publish('base', '1')]).toEqual([app, base]);
    },
  );

  it('and the package itself must both allow it', async () => {
    await shelf.world.ok('CreatePackageGroup', group);
    await put('app', 'BLOCK', 'ALLOW');
    expect(await publish('app', '1')).toBe(403);
    await configure({ restrictions: { PUBLISH: 'BLOCK' } });
    await put('app', 'ALLOW', 'ALLOW');
    const answer = await shelf.add('app', '1', 'a.txt', 'a');
    expect(answer.json).toMatchObject({ message: expect.stringContaining("package group '/generic/tools/*'") });
    await configure({ restrictions: { PUBLISH: 'ALLOW' } });
    expect(await publish('app', '1')).toBe(200);
  });

  it('that restricts anything makes a first arrival leave all to it', async () => {
    await shelf.world.ok('CreatePackageGroup', group);
    await configure({ restrictions: { EXTERNAL_UPSTREAM: 'BLOCK' } });
    await publish('app', '1');
    expect(await shelf.restrictions('app')).toEqual({ publish: 'ALLOW', upstream: 'ALLOW' });
    await shelf.copy('app', 'base', ['1']);
    expect(await shelf.restrictions('base')).toEqual({ publish: 'ALLOW', upstream: 'ALLOW' });
    // Later changes of the group leave the package as it is.
    await configure({ restrictions: { EXTERNAL_UPSTREAM: 'ALLOW' } });
    await publish('app', '2');
    expect(await shelf.restrictions('app')).toEqual({ publish: 'ALLOW', upstream: 'ALLOW' });
  });

  it('stops names that only look like what it names, until they have a group of their own', async () => {
    await shelf.world.ok('CreatePackageGroup', { ...group, packageGroup: '/generic/tools/drill$' });
    expect(await publish('app', '1')).toBe(200);
    for (const name of ['DRILL', 'Drill', 'drıll']) {
      const answer = await shelf.add('app', '1', 'a.txt', 'a', { package: name });
      expect(answer, name).toMatchObject({
        ...blocked,
        json: { message: expect.stringContaining("a variant of what package group '/generic/tools/drill$' names") },
      });
    }
    expect(await publish('app', '1', { package: 'drills' })).toBe(200);
    await shelf.world.ok('CreatePackageGroup', { ...group, packageGroup: '/generic/tools/Drill$' });
    expect([await publish('app', '1', { package: 'Drill' }), await publish('app', '1', { package: 'DRILL' })]).toEqual([
      200, 403,
    ]);
  });

  it('does not stop what is there: copies, status changes, deletions', async () => {
    await publish('app', '1');
    await shelf.world.ok('CreatePackageGroup', group);
    await configure({ restrictions: { PUBLISH: 'BLOCK', INTERNAL_UPSTREAM: 'BLOCK', EXTERNAL_UPSTREAM: 'BLOCK' } });
    expect(await shelf.copy('app', 'base', ['1'])).toEqual(changed('Published', '1'));
    expect(await shelf.setStatus('base', '1', 'Unlisted')).toEqual(changed('Unlisted', '1'));
    expect(await shelf.read('base', '1')).toBe('a');
    expect(await shelf.batch('DeletePackageVersions', 'base', ['1'])).toEqual(changed('Deleted', '1'));
  });
});
