import type { Kysely } from 'kysely';
import type { Storage, TransactionalQueries } from '../../ports/storage.ts';
import { migrate } from '../migrations/migrate.ts';
import { queries } from './queries.ts';
import type { Schema } from './schema.ts';

/** What an engine does in its own way. */
export interface Engine {
  /** Names the committed state: `Storage.revision`. */
  revision(): Promise<string>;
  /** The database for what power loss may take. */
  readonly relaxed: Kysely<Schema>;
  /** How a transaction is run: once when this is missing, or again when the engine asks for it. */
  attempt?<T>(transaction: () => Promise<T>): Promise<T>;
}

/** A storage over a database that was just opened, brought to the newest schema; closed again when that fails. */
export async function openStorage(
  db: Kysely<Schema>,
  { revision, relaxed, attempt = (transaction) => transaction() }: Engine,
): Promise<Storage> {
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const asked = (db: Kysely<Schema>): TransactionalQueries => ({
    ...queries(db),
    transaction: (work) => attempt(() => db.transaction().execute((transaction) => work(queries(transaction)))),
  });
  return {
    ...asked(db),
    relaxed: asked(relaxed),
    revision,
    close: () => db.destroy(),
  };
}
