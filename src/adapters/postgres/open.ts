import { Kysely, PostgresDialect } from 'kysely';
import type { Storage } from '../../ports/storage.ts';
import { openStorage } from '../queries/open.ts';
import type { Schema } from '../queries/schema.ts';
import { openPool } from './pool.ts';
import { withRetries } from './retries.ts';

/**
 * Opens the PostgreSQL database at `url` and brings it to the newest schema. Processes that start at once migrate one
 * after the other. Throws what the server or the network says when it cannot be reached.
 */
export async function openPostgres(options: { url: string; poolSize?: number }): Promise<Storage> {
  const pool = openPool(options.url, options.poolSize ?? 10);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  // Read committed: what two transactions must not both do is decided by keys, by row locks and by foreign keys.
  return openStorage(db, withRetries);
}
