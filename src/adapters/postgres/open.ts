import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely';
import { latest } from '../../core/latest.ts';
import type { Storage } from '../../ports/storage.ts';
import { openStorage } from '../queries/open.ts';
import type { Schema } from '../queries/schema.ts';
import { openPools } from './pool.ts';
import { withRetries } from './retries.ts';

interface PostgresOptions {
  readonly url: string;
  readonly poolSize?: number;
}

/**
 * Opens the PostgreSQL database at `url` and brings it to the newest schema. Processes that start at once migrate one
 * after the other. Throws what the server or the network says when it cannot be reached.
 */
export async function openPostgres({ url, poolSize = 10 }: PostgresOptions): Promise<Storage> {
  const { pool, relaxedPool } = openPools(url, poolSize);
  const db = kysely(pool);
  // Read committed: what two transactions must not both do is decided by keys, by row locks and by foreign keys.
  return openStorage(db, {
    relaxed: kysely(relaxedPool),
    attempt: withRetries,
    revision: latest(async () => {
      // Which transactions count as committed. While that is the same, so is everything a query can see. With the
      // server's start, since one that crashed may give the numbers of relaxed transactions that it lost once more.
      const { rows } = await sql<{
        state: string;
      }>`select pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text as state`.execute(db);
      return rows[0]?.state ?? '';
    }),
  });
}

/** The PostgreSQL database at `url`, as it is. Connects when it is first asked. */
export function connectPostgres({ url, poolSize = 10 }: PostgresOptions): Kysely<Schema> {
  return kysely(openPools(url, poolSize).pool);
}

function kysely(pool: PostgresPool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
