import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPostgres } from '../../../src/adapters/postgres/open.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { addDomain, owner, region } from './builders.ts';

describe.skipIf(!hasPostgres())('storage on PostgreSQL alone', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.stop());

  it('migrates once when nodes open an empty database at the same time', async () => {
    const url = await postgres.newDatabase();
    const nodes = await Promise.all([1, 2, 3, 4].map(() => openPostgres({ url })));
    await Promise.all(nodes.map((node, n) => addDomain(node, `domain-${n}`)));
    expect(await nodes[0]?.domains.count(owner, region)).toBe(4);
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('fails the work whose connection breaks, keeps nothing of it, and goes on', async () => {
    const url = await postgres.newDatabase();
    const storage = await openPostgres({ url });
    onTestFinished(() => storage.close());
    const breakAll = async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
        'packyard',
      ]);
      await client.end();
    };
    const work = storage.transaction(async (q) => {
      await addDomain(q, 'lost');
      await breakAll();
      await addDomain(q, 'lost as well');
    });
    await expect(work).rejects.toThrow();
    await breakAll();
    await expect.poll(() => addDomain(storage, 'kept').catch(() => undefined)).toBeDefined();
    expect((await storage.domains.list(owner, region, { limit: 9 })).map((domain) => domain.name)).toEqual(['kept']);
  });
});
