import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Storage } from '../../ports/storage.ts';
import { migrate } from '../migrations/migrate.ts';
import { queries } from '../queries/queries.ts';
import type { Schema } from '../queries/schema.ts';
import { withRetries } from './retries.ts';
import { types } from './types.ts';

/**
 * Opens the PostgreSQL database at `url` and brings it to the newest schema. Processes that start at once migrate one
 * after the other. Throws what the server or the network says when it cannot be reached.
 */
export async function openPostgres(options: { url: string; poolSize?: number }): Promise<Storage> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    application_name: 'packyard',
    types,
  });
  // A connection that breaks while idle: the pool has dropped it already, and without a listener it ends the process.
  pool.on('error', () => {});
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    ...queries(db),
    // Read committed: what two transactions must not both do is decided by keys, by row locks and by foreign keys.
    transaction: (work) => withRetries(() => db.transaction().execute((transaction) => work(queries(transaction)))),
    close: () => db.destroy(),
  };
}
