import type { Kysely } from 'kysely';
import type { Storage } from '../../ports/storage.ts';
import { migrate } from '../migrations/migrate.ts';
import { queries } from './queries.ts';
import type { Schema } from './schema.ts';

/**
 * A storage over a database that was just opened, brought to the newest schema; closed again when that fails.
 *
 * @param attempt how a transaction is run: once, or again when the engine asks for it
 */
export async function openStorage(
  db: Kysely<Schema>,
  attempt: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Promise<Storage> {
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    ...queries(db),
    transaction: (work) => attempt(() => db.transaction().execute((transaction) => work(queries(transaction)))),
    close: () => db.destroy(),
  };
}
