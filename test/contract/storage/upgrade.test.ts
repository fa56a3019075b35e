import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Migrator } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { initial } from '../../../src/adapters/migrations/0001-initial.ts';
import { connectPostgres, openPostgres } from '../../../src/adapters/postgres/open.ts';
import { queries } from '../../../src/adapters/queries/queries.ts';
import type { Database } from '../../../src/adapters/queries/schema.ts';
import { connectSqlite, openSqlite } from '../../../src/adapters/sqlite/open.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { addDomain, addRepository, asset, contentOf, newId, npm, publish } from './builders.ts';

/** Makes a database as the first schema had it, with a version in it; then opens it with the newest one. */
async function upgraded(db: Database, open: () => Promise<Storage>) {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ '0001-initial': initial }) } });
  expect((await migrator.migrateToLatest()).error).toBeUndefined();
  const old = queries(db);
  const repository = await addRepository(old, await addDomain(old));
  const packageId = newId();
  const { namespace, ...coordinate } = npm('Left_Pad');
  const row = { ...coordinate, namespace: namespace ?? '', id: packageId, domain_id: repository.domainId };
  // As the first schema had it: without the columns that came later.
  await db
    .insertInto('packages')
    .values(row as never)
    .execute();
  await old.packages.ensureIn(repository.id, packageId, npm('Left_Pad'), { publish: 'ALLOW', upstream: 'BLOCK' });
  const content = contentOf(packageId, '1.0.0');
  await old.versions.insert(content, [asset('package.tgz', 'an asset')], null);
  const reference = {
    repository_id: repository.id,
    package_id: packageId,
    version: content.version,
    version_id: content.id,
    status: 'Published',
    published_at: 0,
  };
  await db
    .insertInto('repository_versions')
    .values(reference as never)
    .execute();
  await db.destroy();
  const storage = await open();
  onTestFinished(() => storage.close());
  return { storage, repository, packageId };
}

function describeUpgrade(engine: string, newDatabase: () => Promise<{ db: Database; open: () => Promise<Storage> }>) {
  it(`keeps what it holds, and goes on, on ${engine}`, async () => {
    const { db, open } = await newDatabase();
    const { storage, repository, packageId } = await upgraded(db, open);
    const held = await storage.versions.find(repository.id, packageId, '1.0.0');
    expect(await storage.versions.asset(held?.versionId ?? '', 'package.tgz')).toEqual(
      asset('package.tgz', 'an asset'),
    );
    await publish(storage, repository, packageId, '1.0.1', { bytes: 'another' });
    expect((await storage.versions.all(repository.id, packageId)).map(({ version }) => version)).toEqual([
      '1.0.0',
      '1.0.1',
    ]);
    const { domainId } = repository;
    expect(await storage.packageGroups.find(domainId, '/*')).toMatchObject({
      id: domainId,
      modes: { PUBLISH: 'ALLOW', EXTERNAL_UPSTREAM: 'ALLOW', INTERNAL_UPSTREAM: 'ALLOW' },
    });
    expect(await storage.packageGroups.packages(domainId, 'npm', '/left.', { limit: 9 })).toEqual([npm('Left_Pad')]);
    expect(await storage.events.nextSequence(packageId)).toBe(1);
    const toNothing = { repositoryId: repository.id, packageId, version: '2.0.0', versionId: 'missing' } as const;
    const reference = { ...toNothing, status: 'Published', publishedAt: 0, display: null, key: null } as const;
    await expect(storage.transaction((q) => q.versions.refer(reference))).rejects.toThrow();
    await storage.repositories.delete(repository.id);
    expect(await storage.blobReferences.unreferenced([asset('', 'an asset').hashes.sha256])).toHaveLength(1);
  });
}

describe('a database of the first schema', () => {
  describeUpgrade('SQLite', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'packyard-upgrade-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'packyard.db');
    return { db: connectSqlite({ file }).db, open: () => openSqlite({ file }) };
  });

  describe.skipIf(!hasPostgres())('in PostgreSQL', () => {
    let postgres: TestPostgres | undefined;
    beforeAll(async () => {
      postgres = await startPostgres();
    }, 60_000);
    afterAll(() => postgres?.stop());

    describeUpgrade('PostgreSQL', async () => {
      const url = (await postgres?.newDatabase()) ?? '';
      return { db: connectPostgres({ url }), open: () => openPostgres({ url }) };
    });
  });
});
