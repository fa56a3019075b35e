import { createHash } from 'node:crypto';
import { ListPackageVersionAssetsCommand, PublishPackageVersionCommand } from '@aws-sdk/client-codeartifact';
import { afterEach, describe, expect, it } from 'vitest';
import type { Quotas } from '../../src/core/quotas.ts';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { World } from '../support/world.ts';
import { at, Shelf, tool } from './shelf.ts';
import { openWorld } from './world.ts';

let shelf: Shelf;

async function given(quotas: Partial<Quotas> = {}): Promise<void> {
  shelf = new Shelf(await openWorld(quotas));
  await shelf.world.ok('CreateDomain', { domain: 'acme' });
  await shelf.world.ok('CreateRepository', { domain: 'acme', repository: 'app' });
}

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const growing = { unfinished: true };
const conflict = { status: 409, headers: { 'x-amzn-errortype': 'ConflictException' } };
const validation = { status: 400, headers: { 'x-amzn-errortype': 'ValidationException' } };

describe('PublishPackageVersion', () => {
  afterEach(() => shelf.world.close());

  it('publishes a version with one asset, which is whole at once', async () => {
    await given();
    expect(await shelf.add('app', '1.0', 'drill.zip', 'the bytes')).toMatchObject({
      status: 200,
      json: {
        format: 'generic',
        namespace: 'tools',
        package: 'drill',
        version: '1.0',
        versionRevision: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        status: 'Published',
        asset: {
          name: 'drill.zip',
          size: 9,
          hashes: {
            MD5: hash('md5', 'the bytes'),
            'SHA-1': hash('sha1', 'the bytes'),
            'SHA-256': hash('sha256', 'the bytes'),
            'SHA-512': hash('sha512', 'the bytes'),
          },
        },
      },
    });
    expect(await shelf.read('app', '1.0', 'drill.zip')).toBe('the bytes');
    expect(await shelf.restrictions('app')).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
    expect(await shelf.describe('app', '1.0')).toMatchObject({
      displayName: 'drill',
      status: 'Published',
      origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'app' } },
    });
  });

  it('lets an unfinished version grow, with another revision each time, until an asset finishes it', async () => {
    await given();
    const revisions = new Set<unknown>();
    for (const [asset, more, status] of [
      ['a.txt', growing, 'Unfinished'],
      ['b.txt', growing, 'Unfinished'],
      ['c.txt', { unfinished: false }, 'Published'],
    ] as const) {
      const { json } = await shelf.add('app', '1', asset, `bytes of ${asset}`, more);
      expect(json).toMatchObject({ status, asset: { name: asset } });
      revisions.add(json?.['versionRevision']);
      expect((await shelf.describe('app', '1'))?.revision).toBe(json?.['versionRevision']);
    }
    expect([revisions.size, await shelf.assetNames('app', '1')]).toEqual([3, ['a.txt', 'b.txt', 'c.txt']]);
    const told = { repository: 'app', version: '1', assets: [1, 0, 0] };
    expect(await shelf.happenings()).toEqual([
      { ...told, operation: 'Created', status: 'Unfinished', metadata: true, statusChanged: true },
      { ...told, operation: 'Updated', status: 'Unfinished', metadata: false, statusChanged: false },
      { ...told, operation: 'Updated', status: 'Published', metadata: false, statusChanged: true },
    ]);
  });

  it('lets a status update finish a version too, and takes no more assets then', async () => {
    await given();
    const { json } = await shelf.add('app', '1', 'a.txt', 'a', growing);
    await shelf.setStatus('app', '1', 'Published');
    expect(await shelf.describe('app', '1')).toMatchObject({
      status: 'Published',
      revision: json?.['versionRevision'],
    });
    for (const more of [{}, growing]) {
      expect(await shelf.add('app', '1', 'b.txt', 'b', more)).toMatchObject(conflict);
    }
    expect(await shelf.assetNames('app', '1')).toEqual(['a.txt']);
  });

  it('takes the same bytes again in silence, and other bytes under the same name never', async () => {
    await given();
    const first = await shelf.add('app', '1', 'a.txt', 'a', growing);
    expect((await shelf.add('app', '1', 'a.txt', 'a', growing)).json).toEqual(first.json);
    expect(await shelf.add('app', '1', 'a.txt', 'b', growing)).toMatchObject(conflict);
    expect(await shelf.add('app', '1', 'a.txt', 'b')).toMatchObject(conflict);
    expect(await shelf.statusOf('app', '1')).toBe('Unfinished');
    await shelf.happenings();
    const finished = await shelf.add('app', '1', 'a.txt', 'a');
    expect(finished.json).toEqual({ ...first.json, status: 'Published' });
    expect(await shelf.happenings()).toMatchObject([
      { operation: 'Updated', status: 'Published', assets: [0, 0, 0], statusChanged: true },
    ]);
    for (const more of [{}, growing]) {
      expect((await shelf.add('app', '1', 'a.txt', 'a', more)).json).toEqual(finished.json);
    }
    expect(await shelf.add('app', '1', 'a.txt', 'b')).toMatchObject(conflict);
    expect([await shelf.happenings(), await shelf.read('app', '1')]).toEqual([[], 'a']);
  });

  it('keeps nothing of bytes that do not hash to what was announced', async () => {
    await given();
    const announced = hash('sha256', 'other');
    expect(await shelf.add('app', '1', 'a.txt', 'a', { assetSHA256: announced })).toMatchObject({
      ...validation,
      json: {
        message:
          'The provided content hashes do not match the calculated content hashes. ' +
          `Hash algorithm 'SHA-256', Expected hash '${announced}', Calculated hash '${hash('sha256', 'a')}'`,
      },
    });
    for (const assetSHA256 of ['', 'abc', hash('sha256', 'a').toUpperCase(), `${hash('sha256', 'a')}0`]) {
      expect(await shelf.add('app', '1', 'a.txt', 'a', { assetSHA256 }), assetSHA256).toMatchObject(validation);
    }
    expect([await shelf.blobs(), await shelf.assetSizeBytes(), await shelf.happenings()]).toEqual([0, 0, []]);
    expect(await shelf.world.ok('ListPackages', at('app'))).toEqual({ packages: [] });
    // Nor does it harm what is there.
    await shelf.add('app', '1', 'a.txt', 'a', growing);
    await shelf.add('app', '1', 'b.txt', 'b', { assetSHA256: announced });
    expect([await shelf.statusOf('app', '1'), await shelf.assetNames('app', '1')]).toEqual(['Unfinished', ['a.txt']]);
  });

  it('takes the names that AWS takes, and no others', async () => {
    await given();
    const good = ['a', 'ünïcödé-文字.zip', '~!@^&()-_+[]{};,.`', 'two words.txt', 'a b c', '...', '__proto__'];
    for (const name of good) {
      expect((await shelf.add('app', 'good', name, name, growing)).status, name).toBe(200);
    }
    expect(await shelf.assetNames('app', 'good')).toEqual([...good].sort());
    expect(await shelf.read('app', 'good', 'two words.txt')).toBe('two words.txt');
    const bad = [
      '.',
      '..',
      ' a',
      'a ',
      'a  b',
      'a/b',
      'a\\b',
      'a%b',
      'a=b',
      "a'b",
      'a#b',
      'a$b',
      'a\tb',
      'a\nb',
      'a*b',
      '',
    ];
    for (const name of bad) {
      expect(await shelf.add('app', 'bad', name, 'x'), JSON.stringify(name)).toMatchObject(validation);
    }
    for (const coordinate of [{ namespace: '..' }, { package: 'a$b' }, { packageVersion: '.' }, { namespace: 'a%b' }]) {
      const answer = await shelf.add('app', 'bad', 'a.txt', 'x', coordinate);
      expect(answer, JSON.stringify(coordinate)).toMatchObject(validation);
    }
    expect(await shelf.versions('app')).toEqual(['good']);
  });

  it('is for generic packages, which need a namespace', async () => {
    await given();
    const { namespace: _, ...without } = { ...at('app'), ...tool };
    const input = { packageVersion: '1', assetName: 'a', assetContent: 'a', assetSHA256: hash('sha256', 'a') };
    for (const coordinate of [
      without,
      { ...without, format: 'npm' },
      { ...without, format: 'npm', namespace: 'tools' },
      { ...without, format: 'maven', namespace: 'tools' },
    ]) {
      const answer = await shelf.world.call('PublishPackageVersion', { ...coordinate, ...input });
      expect(answer, JSON.stringify(coordinate)).toMatchObject(validation);
    }
    expect(await shelf.blobs()).toBe(0);
  });

  it('answers 404 for a domain or a repository that is not there', async () => {
    await given();
    expect(await shelf.add('app', '1', 'a', 'a', { repository: 'missing' })).toMatchObject({ status: 404 });
    expect(await shelf.add('app', '1', 'a', 'a', { domain: 'missing' })).toMatchObject({ status: 404 });
  });

  it('takes 350 assets in a version and no more', async () => {
    await given({ assetsPerVersion: 3 });
    expect((await openWorldQuota()).assetsPerVersion).toBe(350);
    for (const name of ['1', '2', '3']) await shelf.add('app', '1', name, name, growing);
    await shelf.happenings();
    for (const more of [growing, {}]) {
      expect(await shelf.add('app', '1', '4', 'the fourth', more)).toMatchObject({
        status: 402,
        headers: { 'x-amzn-errortype': 'ServiceQuotaExceededException' },
        json: { resourceType: 'package-version', resourceId: '1' },
      });
    }
    expect([await shelf.assetNames('app', '1'), await shelf.statusOf('app', '1')]).toEqual([
      ['1', '2', '3'],
      'Unfinished',
    ]);
    expect(await shelf.happenings()).toEqual([]);
    expect((await shelf.add('app', '1', '3', '3')).json).toMatchObject({ status: 'Published' });
    expect((await shelf.add('app', '2', '1', '1')).status).toBe(200);
    await shelf.collect();
    expect(await shelf.blobs()).toBe(3);
  });

  it('takes an asset up to the size of the quota', async () => {
    await given({ assetBytes: 10 });
    expect((await shelf.add('app', '1', 'a', 'x'.repeat(10))).status).toBe(200);
    expect(await shelf.add('app', '2', 'a', 'x'.repeat(11))).toMatchObject({ status: 402 });
    expect(await shelf.versions('app')).toEqual(['1']);
  });

  it('takes an asset without bytes', async () => {
    await given();
    expect((await shelf.add('app', '1', 'empty', '')).json).toMatchObject({
      status: 'Published',
      asset: { size: 0, hashes: { 'SHA-256': hash('sha256', '') } },
    });
    expect([await shelf.read('app', '1', 'empty'), await shelf.assetSizeBytes()]).toEqual(['', 0]);
  });

  it('lets many publish assets of one version at once: none is lost, and one of two that differ wins', async () => {
    await given();
    const names = Array.from({ length: 12 }, (_, n) => `asset-${n}`);
    const answers = await Promise.all(names.map((name) => shelf.add('app', '1', name, name, growing)));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    expect(await shelf.assetNames('app', '1')).toEqual([...names].sort());
    const told = await shelf.happenings();
    expect(told.filter(({ operation }) => operation === 'Created')).toHaveLength(1);
    expect(told).toHaveLength(names.length);
    const rivals = await Promise.all(['x', 'y', 'x', 'z'].map((text) => shelf.add('app', '2', 'a.txt', text)));
    const winner = await shelf.read('app', '2');
    expect(rivals.map(({ status }) => status)).toEqual(
      ['x', 'y', 'x', 'z'].map((text) => (text === winner ? 200 : 409)),
    );
    expect(await shelf.happenings()).toHaveLength(1);
  });

  it('never looks upstream: a version that an upstream has can be published here', async () => {
    await given();
    const upstreams = [{ repositoryName: 'app' }];
    await shelf.world.ok('CreateRepository', { domain: 'acme', repository: 'team', upstreams });
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('team'), ...tool, restrictions });
    await shelf.add('app', '1', 'a.txt', 'theirs');
    expect((await shelf.add('team', '1', 'a.txt', 'ours')).status).toBe(200);
    expect([await shelf.read('app', '1'), await shelf.read('team', '1')]).toEqual(['theirs', 'ours']);
  });
});

describe('PublishPackageVersion over PostgreSQL', () => {
  it.skipIf(!hasPostgres())('loses no asset of those that come at once, over HTTP with the real SDK', async () => {
    const postgres = await startPostgres();
    const world = await World.with({ app: [] }, { database: await postgres.newDatabase() });
    const version = {
      domain: world.domain,
      repository: 'app',
      ...tool,
      format: 'generic' as const,
      packageVersion: '1',
    };
    const publish = (assetName: string, unfinished: boolean) => {
      const assetContent = Buffer.from(assetName);
      const input = { ...version, assetName, assetContent, assetSHA256: hash('sha256', assetName), unfinished };
      return world.aws.send(new PublishPackageVersionCommand(input));
    };
    const names = Array.from({ length: 8 }, (_, n) => `asset-${n}`);
    const answers = await Promise.all(names.map((name) => publish(name, true)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['Unfinished']));
    expect(new Set(answers.map(({ versionRevision }) => versionRevision)).size).toBe(names.length);
    expect(await publish('last', false)).toMatchObject({ status: 'Published' });
    await expect(publish('late', true)).rejects.toMatchObject({ name: 'ConflictException' });
    const { assets = [] } = await world.aws.send(new ListPackageVersionAssetsCommand(version));
    expect(assets.map(({ name }) => name)).toEqual([...names, 'last']);
    await world[Symbol.asyncDispose]();
    await postgres.stop();
  });
});

/** The quotas of a world where nothing else is set. */
async function openWorldQuota(): Promise<Quotas> {
  const world = await openWorld();
  await world.close();
  return world.deps.quotas;
}
