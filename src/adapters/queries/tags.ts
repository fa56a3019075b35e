import type { TagQueries } from '../../ports/storage.ts';
import { compiled, compiledChange } from './compiled.ts';
import { hasPrefix } from './prefix.ts';
import type { Database, RowOf } from './schema.ts';

/** Tags of packages (npm: dist-tags), on any engine. */
export function tagQueries(db: Database): TagQueries {
  return {
    async list(repositoryId, packageId) {
      const rows = await listTags(db, { repositoryId, packageId });
      return rows.map(({ tag, version }) => ({ tag, version }));
    },

    async set(repositoryId, packageId, tag, version) {
      await setTag(db, { repository_id: repositoryId, package_id: packageId, tag, version });
    },

    async ofNamespace(repositoryIds, format, namespace, start) {
      if (repositoryIds.length === 0) return [];
      const rows = await db
        .selectFrom('repository_packages as package')
        .innerJoin('tags', (join) =>
          join
            .onRef('tags.repository_id', '=', 'package.repository_id')
            .onRef('tags.package_id', '=', 'package.package_id'),
        )
        .select(['package.repository_id', 'package.name', 'tags.tag'])
        .where('package.repository_id', 'in', repositoryIds)
        .where('package.format', '=', format)
        .where('package.namespace', '=', namespace)
        .where((eb) => hasPrefix(eb.ref('tags.tag'), start))
        .orderBy('package.name')
        .orderBy('tags.tag')
        .execute();
      return rows.map(({ repository_id: repositoryId, name, tag }) => ({ repositoryId, name, tag }));
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

const listTags = compiled((db, { repositoryId, packageId }: { repositoryId: string; packageId: string }) =>
  db
    .selectFrom('tags')
    .select(['tag', 'version'])
    .where('repository_id', '=', repositoryId)
    .where('package_id', '=', packageId)
    .orderBy('tag'),
);

const setTag = compiledChange((db, row: RowOf<'tags'>) =>
  db
    .insertInto('tags')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'package_id', 'tag']).doUpdateSet({ version: row.version }),
    ),
);
