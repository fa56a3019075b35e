import type { RepositoryQueries } from '../../ports/storage.ts';
import type { Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

type TopologyQueries = Pick<
  RepositoryQueries,
  'setUpstreams' | 'upstreams' | 'connections' | 'addConnection' | 'removeConnection' | 'topology' | 'touchTopology'
>;

/** How repositories are linked to upstreams and to public registries, on any engine. */
export function topologyQueries(db: Database): TopologyQueries {
  return {
    async setUpstreams(repositoryId, upstreamIds) {
      await inTransaction(db, async (db) => {
        await db.deleteFrom('repository_upstreams').where('repository_id', '=', repositoryId).execute();
        if (upstreamIds.length === 0) return;
        const rows = upstreamIds.map((upstreamId, position) => ({
          repository_id: repositoryId,
          position,
          upstream_id: upstreamId,
        }));
        await db.insertInto('repository_upstreams').values(rows).execute();
      });
    },

    upstreams(repositoryId) {
      return upstreamLinks(db).where('link.repository_id', '=', repositoryId).orderBy('link.position').execute();
    },

    async connections(repositoryId) {
      const rows = await db
        .selectFrom('external_connections')
        .select('connection')
        .where('repository_id', '=', repositoryId)
        .orderBy('connection')
        .execute();
      return rows.map((row) => row.connection);
    },

    async addConnection(repositoryId, connection) {
      await db
        .insertInto('external_connections')
        .values({ repository_id: repositoryId, connection })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async removeConnection(repositoryId, connection) {
      const result = await db
        .deleteFrom('external_connections')
        .where('repository_id', '=', repositoryId)
        .where('connection', '=', connection)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },

    async topology(domainId) {
      const upstreams = await upstreamLinks(db)
        .innerJoin('repositories', 'repositories.id', 'link.repository_id')
        .where('repositories.domain_id', '=', domainId)
        .orderBy('link.repository_id')
        .orderBy('link.position')
        .execute();
      const connections = await db
        .selectFrom('external_connections as link')
        .innerJoin('repositories', 'repositories.id', 'link.repository_id')
        .select(['link.repository_id as repositoryId', 'link.connection'])
        .where('repositories.domain_id', '=', domainId)
        .orderBy('link.repository_id')
        .orderBy('link.connection')
        .execute();
      return { upstreams, connections };
    },

    async touchTopology(domainId) {
      await db
        .updateTable('domains')
        .set((eb) => ({ topology_revision: eb('topology_revision', '+', 1) }))
        .where('id', '=', domainId)
        .execute();
    },
  };
}

function upstreamLinks(db: Database) {
  return db
    .selectFrom('repository_upstreams as link')
    .leftJoin('repositories as upstream', 'upstream.id', 'link.upstream_id')
    .select(['link.repository_id as repositoryId', 'link.upstream_id as upstreamId', 'upstream.name as upstreamName']);
}
