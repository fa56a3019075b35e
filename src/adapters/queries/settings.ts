import type { SettingQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';

/** Settings that are kept with the data (keys), on any engine. */
export function settingQueries(db: Database): SettingQueries {
  async function find(name: string): Promise<string | undefined> {
    const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
    return row?.value;
  }

  return {
    find,

    async insert(name, value) {
      await db
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      return (await find(name)) ?? value;
    },
  };
}
