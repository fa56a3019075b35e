import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, changed, lib, refused, Shelf, type Status, tool } from './shelf.ts';

/** What becomes of a version of each status. A number is the status of the answer, a text that of the version after. */
const machine = {
  Unfinished: {
    Published: 'Published',
    Unlisted: 'Unlisted',
    Archived: 'Archived',
    dispose: 'Disposed',
    sameAgain: 'Published',
    otherBytes: 409,
    moreAssets: 'Published',
    copy: 'NOT_ALLOWED',
    asset: 200,
    assets: ['a.txt'],
  },
  Published: {
    Published: 'Published',
    Unlisted: 'Unlisted',
    Archived: 'Archived',
    dispose: 'Disposed',
    sameAgain: 'Published',
    otherBytes: 409,
    moreAssets: 409,
    copy: 'Published',
    asset: 200,
    assets: ['a.txt'],
  },
  Unlisted: {
    Published: 'Published',
    Unlisted: 'Unlisted',
    Archived: 'Archived',
    dispose: 'Disposed',
    sameAgain: 409,
    otherBytes: 409,
    moreAssets: 409,
    copy: 'Unlisted',
    asset: 200,
    assets: ['a.txt'],
  },
  Archived: {
    Published: 'Published',
    Unlisted: 'Unlisted',
    Archived: 'Archived',
    dispose: 'Disposed',
    sameAgain: 409,
    otherBytes: 409,
    moreAssets: 409,
    copy: 'Archived',
    asset: 404,
    assets: ['a.txt'],
  },
  Disposed: {
    Published: 'NOT_ALLOWED',
    Unlisted: 'NOT_ALLOWED',
    Archived: 'NOT_ALLOWED',
    dispose: 'NOT_ALLOWED',
    sameAgain: 409,
    otherBytes: 409,
    moreAssets: 409,
    copy: 'NOT_ALLOWED',
    asset: 404,
    assets: [],
  },
} as const;

const froms = Object.keys(machine) as Status[];

/** What a batch says of its only version. */
function outcome({ successfulVersions, failedVersions }: Record<string, unknown>): string | undefined {
  const [success] = Object.values(successfulVersions as Record<string, { status: string }>);
  const [failure] = Object.values(failedVersions as Record<string, { errorCode: string }>);
  return success?.status ?? failure?.errorCode;
}

describe.each(froms)('A version that is %s', (from) => {
  const row = machine[from];
  let shelf: Shelf;
  beforeAll(async () => {
    shelf = await Shelf.with({ app: [], backup: [] });
  });
  afterAll(() => shelf.world.close());

  /** A version of its own for each test. */
  async function version(name: string): Promise<string> {
    await shelf.bring('app', name, from);
    await shelf.happenings();
    return name;
  }

  /** A failure changes nothing and is not told; a success is what the version is then. */
  async function settles(name: string, expected: string | number, before: Status | 'none' = from): Promise<void> {
    const isRefused = expected === 409 || expected === 'NOT_ALLOWED';
    expect(await shelf.statusOf('app', name)).toBe(isRefused ? before : expected);
    expect((await shelf.happenings()).length > 0).toBe(!isRefused && expected !== from);
  }

  it.each(['Published', 'Unlisted', 'Archived'] as const)('is set to %s as the table says', async (target) => {
    const name = await version(`to-${target}`);
    const revision = (await shelf.describe('app', name))?.revision;
    expect(outcome(await shelf.setStatus('app', name, target))).toBe(row[target]);
    await settles(name, row[target]);
    expect((await shelf.describe('app', name))?.revision).toBe(revision);
  });

  it.each(['Unfinished', 'Disposed', 'Deleted'])('cannot be set to %s', async (targetStatus) => {
    const name = await version(`to-${targetStatus}`);
    const input = { ...at('app'), ...tool, versions: [name], targetStatus };
    expect(await shelf.world.call('UpdatePackageVersionsStatus', input)).toMatchObject({
      status: 400,
      headers: { 'x-amzn-errortype': 'ValidationException' },
    });
    await settles(name, 409);
  });

  it('is disposed of as the table says', async () => {
    const name = await version('disposed');
    const revision = (await shelf.describe('app', name))?.revision;
    expect(outcome(await shelf.batch('DisposePackageVersions', 'app', [name]))).toBe(row.dispose);
    await settles(name, row.dispose);
    expect(await shelf.read('app', name)).toBe(404);
    expect((await shelf.describe('app', name))?.revision).toBe(revision);
  });

  it('is deleted, and its number can be published again', async () => {
    const name = await version('deleted');
    expect(outcome(await shelf.batch('DeletePackageVersions', 'app', [name]))).toBe('Deleted');
    expect(await shelf.statusOf('app', name)).toBeUndefined();
    expect(await shelf.versions('app')).not.toContain(name);
    const [told] = await shelf.happenings();
    expect(told).toEqual({
      repository: 'app',
      version: name,
      operation: 'Deleted',
      status: from,
      assets: [0, from === 'Disposed' ? 0 : 1, 0],
      metadata: false,
      statusChanged: false,
    });
    expect(await shelf.add('app', name, 'a.txt', 'other bytes')).toMatchObject({ status: 200 });
    expect(await shelf.read('app', name)).toBe('other bytes');
  });

  it('takes the same asset, another one under its name, and one more, as the table says', async () => {
    for (const [kind, asset, content] of [
      ['sameAgain', 'a.txt', 'bytes of same-again'],
      ['otherBytes', 'a.txt', 'other bytes'],
      ['moreAssets', 'b.txt', 'more bytes'],
    ] as const) {
      const name = await version(kind === 'sameAgain' ? 'same-again' : kind);
      const expected = row[kind];
      const answer = await shelf.add('app', name, asset, content);
      expect(answer, kind).toMatchObject(
        expected === 409
          ? { status: 409, json: { resourceType: 'package-version', resourceId: name } }
          : { status: 200, json: { status: expected } },
      );
      await settles(name, expected);
    }
  });

  it('is copied as the table says', async () => {
    const name = await version('copied');
    const revision = (await shelf.describe('app', name))?.revision;
    expect(outcome(await shelf.copy('app', 'backup', [name]))).toBe(row.copy);
    const there = await shelf.describe('backup', name);
    const isCopied = row.copy !== 'NOT_ALLOWED';
    expect([there?.status, there?.revision]).toEqual(isCopied ? [row.copy, revision] : [undefined, undefined]);
  });

  it('is read as the table says: its assets, their list, its description, its place in the list of versions', async () => {
    const name = await version('read');
    expect(await shelf.read('app', name)).toBe(row.asset === 200 ? 'bytes of read' : row.asset);
    expect(await shelf.assetNames('app', name)).toEqual(row.assets);
    expect(await shelf.describe('app', name)).toMatchObject({
      status: from,
      origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'app' } },
    });
    expect(await shelf.versions('app')).toContain(name);
    const { versions } = await shelf.world.ok('ListPackageVersions', { ...at('app'), ...tool, status: from });
    expect(versions).toContainEqual(expect.objectContaining({ version: name, status: from }));
  });
});

describe('The readme of an npm version', () => {
  it('stays with its record whatever its status', async () => {
    const shelf = await Shelf.with({ app: [] });
    await shelf.world.publish('acme', 'app', 'lib', '1.0.0', { readme: '# lib' });
    const readme = () => shelf.world.call('GetPackageVersionReadme', { ...at('app'), ...lib, packageVersion: '1.0.0' });
    for (const status of ['Published', 'Unlisted', 'Archived']) {
      await shelf.setStatus('app', '1.0.0', status, lib);
      expect((await readme()).json, status).toMatchObject({ readme: '# lib' });
    }
    await shelf.batch('DisposePackageVersions', 'app', ['1.0.0'], {}, lib);
    expect((await readme()).json).toMatchObject({ readme: '# lib' });
    await shelf.batch('DeletePackageVersions', 'app', ['1.0.0'], {}, lib);
    expect((await readme()).status).toBe(404);
    await shelf.world.close();
  });
});

describe('Status changes of many versions', () => {
  let shelf: Shelf;
  beforeEach(async () => {
    shelf = await Shelf.with({ app: [], base: [], team: ['base'] });
    for (const version of ['1', '2', '3']) await shelf.bring('app', version, 'Published');
    await shelf.bring('app', 'gone', 'Disposed');
    await shelf.bring('app', 'hidden', 'Unlisted');
    await shelf.happenings();
  });
  afterEach(() => shelf.world.close());

  const revision = async (version: string) => (await shelf.describe('app', version))?.revision ?? '';
  const archive = (versions: readonly string[], more = {}) =>
    shelf.batch('UpdatePackageVersionsStatus', 'app', versions, { targetStatus: 'Archived', ...more });
  /** Statuses of the first three. */
  const now = () => Promise.all(['1', '2', '3'].map((version) => shelf.statusOf('app', version)));

  it('happen together, each told with its number', async () => {
    expect(await archive(['1', '2'])).toEqual(changed('Archived', '1', '2'));
    expect(await now()).toEqual(['Archived', 'Archived', 'Published']);
    const told = { repository: 'app', operation: 'Updated', status: 'Archived', assets: [0, 0, 0] };
    expect(await shelf.happenings()).toEqual([
      { ...told, version: '1', metadata: false, statusChanged: true },
      { ...told, version: '2', metadata: false, statusChanged: true },
    ]);
  });

  it('all fail when one fails, and each says why in the words of AWS', async () => {
    const expected = { expectedStatus: 'Published' };
    expect(await archive(['1', 'missing', 'hidden', '2'], expected)).toEqual(
      refused({
        missing: ['NOT_FOUND', 'Could not find version missing'],
        hidden: ['MISMATCHED_STATUS', 'current status: Unlisted, expected status: Published'],
        1: ['SKIPPED', 'version 1 is skipped'],
        2: ['SKIPPED', 'version 2 is skipped'],
      }),
    );
    const stale = { 1: await revision('1'), 2: 'stale', gone: await revision('gone') };
    expect(await archive(['1', '2', 'gone'], { versionRevisions: stale })).toEqual(
      refused({
        1: ['SKIPPED', 'version 1 is skipped'],
        2: ['MISMATCHED_REVISION', `current revision: ${await revision('2')}, expected revision: stale`],
        gone: ['NOT_ALLOWED', 'Version gone is Disposed'],
      }),
    );
    expect(await now()).toEqual(['Published', 'Published', 'Published']);
    expect(await shelf.happenings()).toEqual([]);
  });

  it('go through with the right revisions and the right status', async () => {
    const versionRevisions = { 1: await revision('1'), 3: await revision('3') };
    const answer = await archive(['1', '3'], { versionRevisions, expectedStatus: 'Published' });
    expect(answer).toEqual({
      successfulVersions: {
        1: { revision: versionRevisions[1], status: 'Archived' },
        3: { revision: versionRevisions[3], status: 'Archived' },
      },
      failedVersions: {},
    });
  });

  it('want the same versions in both lists', async () => {
    for (const versionRevisions of [{}, { 1: 'x' }, { 1: 'x', 2: 'x', 3: 'x' }, { 1: 'x', 3: 'x' }]) {
      const input = { ...at('app'), ...tool, versions: ['1', '2'], versionRevisions };
      for (const [operation, more] of [
        ['UpdatePackageVersionsStatus', { targetStatus: 'Archived' }],
        ['DisposePackageVersions', {}],
      ] as const) {
        const answer = await shelf.world.call(operation, { ...input, ...more });
        expect(answer, JSON.stringify(versionRevisions)).toMatchObject({
          status: 400,
          headers: { 'x-amzn-errortype': 'ValidationException' },
        });
      }
    }
    expect(await now()).toEqual(['Published', 'Published', 'Published']);
  });

  it('are no change where the status is that already', async () => {
    await archive(['1']);
    await shelf.happenings();
    expect(await archive(['1', '2'])).toEqual(changed('Archived', '1', '2'));
    expect((await shelf.happenings()).map(({ version }) => version)).toEqual(['2']);
  });

  it('count a version once that is named twice', async () => {
    expect(await archive(['1', '1'])).toEqual(changed('Archived', '1'));
    expect(await shelf.happenings()).toHaveLength(1);
    expect(await shelf.batch('DeletePackageVersions', 'app', ['2', '2'])).toEqual(changed('Deleted', '2'));
  });

  it('of no version at all are fine, and change nothing', async () => {
    const nothing = { successfulVersions: {}, failedVersions: {} };
    expect(await archive([])).toEqual(nothing);
    for (const operation of ['DisposePackageVersions', 'DeletePackageVersions']) {
      expect(await shelf.batch(operation, 'app', [])).toEqual(nothing);
    }
    expect(await shelf.happenings()).toEqual([]);
  });

  it('take a hundred versions and no more', async () => {
    const many = Array.from({ length: 101 }, (_, n) => `9.${n}`);
    for (const [operation, more] of [
      ['UpdatePackageVersionsStatus', { targetStatus: 'Archived' }],
      ['DisposePackageVersions', {}],
      ['DeletePackageVersions', {}],
    ] as const) {
      const call = (versions: readonly string[]) =>
        shelf.world.call(operation, { ...at('app'), ...tool, versions, ...more });
      expect(await call(many), operation).toMatchObject({
        status: 400,
        json: { message: expect.stringContaining('Member must have length less than or equal to 100') },
      });
      expect(Object.keys((await call(many.slice(1))).json?.['failedVersions'] ?? {})).toHaveLength(100);
    }
  });

  it('take names that mean something to JavaScript', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    for (const name of names) await shelf.bring('app', name, 'Published');
    const versionRevisions = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await revision(name)] as const)),
    );
    const { successfulVersions } = await archive(names, { versionRevisions });
    expect(Object.keys(successfulVersions as object).sort()).toEqual([...names].sort());
    const { failedVersions } = await archive(['__proto__', 'valueOf'], { expectedStatus: 'Published' });
    expect(Object.entries(failedVersions as object)).toEqual([
      ['__proto__', { errorCode: 'MISMATCHED_STATUS', errorMessage: expect.any(String) }],
      ['valueOf', { errorCode: 'NOT_FOUND', errorMessage: 'Could not find version valueOf' }],
    ]);
    await shelf.batch('DeletePackageVersions', 'app', names);
    expect(await shelf.versions('app')).toEqual(['1', '2', '3', 'gone', 'hidden']);
  });

  it('concern the named repository alone: what only an upstream has is not found', async () => {
    await shelf.world.publish('acme', 'base', 'lib', '1.0.0');
    for (const [operation, more] of [
      ['UpdatePackageVersionsStatus', { targetStatus: 'Archived' }],
      ['DisposePackageVersions', {}],
      ['DeletePackageVersions', {}],
    ] as const) {
      const input = { ...at('team'), ...lib, versions: ['1.0.0'], ...more };
      expect(await shelf.world.call(operation, input), operation).toMatchObject({
        status: 404,
        json: { message: "The npm package 'lib' does not exist in repository 'team'.", resourceType: 'package' },
      });
    }
    expect(await shelf.statusOf('base', '1.0.0', lib)).toBe('Published');
  });

  it('show the version that was published last before, once the one on top is hidden', async () => {
    const shown = async () =>
      (await shelf.world.ok('ListPackageVersions', { ...at('app'), ...tool }))['defaultDisplayVersion'];
    shelf.world.time.now += 1_000;
    await shelf.bring('app', '4', 'Published');
    expect(await shown()).toBe('4');
    await archive(['4']);
    expect(await shown()).toBe('3');
    await shelf.setStatus('app', '4', 'Published');
    expect(await shown()).toBe('4');
  });
});

describe('Bytes of versions that go', () => {
  let shelf: Shelf;
  beforeEach(async () => {
    shelf = await Shelf.with({ app: [], backup: [] });
  });
  afterEach(() => shelf.world.close());

  it('are counted once for the domain, and no longer when the last holder disposes of them', async () => {
    await shelf.bring('app', '1', 'Published', 'ten bytes!');
    await shelf.bring('app', 'equal', 'Published', 'ten bytes!');
    await shelf.copy('app', 'backup', ['1']);
    expect(await shelf.assetSizeBytes()).toBe(10);
    await shelf.batch('DisposePackageVersions', 'app', ['1', 'equal']);
    expect(await shelf.assetSizeBytes()).toBe(10);
    expect([await shelf.read('app', '1'), await shelf.read('backup', '1')]).toEqual([404, 'ten bytes!']);
    expect([await shelf.assetNames('app', '1'), await shelf.assetNames('backup', '1')]).toEqual([[], ['a.txt']]);
    await shelf.collect();
    expect([await shelf.blobs(), await shelf.read('backup', '1')]).toEqual([1, 'ten bytes!']);
    await shelf.batch('DisposePackageVersions', 'backup', ['1']);
    expect(await shelf.assetSizeBytes()).toBe(0);
    await shelf.collect();
    expect(await shelf.blobs()).toBe(0);
    expect(await shelf.statusOf('backup', '1')).toBe('Disposed');
  });

  it('stay while one of deleted, disposed and held is held', async () => {
    await shelf.bring('app', '1', 'Published', 'ten bytes!');
    await shelf.copy('app', 'backup', ['1']);
    await shelf.batch('DeletePackageVersions', 'app', ['1']);
    await shelf.collect();
    expect([await shelf.read('backup', '1'), await shelf.assetSizeBytes()]).toEqual(['ten bytes!', 10]);
    await shelf.world.ok('DeleteRepository', at('backup'));
    expect(await shelf.assetSizeBytes()).toBe(0);
    await shelf.collect();
    expect(await shelf.blobs()).toBe(0);
  });

  it('go when those who are left have disposed of them', async () => {
    await shelf.bring('app', '1', 'Published', 'ten bytes!');
    await shelf.copy('app', 'backup', ['1']);
    await shelf.batch('DisposePackageVersions', 'backup', ['1']);
    await shelf.batch('DeletePackageVersions', 'app', ['1']);
    expect(await shelf.assetSizeBytes()).toBe(0);
    await shelf.collect();
    expect([await shelf.blobs(), await shelf.statusOf('backup', '1')]).toEqual([0, 'Disposed']);
  });

  it('of archived and unlisted versions stay, and are served when they are published again', async () => {
    await shelf.bring('app', '1', 'Archived', 'ten bytes!');
    await shelf.collect();
    expect([await shelf.read('app', '1'), await shelf.assetSizeBytes()]).toEqual([404, 10]);
    await shelf.setStatus('app', '1', 'Published');
    expect(await shelf.read('app', '1')).toBe('ten bytes!');
  });

  it('are told as removed once for each repository that had them', async () => {
    await shelf.add('app', '1', 'a.txt', 'a', { unfinished: true });
    await shelf.add('app', '1', 'b.txt', 'b');
    await shelf.copy('app', 'backup', ['1']);
    await shelf.happenings();
    await shelf.batch('DisposePackageVersions', 'app', ['1']);
    await shelf.batch('DisposePackageVersions', 'backup', ['1']);
    await shelf.batch('DeletePackageVersions', 'app', ['1']);
    const told = { version: '1', operation: 'Updated', status: 'Disposed', metadata: false, statusChanged: true };
    expect(await shelf.happenings()).toEqual([
      { ...told, repository: 'app', assets: [0, 2, 0] },
      { ...told, repository: 'backup', assets: [0, 2, 0] },
      { ...told, repository: 'app', operation: 'Deleted', assets: [0, 0, 0], statusChanged: false },
    ]);
  });
});
