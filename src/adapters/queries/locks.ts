import type { LockQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';

/** Named locks as rows, on any engine: a row that one transaction has written is waited for by the next. */
export function lockQueries(db: Database): LockQueries {
  return {
    async hold(name) {
      await db
        .insertInto('locks')
        .values({ name })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ name }))
        .execute();
    },
  };
}
