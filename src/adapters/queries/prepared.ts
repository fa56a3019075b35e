import type { PreparedQueries } from '../../ports/storage.ts';
import { compiled, compiledChange } from './compiled.ts';
import type { Database, RowOf } from './schema.ts';

/** Rendered bytes, on any engine. */
export function preparedQueries(db: Database): PreparedQueries {
  return {
    async find({ repositoryId, unit, representation }) {
      const [row] = await findRow(db, { repositoryId, unit, representation });
      return row && { stamp: row.stamp, etag: row.etag, contentType: row.content_type, gzip: row.gzip };
    },

    async save({ repositoryId, unit, representation }, { stamp, etag, contentType, gzip }) {
      const bytes = { stamp, etag, content_type: contentType, gzip };
      await saveRow(db, { repository_id: repositoryId, unit, representation, ...bytes });
    },
  };
}

const saveRow = compiledChange((db, { repository_id, unit, representation, ...bytes }: RowOf<'prepared'>) =>
  db
    .insertInto('prepared')
    .values({ repository_id, unit, representation, ...bytes })
    .onConflict((conflict) => conflict.columns(['repository_id', 'unit', 'representation']).doUpdateSet(bytes)),
);

const findRow = compiled(
  (db, { repositoryId, unit, representation }: { repositoryId: string; unit: string; representation: string }) =>
    db
      .selectFrom('prepared')
      .select(['stamp', 'etag', 'content_type', 'gzip'])
      .where('repository_id', '=', repositoryId)
      .where('unit', '=', unit)
      .where('representation', '=', representation),
);
