import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPostgres } from '../../../src/adapters/postgres/open.ts';
import { StoreUnavailable } from '../../../src/core/errors.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { addDomain, owner, region } from './builders.ts';

let postgres: TestPostgres | undefined;

async function open() {
  const url = (await postgres?.newDatabase()) ?? '';
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
  return { storage, url, breakAll };
}

describe.skipIf(!hasPostgres())('storage on PostgreSQL alone', () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.stop());

  it('migrates once when nodes open an empty database at the same time', async () => {
    const url = (await postgres?.newDatabase()) ?? '';
    const nodes = await Promise.all([1, 2, 3, 4].map(() => openPostgres({ url })));
    await Promise.all(nodes.map((node, n) => addDomain(node, `domain-${n}`)));
    expect(await nodes[0]?.domains.count(owner, region)).toBe(4);
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('runs a transaction again whose connection broke before its commit, and keeps nothing of the first run', async () => {
    const { storage, breakAll } = await open();
    let runs = 0;
    await storage.transaction(async (q) => {
      runs += 1;
      await addDomain(q, `run-${runs}`);
      if (runs === 1) await breakAll();
      await addDomain(q, 'after');
    });
    expect((await storage.domains.list(owner, region, { limit: 9 })).map(({ name }) => name)).toEqual([
      'after',
      'run-2',
    ]);
  });

  it('asks again for what it only reads when the connection breaks', async () => {
    const { storage, breakAll } = await open();
    await addDomain(storage);
    for (let round = 0; round < 5; round += 1) {
      const questions = Array.from({ length: 10 }, () => storage.domains.count(owner, region));
      await breakAll();
      expect(await Promise.all(questions)).toEqual(Array(10).fill(1));
      expect(await storage.revision()).toBeTypeOf('string');
    }
  });

  it('says that nobody knows when the connection breaks while a change is being made', async () => {
    const { storage, url, breakAll } = await open();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // The commit waits for this lock, in a constraint that is checked at the end.
    await client.query(`create function wait_at_commit() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock(7); return null; end $$`);
    await client.query(`create constraint trigger waits after insert on settings deferrable initially deferred
      for each row execute function wait_at_commit()`);
    await client.query('select pg_advisory_lock(7)');
    let runs = 0;
    const change = storage.transaction(async (q) => {
      runs += 1;
      await q.settings.insert('key', 'value');
    });
    const outcome = change.catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await breakAll();
    expect(await outcome).toBeInstanceOf(StoreUnavailable);
    expect(runs).toBe(1);
    await client.end();
  });
});
