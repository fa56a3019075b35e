import type { ResourceTagQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';

/** Tags on AWS resources, on any engine. */
export function resourceTagQueries(db: Database): ResourceTagQueries {
  return {
    async list(arn) {
      const rows = await db
        .selectFrom('resource_tags')
        .select(['key', 'value'])
        .where('arn', '=', arn)
        .orderBy('key')
        .execute();
      return rows.map(({ key, value }) => ({ key, value }));
    },

    async set(arn, key, value) {
      await db
        .insertInto('resource_tags')
        .values({ arn, key, value })
        .onConflict((conflict) => conflict.columns(['arn', 'key']).doUpdateSet({ value }))
        .execute();
    },

    async delete(arn, keys) {
      if (keys.length === 0) return;
      await db.deleteFrom('resource_tags').where('arn', '=', arn).where('key', 'in', keys).execute();
    },

    async deleteAll(arn) {
      await db.deleteFrom('resource_tags').where('arn', '=', arn).execute();
    },
  };
}
