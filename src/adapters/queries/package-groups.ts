import type { Selectable } from 'kysely';
import type { GroupRestriction, PackageGroup, PackageGroupQueries } from '../../ports/storage.ts';
import { hasPrefix } from './prefix.ts';
import type { Database, PackageGroupsTable } from './schema.ts';

/** The column of each restriction's mode. */
const modeColumns = {
  PUBLISH: 'publish',
  EXTERNAL_UPSTREAM: 'external_upstream',
  INTERNAL_UPSTREAM: 'internal_upstream',
} as const satisfies Record<GroupRestriction, keyof PackageGroupsTable>;

/** Package groups of a domain, on any engine. */
export function packageGroupQueries(db: Database): PackageGroupQueries {
  return {
    async insert(group) {
      const result = await db
        .insertInto('package_groups')
        .values({
          id: group.id,
          domain_id: group.domainId,
          pattern: group.pattern,
          contact_info: group.contactInfo,
          description: group.description,
          created_at: group.createdAt,
          publish: group.modes.PUBLISH,
          external_upstream: group.modes.EXTERNAL_UPSTREAM,
          internal_upstream: group.modes.INTERNAL_UPSTREAM,
        })
        .onConflict((conflict) => conflict.columns(['domain_id', 'pattern']).doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async find(domainId, pattern) {
      const row = await db
        .selectFrom('package_groups')
        .selectAll()
        .where('domain_id', '=', domainId)
        .where('pattern', '=', pattern)
        .executeTakeFirst();
      return row && toGroup(row);
    },

    async all(domainId) {
      const groups = await db
        .selectFrom('package_groups')
        .selectAll()
        .where('domain_id', '=', domainId)
        .orderBy('pattern')
        .execute();
      const allowed = await db
        .selectFrom('package_group_repositories as entry')
        .innerJoin('package_groups', 'package_groups.id', 'entry.group_id')
        .select(['entry.group_id as groupId', 'entry.restriction', 'entry.repository_id as repositoryId'])
        .where('package_groups.domain_id', '=', domainId)
        .execute();
      return { groups: groups.map(toGroup), allowed };
    },

    async setDetails(groupId, { contactInfo, description }) {
      await db
        .updateTable('package_groups')
        .set({ contact_info: contactInfo, description })
        .where('id', '=', groupId)
        .execute();
    },

    async setMode(groupId, restriction, mode) {
      await db
        .updateTable('package_groups')
        .set({ [modeColumns[restriction]]: mode })
        .where('id', '=', groupId)
        .execute();
    },

    async allow({ groupId, restriction, repositoryId }) {
      const result = await db
        .insertInto('package_group_repositories')
        .values({ group_id: groupId, restriction, repository_id: repositoryId })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async disallow({ groupId, restriction, repositoryId }) {
      const result = await db
        .deleteFrom('package_group_repositories')
        .where('group_id', '=', groupId)
        .where('restriction', '=', restriction)
        .where('repository_id', '=', repositoryId)
        .executeTakeFirstOrThrow();
      return result.numDeletedRows === 1n;
    },

    async allowedRepositories(groupId, restriction, { after, limit }) {
      let query = db
        .selectFrom('package_group_repositories as entry')
        .innerJoin('repositories', 'repositories.id', 'entry.repository_id')
        .select('repositories.name')
        .where('entry.group_id', '=', groupId)
        .where('entry.restriction', '=', restriction);
      if (after !== undefined) query = query.where('repositories.name', '>', after);
      return (await query.orderBy('repositories.name').limit(limit).execute()).map(({ name }) => name);
    },

    async delete(groupId) {
      await db.deleteFrom('package_groups').where('id', '=', groupId).execute();
    },

    async packages(domainId, format, variantPrefix, { after, limit }) {
      let query = db
        .selectFrom('packages')
        .select(['format', 'namespace', 'name'])
        .where('domain_id', '=', domainId)
        .where('format', '=', format)
        .where((eb) => hasPrefix(eb.ref('variant'), variantPrefix, after?.variant))
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('repository_packages')
              .select('package_id')
              .whereRef('repository_packages.package_id', '=', 'packages.id'),
          ),
        );
      if (after !== undefined) {
        const place = [after.variant, after.namespace ?? '', after.name] as const;
        query = query.where((eb) => eb(eb.refTuple('variant', 'namespace', 'name'), '>', eb.tuple(...place)));
      }
      const rows = await query.orderBy('variant').orderBy('namespace').orderBy('name').limit(limit).execute();
      return rows.map((row) => ({ ...row, namespace: row.namespace === '' ? null : row.namespace }));
    },
  };
}

function toGroup(row: Selectable<PackageGroupsTable>): PackageGroup {
  return {
    id: row.id,
    domainId: row.domain_id,
    pattern: row.pattern,
    contactInfo: row.contact_info,
    description: row.description,
    createdAt: row.created_at,
    modes: {
      PUBLISH: row.publish,
      EXTERNAL_UPSTREAM: row.external_upstream,
      INTERNAL_UPSTREAM: row.internal_upstream,
    },
  };
}
