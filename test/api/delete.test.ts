import { DeletePackageCommand, ListPackageVersionsCommand } from '@aws-sdk/client-codeartifact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { World } from '../support/world.ts';
import { at, changed, lib, refused, Shelf, statuses, tool } from './shelf.ts';

let shelf: Shelf;
const open = async () => {
  shelf = await Shelf.with({ app: [], backup: [], base: [], team: ['base'] });
};
const close = () => shelf.world.close();

const deletePackage = (repository: string, of: object = tool) =>
  shelf.world.call('DeletePackage', { ...at(repository), ...of });
const remove = (versions: readonly string[], more = {}) => shelf.batch('DeletePackageVersions', 'app', versions, more);

describe('DeletePackageVersions', () => {
  afterEach(close);
  beforeEach(async () => {
    await open();
    for (const status of statuses) await shelf.bring('app', status, status);
    await shelf.happenings();
  });

  it('deletes versions of every status, and leaves the package with its rules', async () => {
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('app'), ...tool, restrictions });
    expect(await remove(statuses)).toEqual(changed('Deleted', ...statuses));
    expect((await shelf.happenings()).map(({ version, operation, assets }) => [version, operation, assets])).toEqual(
      expect.arrayContaining(
        statuses.map((status) => [status, 'Deleted', [0, status === 'Disposed' ? 0 : 1, 0]] as const),
      ),
    );
    const empty = await shelf.world.ok('ListPackageVersions', { ...at('app'), ...tool });
    expect(empty).toEqual({ ...tool, versions: [] });
    expect(await shelf.restrictions('app')).toEqual(restrictions);
    await shelf.collect();
    expect([await shelf.blobs(), await shelf.assetSizeBytes()]).toEqual([0, 0]);
  });

  it('takes an expected status, and deletes all or none', async () => {
    const { Unlisted: _, ...rest } = Object.fromEntries(
      statuses.map((status) => [
        status,
        ['MISMATCHED_STATUS', `current status: ${status}, expected status: Unlisted`] as const,
      ]),
    );
    expect(await remove([...statuses, 'missing'], { expectedStatus: 'Unlisted' })).toEqual(
      refused({
        ...rest,
        Unlisted: ['SKIPPED', 'version Unlisted is skipped'],
        missing: ['NOT_FOUND', 'Could not find version missing'],
      }),
    );
    expect(await shelf.versions('app')).toHaveLength(statuses.length);
    expect(await shelf.happenings()).toEqual([]);
    expect(await remove(['Unlisted'], { expectedStatus: 'Unlisted' })).toEqual(changed('Deleted', 'Unlisted'));
    expect(await remove(['Published'], { expectedStatus: 'Deleted' })).toMatchObject({
      failedVersions: { Published: { errorCode: 'MISMATCHED_STATUS' } },
    });
  });

  it('takes the tags that point to them away, and no others', async () => {
    for (const version of ['1.0.0', '2.0.0']) await shelf.world.publish('acme', 'app', 'lib', version);
    const shown = async () =>
      (await shelf.world.ok('ListPackageVersions', { ...at('app'), ...lib }))['defaultDisplayVersion'];
    expect(await shown()).toBe('2.0.0');
    await shelf.batch('DeletePackageVersions', 'app', ['2.0.0'], {}, lib);
    expect(await shown()).toBe('1.0.0');
    await shelf.world.publish('acme', 'app', 'lib', '3.0.0');
    await shelf.batch('DeletePackageVersions', 'app', ['1.0.0'], {}, lib);
    expect(await shown()).toBe('3.0.0');
  });
});

describe('DeletePackage', () => {
  beforeEach(open);
  afterEach(close);

  it('deletes a package with its versions and rules, tells of each version, and answers what it was', async () => {
    for (const status of statuses) await shelf.bring('app', status, status);
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('app'), ...tool, restrictions });
    await shelf.happenings();
    expect(await deletePackage('app')).toMatchObject({
      status: 200,
      json: { deletedPackage: { ...tool, originConfiguration: { restrictions } } },
    });
    const told = await shelf.happenings();
    expect(told.map(({ version, operation, status }) => [version, operation, status]).sort()).toEqual(
      statuses.map((status) => [status, 'Deleted', status]).sort(),
    );
    expect(await shelf.world.ok('ListPackages', at('app'))).toEqual({ packages: [] });
    expect(await deletePackage('app')).toMatchObject({
      status: 404,
      json: { message: expect.stringContaining("does not exist in repository 'app'."), resourceType: 'package' },
    });
    await shelf.collect();
    expect([await shelf.blobs(), await shelf.assetSizeBytes()]).toEqual([0, 0]);
  });

  it('lets the package start anew: new bytes under old numbers, rules of a first arrival, sequence going on', async () => {
    await shelf.bring('app', '1', 'Archived');
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('app'), ...tool, restrictions });
    await deletePackage('app');
    await shelf.bring('app', '1', 'Published', 'new bytes');
    expect([await shelf.versions('app'), await shelf.read('app', '1')]).toEqual([['1'], 'new bytes']);
    expect(await shelf.restrictions('app')).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
    const { events } = shelf.world.deps.storage;
    while (await events.place());
    const numbers = (await events.after(0, {}, 100)).map(({ detail }) => JSON.parse(detail).sequenceNumber);
    expect(numbers).toEqual([1, 2, 3, 4]);
  });

  it('deletes hundreds of versions', async () => {
    const { storage } = shelf.world.deps;
    await shelf.world.publish('acme', 'app', 'lib', '0.0.0');
    const found = await storage.repositories.locate('111122223333', 'eu-west-1', 'acme', 'app');
    const repositoryId = found?.repository?.id ?? '';
    const [record] = await storage.packages.findIn([repositoryId], { format: 'npm', namespace: null, name: 'lib' });
    const [version] = await storage.versions.all(repositoryId, record?.packageId ?? '');
    if (version === undefined) throw new Error('the version is there');
    await storage.transaction(async (queries) => {
      for (let n = 1; n <= 450; n += 1) await queries.versions.refer({ ...version, version: `0.0.${n}` });
    });
    expect((await deletePackage('app', lib)).status).toBe(200);
    expect(await shelf.versions('app', lib)).toEqual([]);
    expect(await shelf.assetSizeBytes()).toBe(0);
  });

  it('deletes a package that has rules but no version', async () => {
    const restrictions = { publish: 'BLOCK', upstream: 'ALLOW' };
    await shelf.world.ok('PutPackageOriginConfiguration', { ...at('app'), ...lib, restrictions });
    expect((await deletePackage('app', lib)).json).toEqual({
      deletedPackage: { ...lib, originConfiguration: { restrictions } },
    });
    expect(await shelf.happenings()).toEqual([]);
    expect((await shelf.world.call('DescribePackage', { ...at('app'), ...lib })).status).toBe(404);
  });

  it('concerns the named repository alone', async () => {
    await shelf.bring('app', '1', 'Published');
    await shelf.copy('app', 'backup', ['1']);
    await shelf.world.publish('acme', 'base', 'lib', '1.0.0');
    expect((await deletePackage('team', lib)).status).toBe(404);
    await deletePackage('app');
    await shelf.collect();
    expect(await shelf.read('backup', '1')).toBe('bytes of 1');
    expect(await shelf.versions('base', lib)).toEqual(['1.0.0']);
  });
});

describe.each(['SQLite', 'PostgreSQL'] as const)(
  'A package that is deleted while others publish to it, on %s',
  (database) => {
    it.skipIf(database === 'PostgreSQL' && !hasPostgres())(
      'is published or gone, and nobody is told that the server failed',
      async () => {
        const postgres = database === 'PostgreSQL' ? await startPostgres() : undefined;
        const world = await World.with({ app: [] }, postgres && { database: await postgres.newDatabase() });
        const npmLib = { domain: world.domain, repository: 'app', format: 'npm' as const, package: 'lib' };
        const answers: (number | string)[] = [];
        for (let round = 0; round < 12; round += 1) {
          const publishes = [1, 2, 3].map(async (n) => {
            const { status } = await world.npm('app').publish({ name: 'lib', version: `${round}.0.${n}` });
            answers.push(status);
          });
          const deletion = world.aws.send(new DeletePackageCommand(npmLib)).catch(({ name }) => answers.push(name));
          await Promise.all([...publishes, deletion]);
        }
        expect(new Set(answers.filter((answer) => answer !== 'ResourceNotFoundException'))).toEqual(new Set([200]));
        // What is there is whole.
        const { versions = [] } = await world.aws
          .send(new ListPackageVersionsCommand(npmLib))
          .catch(() => ({ versions: [] }));
        const listed = versions.length === 0 ? {} : (await world.npm('app').json('lib')).versions;
        expect(Object.keys(listed).sort()).toEqual(versions.map(({ version }) => version).sort());
        for (const version of Object.keys(listed)) {
          expect((await world.npm('app').fetch(`lib/-/lib-${version}.tgz`)).status).toBe(200);
        }
        await world[Symbol.asyncDispose]();
        await postgres?.stop();
      },
    );
  },
);
