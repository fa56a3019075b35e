import type { UpstreamMetadataQueries } from '../../ports/storage.ts';
import { compiled, compiledChange } from './compiled.ts';
import type { Database, RowOf } from './schema.ts';

/** What is known of packages behind external connections, on any engine. */
export function upstreamMetadataQueries(db: Database): UpstreamMetadataQueries {
  return {
    async find(connection, unit) {
      const [row] = await findRow(db, { connection, unit });
      return (
        row && {
          connection: row.connection,
          unit: row.unit,
          registryUrl: row.registry_url,
          state: row.state,
          etag: row.etag,
          lastModified: row.last_modified,
          checkedAt: row.checked_at,
          changedAt: row.changed_at,
          documentSha256: row.document_sha256,
        }
      );
    },

    async save({ connection, unit, registryUrl, state, etag, lastModified, checkedAt, changedAt, documentSha256 }) {
      const known = {
        registry_url: registryUrl,
        state,
        etag,
        last_modified: lastModified,
        checked_at: checkedAt,
        changed_at: changedAt,
        document_sha256: documentSha256,
      };
      await saveRow(db, { connection, unit, ...known });
    },

    async forgetGone(checkedBefore) {
      await db
        .deleteFrom('upstream_metadata')
        .where('state', '=', 'gone')
        .where('checked_at', '<', checkedBefore)
        .execute();
    },
  };
}

const saveRow = compiledChange((db, { connection, unit, ...known }: RowOf<'upstream_metadata'>) =>
  db
    .insertInto('upstream_metadata')
    .values({ connection, unit, ...known })
    .onConflict((conflict) => conflict.columns(['connection', 'unit']).doUpdateSet(known)),
);

const findRow = compiled((db, { connection, unit }: { connection: string; unit: string }) =>
  db.selectFrom('upstream_metadata').selectAll().where('connection', '=', connection).where('unit', '=', unit),
);
