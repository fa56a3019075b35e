import type { Database } from './schema.ts';

/** Runs `work` in the transaction that `db` is, or in one of its own. */
export function inTransaction<T>(db: Database, work: (db: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

/** `items` in slices of at most `size`: engines limit the number of parameters of one statement. */
export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
