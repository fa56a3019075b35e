import { CopyPackageVersionsCommand, DeletePackageCommand } from '@aws-sdk/client-codeartifact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ports } from '../../src/core/core-ports.ts';
import { TestClock } from '../support/clock.ts';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { World } from '../support/world.ts';
import { at, changed, lib, refused, Shelf, tool } from './shelf.ts';

let shelf: Shelf;
beforeEach(async () => {
  shelf = await Shelf.with({ app: [], backup: [], base: [], team: ['base'] });
});
afterEach(() => shelf.world.close());

const nothing = { successfulVersions: {}, failedVersions: {} };
const call = (input: Readonly<Record<string, unknown>>) =>
  shelf.world.call('CopyPackageVersions', {
    domain: 'acme',
    sourceRepository: 'app',
    destinationRepository: 'backup',
    ...tool,
    ...input,
  });
const revision = async (repository: string, version: string) =>
  (await shelf.describe(repository, version))?.revision ?? '';

describe('CopyPackageVersions', () => {
  it('copies versions with all they have, and tells it', async () => {
    await shelf.add('app', '1', 'a.txt', 'a', { unfinished: true });
    await shelf.add('app', '1', 'b.txt', 'b');
    await shelf.bring('app', '2', 'Unlisted');
    const before = await shelf.describe('app', '1');
    await shelf.happenings();
    const published = shelf.world.time.now / 1_000;
    shelf.world.time.now += 60_000;
    expect(await shelf.copy('app', 'backup', ['1', '2'])).toEqual({
      successfulVersions: {
        1: { revision: before?.revision, status: 'Published' },
        2: { revision: await revision('app', '2'), status: 'Unlisted' },
      },
      failedVersions: {},
    });
    expect(await shelf.describe('backup', '1')).toEqual({ ...before, publishedTime: published + 60 });
    expect([await shelf.assetNames('backup', '1'), await shelf.read('backup', '1', 'b.txt')]).toEqual([
      ['a.txt', 'b.txt'],
      'b',
    ]);
    const told = { repository: 'backup', operation: 'Created', metadata: true, statusChanged: true };
    expect(await shelf.happenings()).toEqual([
      { ...told, version: '1', status: 'Published', assets: [2, 0, 0] },
      { ...told, version: '2', status: 'Unlisted', assets: [1, 0, 0] },
    ]);
  });

  it('moves no bytes, and the copy lives on without its source', async () => {
    await shelf.bring('app', '1', 'Published', 'ten bytes!');
    await shelf.copy('app', 'backup', ['1']);
    expect([await shelf.blobs(), await shelf.assetSizeBytes()]).toEqual([1, 10]);
    await shelf.setStatus('app', '1', 'Archived');
    expect(await shelf.statusOf('backup', '1')).toBe('Published');
    await shelf.world.ok('DeleteRepository', at('app'));
    await shelf.collect();
    expect(await shelf.read('backup', '1')).toBe('ten bytes!');
    expect(await shelf.describe('backup', '1')).toMatchObject({
      origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'app' } },
    });
  });

  it('says nothing of a version that the destination has already', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.bring('app', '2', 'Published');
    await shelf.copy('app', 'backup', ['1']);
    await shelf.setStatus('backup', '1', 'Unlisted');
    await shelf.happenings();
    expect(await shelf.copy('app', 'backup', ['1'])).toEqual(nothing);
    expect(await shelf.copy('app', 'backup', ['1'], { allowOverwrite: true })).toEqual(nothing);
    expect([await shelf.statusOf('backup', '1'), await shelf.happenings()]).toEqual(['Unlisted', []]);
    expect(await shelf.copy('app', 'backup', ['1', '2'])).toEqual(changed('Published', '2'));
    // The same content that was published there by itself counts as the same.
    await shelf.bring('base', '1', 'Published', 'bytes of 1');
    expect(await shelf.copy('app', 'base', ['1'])).toEqual(nothing);
    expect(await shelf.describe('base', '1')).toMatchObject({
      origin: { domainEntryPoint: { repositoryName: 'base' } },
    });
  });

  it('replaces another content only when it is told to, and tells what that changed', async () => {
    await shelf.add('app', '1', 'same.txt', 'same', { unfinished: true });
    await shelf.add('app', '1', 'other.txt', 'new', { unfinished: true });
    await shelf.add('app', '1', 'added.txt', 'added');
    await shelf.add('backup', '1', 'same.txt', 'same', { unfinished: true });
    await shelf.add('backup', '1', 'other.txt', 'old', { unfinished: true });
    await shelf.add('backup', '1', 'removed-1.txt', 'removed 1', { unfinished: true });
    await shelf.add('backup', '1', 'removed-2.txt', 'removed 2');
    await shelf.setStatus('backup', '1', 'Unlisted');
    await shelf.happenings();
    expect(await shelf.copy('app', 'backup', ['1'])).toEqual(
      refused({ 1: ['ALREADY_EXISTS', 'Version 1 already exists'] }),
    );
    expect(await shelf.happenings()).toEqual([]);
    expect(await shelf.copy('app', 'backup', ['1'], { allowOverwrite: true })).toEqual(changed('Published', '1'));
    expect(await shelf.assetNames('backup', '1')).toEqual(['added.txt', 'other.txt', 'same.txt']);
    expect(await shelf.read('backup', '1', 'other.txt')).toBe('new');
    expect(await revision('backup', '1')).toBe(await revision('app', '1'));
    expect(await shelf.happenings()).toEqual([
      {
        repository: 'backup',
        version: '1',
        operation: 'Updated',
        status: 'Published',
        assets: [1, 2, 1],
        metadata: false,
        statusChanged: true,
      },
    ]);
    await shelf.collect();
    expect([await shelf.blobs(), await shelf.assetSizeBytes()]).toEqual([3, 'same'.length + 'new'.length + 5]);
  });

  it('brings a version back that the destination has disposed of', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.copy('app', 'backup', ['1']);
    await shelf.batch('DisposePackageVersions', 'backup', ['1']);
    await shelf.happenings();
    expect(await shelf.copy('app', 'backup', ['1'])).toEqual(
      refused({ 1: ['ALREADY_EXISTS', 'Version 1 already exists'] }),
    );
    expect(await shelf.copy('app', 'backup', ['1'], { allowOverwrite: true })).toEqual(changed('Published', '1'));
    expect([await shelf.read('backup', '1'), await shelf.statusOf('backup', '1')]).toEqual(['bytes of 1', 'Published']);
    expect(await shelf.happenings()).toMatchObject([{ operation: 'Updated', assets: [1, 0, 0], statusChanged: true }]);
  });

  it('copies nothing when one version fails, and each says why in the words of AWS', async () => {
    await shelf.bring('app', 'new', 'Published');
    await shelf.bring('app', 'same', 'Published');
    await shelf.bring('app', 'other', 'Published');
    await shelf.bring('app', 'growing', 'Unfinished');
    await shelf.bring('app', 'disposed', 'Disposed');
    await shelf.copy('app', 'backup', ['same']);
    await shelf.bring('backup', 'other', 'Published', 'other bytes');
    await shelf.happenings();
    const versions = ['new', 'same', 'other', 'growing', 'disposed', 'missing'];
    expect(await shelf.copy('app', 'backup', versions)).toEqual(
      refused({
        new: ['SKIPPED', 'Version new was skipped'],
        same: ['SKIPPED', 'Version same was skipped'],
        other: ['ALREADY_EXISTS', 'Version other already exists'],
        growing: ['NOT_ALLOWED', 'Version growing is Unfinished and cannot be copied'],
        disposed: ['NOT_ALLOWED', 'Version disposed is Disposed and cannot be copied'],
        missing: ['NOT_FOUND', 'Could not find version missing'],
      }),
    );
    expect(await shelf.versions('backup')).toEqual(['other', 'same']);
    expect(await shelf.happenings()).toEqual([]);
  });

  it('leaves no package behind in a destination that it brings nothing to', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.copy('app', 'backup', ['missing']);
    await shelf.copy('app', 'backup', []);
    expect(await shelf.world.ok('ListPackages', at('backup'))).toEqual({ packages: [] });
  });

  it('takes revisions instead of versions, which must be those of the source', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.bring('app', '2', 'Published');
    const first = await revision('app', '1');
    const second = await revision('app', '2');
    const stale = await call({ versionRevisions: { 1: first, 2: 'stale' } });
    expect(stale.json).toEqual(
      refused({
        1: ['SKIPPED', 'Version 1 was skipped'],
        2: ['MISMATCHED_REVISION', `current revision: ${second}, expected revision: stale`],
      }),
    );
    const good = await call({ versionRevisions: { 1: first, 2: second } });
    expect(good.json).toEqual({
      successfulVersions: {
        1: { revision: first, status: 'Published' },
        2: { revision: second, status: 'Published' },
      },
      failedVersions: {},
    });
  });

  it('takes names that mean something to JavaScript', async () => {
    await shelf.bring('app', '__proto__', 'Published');
    await shelf.bring('app', 'constructor', 'Published');
    const revisions = [['__proto__', await revision('app', '__proto__')]] as const;
    const { json } = await call({ versionRevisions: Object.fromEntries(revisions) });
    expect(Object.keys(json?.['successfulVersions'] ?? {})).toEqual(['__proto__']);
    const { failedVersions } = await shelf.copy('app', 'backup', ['constructor', 'toString']);
    expect(Object.keys(failedVersions as object)).toEqual(['constructor', 'toString']);
    expect(await shelf.read('backup', '__proto__')).toBe('bytes of __proto__');
  });

  it('refuses what contradicts itself, and more than a hundred versions', async () => {
    await shelf.bring('app', '1', 'Published');
    const many = Array.from({ length: 101 }, (_, n) => `9.${n}`);
    for (const input of [
      {},
      { versions: ['1'], versionRevisions: { 1: 'x' } },
      { versions: ['1'], destinationRepository: 'app' },
      { versions: many },
      { versionRevisions: Object.fromEntries(many.map((version) => [version, 'x'])) },
    ]) {
      expect(await call(input), JSON.stringify(input).slice(0, 80)).toMatchObject({
        status: 400,
        headers: { 'x-amzn-errortype': 'ValidationException' },
      });
    }
    expect(await shelf.copy('app', 'backup', ['1', '1'])).toEqual(changed('Published', '1'));
    expect(await call({ versions: many.slice(1) })).toMatchObject({ status: 200 });
  });

  it('answers 404 for a repository or a package that is not there; another domain cannot be named', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.world.ok('CreateDomain', { domain: 'other' });
    await shelf.world.ok('CreateRepository', { domain: 'other', repository: 'elsewhere' });
    for (const [input, message] of [
      [{ sourceRepository: 'missing' }, "Repository 'missing' in domain 'acme'"],
      [{ destinationRepository: 'missing' }, "Repository 'missing' in domain 'acme'"],
      [{ destinationRepository: 'elsewhere' }, "Repository 'elsewhere' in domain 'acme'"],
      [{ domain: 'missing' }, "Domain 'missing' owned by account '111122223333' does not exist."],
      [{ package: 'missing' }, 'does not exist in repository'],
    ] as const) {
      expect(await call({ versions: ['1'], ...input }), JSON.stringify(input)).toMatchObject({
        status: 404,
        json: { message: expect.stringContaining(message) },
      });
    }
  });

  it('looks into the upstreams of the source only when it is told to; the nearest one that has it decides', async () => {
    await shelf.world.publish('acme', 'base', 'lib', '1.0.0');
    await shelf.world.publish('acme', 'base', 'lib', '2.0.0');
    await shelf.world.publish('acme', 'base', 'other', '1.0.0');
    const upstream = { includeFromUpstream: true };
    const copy = (versions: readonly string[], more = {}) => shelf.copy('team', 'backup', versions, more, lib);
    const missing = await shelf.world.call('CopyPackageVersions', {
      domain: 'acme',
      sourceRepository: 'team',
      destinationRepository: 'backup',
      ...lib,
      versions: ['1.0.0'],
    });
    expect(missing.status).toBe(404);
    expect(await copy(['1.0.0'], upstream)).toEqual(changed('Published', '1.0.0'));
    expect(await shelf.versions('team', lib)).toEqual([]);
    await shelf.copy('base', 'team', ['2.0.0'], {}, lib);
    expect(await copy(['1.0.0'])).toEqual(refused({ '1.0.0': ['NOT_FOUND', 'Could not find version 1.0.0'] }));
    await shelf.setStatus('team', '2.0.0', 'Archived', lib);
    expect(await copy(['2.0.0'], upstream)).toEqual(changed('Archived', '2.0.0'));
  });

  it('does not look past a source that is closed to its upstreams', async () => {
    await shelf.world.publish('acme', 'base', 'lib', '1.0.0');
    const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('team'), ...lib, restrictions });
    expect(await shelf.copy('team', 'backup', ['1.0.0'], { includeFromUpstream: true }, lib)).toEqual(
      refused({ '1.0.0': ['NOT_FOUND', 'Could not find version 1.0.0'] }),
    );
  });

  it('takes npm tags of copied versions along, over those of the destination', async () => {
    const { tags, packages } = shelf.world.deps.storage;
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await shelf.world.publish('acme', 'app', 'lib', version);
    await shelf.world.publish('acme', 'backup', 'lib', '0.9.0');
    const find = (name: string) =>
      shelf.world.deps.storage.repositories
        .locate('111122223333', 'eu-west-1', 'acme', name)
        .then((found) => found?.repository?.id ?? '');
    const [source, destination] = [await find('app'), await find('backup')];
    const [record] = await packages.findIn([source], { format: 'npm', namespace: null, name: 'lib' });
    const packageId = record?.packageId ?? '';
    await tags.set(source, packageId, 'beta', '2.0.0');
    await tags.set(source, packageId, 'next', '2.0.0');
    await tags.set(destination, packageId, 'beta', '0.9.0');
    await shelf.copy('app', 'backup', ['1.0.0', '2.0.0'], {}, lib);
    expect(await tags.list(destination, packageId)).toEqual([
      { tag: 'beta', version: '2.0.0' },
      { tag: 'latest', version: '0.9.0' },
      { tag: 'next', version: '2.0.0' },
    ]);
    await shelf.copy('app', 'backup', ['3.0.0'], {}, lib);
    expect(await tags.list(destination, packageId)).toContainEqual({ tag: 'latest', version: '3.0.0' });
  });

  it('is not stopped by origin controls, and gives the package those of a first arrival', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.copy('app', 'backup', ['1']);
    expect(await shelf.restrictions('backup')).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('base'), ...tool, restrictions });
    expect(await shelf.copy('app', 'base', ['1'])).toEqual(changed('Published', '1'));
    expect(await shelf.restrictions('base')).toEqual(restrictions);
  });
});

describe('CopyPackageVersions from a repository before the public registry', () => {
  it('takes what was retained, with its origin, and never asks the registry', async () => {
    const clock = new TestClock();
    await using world = await World.with({ store: 'public:npmjs', team: ['store'], backup: [] }, {}, { clock });
    for (const version of ['1.0.0', '1.1.0']) await world.publicRegistry.publish({ name: 'lib', version });
    expect((await world.npm('store').fetch('lib/-/lib-1.0.0.tgz')).status).toBe(200);
    world.publicRegistry.requests.length = 0;
    // What is known of the registry is old enough to be asked for again.
    clock.ahead = 60 * 60_000;
    const copy = (version: string) =>
      world.aws.send(
        new CopyPackageVersionsCommand({
          domain: world.domain,
          sourceRepository: 'team',
          destinationRepository: 'backup',
          format: 'npm',
          package: 'lib',
          versions: [version],
          includeFromUpstream: true,
        }),
      );
    expect(await copy('1.0.0')).toMatchObject({ successfulVersions: { '1.0.0': { status: 'Published' } } });
    expect(await copy('1.1.0')).toMatchObject({ failedVersions: { '1.1.0': { errorCode: 'NOT_FOUND' } } });
    expect(world.publicRegistry.requests).toEqual([]);
    expect(Object.keys((await world.npm('backup').json('lib')).versions)).toEqual(['1.0.0']);
  });
});

describe('Copies of different contents under one number, at once', () => {
  it.skipIf(!hasPostgres())('bring one of them, tell of one, and refuse the others', async () => {
    const postgres = await startPostgres();
    let ports: Ports | undefined;
    const wrap = (given: Ports) => {
      ports = given;
      return given;
    };
    const sources = ['one', 'two', 'three', 'four'];
    const repositories = Object.fromEntries([...sources, 'backup'].map((name) => [name, []]));
    const world = await World.with(repositories, { database: await postgres.newDatabase() }, { wrap });
    for (const name of sources) {
      await world.npm(name).publish({ name: 'lib', version: '1.0.0', files: { 'name.txt': name } });
    }
    const lib = { domain: world.domain, format: 'npm' as const, package: 'lib' };
    for (let round = 1; round <= 8; round += 1) {
      const answers = await Promise.all(
        sources.map((sourceRepository) => {
          const places = { sourceRepository, destinationRepository: 'backup' };
          return world.aws.send(new CopyPackageVersionsCommand({ ...lib, ...places, versions: ['1.0.0'] }));
        }),
      );
      const codes = answers.map(({ failedVersions }) => failedVersions?.['1.0.0']?.errorCode);
      expect(codes.filter((code) => code === 'ALREADY_EXISTS')).toHaveLength(sources.length - 1);
      const winner = sources[codes.indexOf(undefined)] ?? '';
      const integrity = async (name: string) => (await world.npm(name).json('lib')).versions['1.0.0'].dist.integrity;
      expect(await integrity('backup')).toBe(await integrity(winner));
      await world.aws.send(new DeletePackageCommand({ ...lib, repository: 'backup' }));
      const { events } = ports?.storage ?? {};
      while (await events?.place());
      const told = ((await events?.after(0, {}, 1_000)) ?? []).map(({ detail }) => JSON.parse(detail));
      const ofBackup = told.filter(({ repositoryName }) => repositoryName === 'backup');
      expect(ofBackup.map(({ operationType }) => operationType)).toEqual(
        Array.from({ length: round }, () => ['Created', 'Deleted']).flat(),
      );
    }
    await world[Symbol.asyncDispose]();
    await postgres.stop();
  });
});
