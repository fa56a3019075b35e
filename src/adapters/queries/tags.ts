import type { TagQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';

/** Tags of packages (npm: dist-tags), on any engine. */
export function tagQueries(db: Database): TagQueries {
  return {
    async list(repositoryId, packageId) {
      const rows = await db
        .selectFrom('tags')
        .select(['tag', 'version'])
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .orderBy('tag')
        .execute();
      return rows.map(({ tag, version }) => ({ tag, version }));
    },

    async set(repositoryId, packageId, tag, version) {
      await db
        .insertInto('tags')
        .values({ repository_id: repositoryId, package_id: packageId, tag, version })
        .onConflict((conflict) => conflict.columns(['repository_id', 'package_id', 'tag']).doUpdateSet({ version }))
        .execute();
    },

    async delete(repositoryId, packageId, tag) {
      const result = await db
        .deleteFrom('tags')
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .where('tag', '=', tag)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}
