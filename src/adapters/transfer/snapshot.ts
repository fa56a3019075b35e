import { PostgresAdapter, sql } from 'kysely';
import type { Database } from '../queries/schema.ts';

/**
 * Runs `work` over the database as it is now, whatever others write meanwhile. (An SQLite file has no others: its
 * folder is locked.)
 */
export function inSnapshot<T>(db: Database, work: (snapshot: Database) => Promise<T>): Promise<T> {
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return transaction.execute(async (snapshot) => {
    if (snapshot.getExecutor().adapter instanceof PostgresAdapter) {
      // Other transactions have to be short; this one waits while bytes are copied, and counts whole tables.
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(snapshot);
      await sql`set local statement_timeout = 0`.execute(snapshot);
    }
    return work(snapshot);
  });
}
