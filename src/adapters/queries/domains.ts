import type { Selectable } from 'kysely';
import type { Domain, DomainQueries } from '../../ports/storage.ts';
import type { Database, DomainsTable } from './schema.ts';

/** Domains, on any engine. */
export function domainQueries(db: Database): DomainQueries {
  return {
    async insert(domain) {
      const result = await db
        .insertInto('domains')
        .values({
          id: domain.id,
          owner: domain.owner,
          region: domain.region,
          name: domain.name,
          encryption_key: domain.encryptionKey,
          created_at: domain.createdAt,
          topology_revision: domain.topologyRevision,
        })
        .onConflict((conflict) => conflict.columns(['owner', 'region', 'name']).doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },

    async find(owner, region, name) {
      const row = await db
        .selectFrom('domains')
        .selectAll()
        .where('owner', '=', owner)
        .where('region', '=', region)
        .where('name', '=', name)
        .executeTakeFirst();
      return row && toDomain(row);
    },

    async list(owner, region, { after, limit }) {
      let query = db.selectFrom('domains').selectAll().where('owner', '=', owner).where('region', '=', region);
      if (after !== undefined) query = query.where('name', '>', after);
      return (await query.orderBy('name').limit(limit).execute()).map(toDomain);
    },

    async count(owner, region) {
      const { count } = await db
        .selectFrom('domains')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('owner', '=', owner)
        .where('region', '=', region)
        .executeTakeFirstOrThrow();
      return count;
    },

    async repositoryCount(domainId) {
      const { count } = await db
        .selectFrom('repositories')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('domain_id', '=', domainId)
        .executeTakeFirstOrThrow();
      return count;
    },

    async assetSizeBytes(domainId) {
      const { bytes } = await db
        .selectFrom((eb) =>
          eb
            .selectFrom('assets')
            .select(['sha256', 'size'])
            .distinct()
            .where('domain_id', '=', domainId)
            .as('distinct_assets'),
        )
        .select((eb) => eb.fn.sum('size').as('bytes'))
        .executeTakeFirstOrThrow();
      // PostgreSQL sums 64-bit integers into a numeric, which comes as text; the sum of nothing is null.
      return Number(bytes ?? 0);
    },

    async delete(domainId) {
      await db.deleteFrom('domains').where('id', '=', domainId).execute();
    },
  };
}

/** The port's shape of a row. */
export function toDomain(row: Selectable<DomainsTable>): Domain {
  return {
    id: row.id,
    owner: row.owner,
    region: row.region,
    name: row.name,
    encryptionKey: row.encryption_key,
    createdAt: row.created_at,
    topologyRevision: row.topology_revision,
  };
}
