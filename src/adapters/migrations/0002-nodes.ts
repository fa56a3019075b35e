import type { Kysely, Migration } from 'kysely';
import { columnTypes } from './column-types.ts';

/** What several nodes over one database need: leases, and the marks of blobs on their way out. */
export const nodes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const { text, integer, clustered } = columnTypes(db);
    await clustered(
      db.schema
        .createTable('condemned_blobs')
        .addColumn('sha256', text, (column) => column.primaryKey().notNull())
        .addColumn('condemned_at', integer, (column) => column.notNull())
        .addColumn('deleting_since', integer),
    ).execute();
    await clustered(
      db.schema
        .createTable('leases')
        .addColumn('name', text, (column) => column.primaryKey().notNull())
        .addColumn('holder', text, (column) => column.notNull())
        .addColumn('until', integer, (column) => column.notNull()),
    ).execute();
  },
};
