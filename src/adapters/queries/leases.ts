import type { LeaseQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';

/** Leases, on any engine. */
export function leaseQueries(db: Database): LeaseQueries {
  return {
    async take(name, holder, { now, until }) {
      const result = await db
        .insertInto('leases')
        .values({ name, holder, until })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ holder, until })
            .where((eb) => eb.or([eb('leases.holder', '=', holder), eb('leases.until', '<=', now)])),
        )
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async release(name, holder) {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    },
  };
}
