import { type Kysely, type Migration, PostgresAdapter, sql } from 'kysely';
import { type ColumnTypes, columnTypes } from './column-types.ts';

/**
 * What several nodes over one database need: leases, and the marks of blobs on their way out. A reference to a version's
 * content is checked at once from here on, since transactions that share a commit must not fail for each other's.
 */
export const nodes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const types = columnTypes(db);
    await createCondemnedBlobs(db, types);
    await createLeases(db, types);
    // A listing is told from another by its document's hash.
    await db.schema.alterTable('upstream_metadata').dropColumn('changed_at').execute();
    if (db.getExecutor().adapter instanceof PostgresAdapter) {
      await sql`alter table repository_versions alter constraint repository_versions_content not deferrable`.execute(
        db,
      );
    } else {
      await rebuildReferences(db, types);
    }
  },
};

async function createCondemnedBlobs(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await clustered(
    db.schema
      .createTable('condemned_blobs')
      .addColumn('sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('condemned_at', integer, (column) => column.notNull())
      .addColumn('deleting_since', integer),
  ).execute();
}

async function createLeases(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await clustered(
    db.schema
      .createTable('leases')
      .addColumn('name', text, (column) => column.primaryKey().notNull())
      .addColumn('holder', text, (column) => column.notNull())
      .addColumn('until', integer, (column) => column.notNull()),
  ).execute();
}

/** SQLite changes no constraint of a table: the table is made anew, with its rows. */
async function rebuildReferences(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await clustered(
    db.schema
      .createTable('new_repository_versions')
      .addColumn('repository_id', text, (column) => column.notNull())
      .addColumn('package_id', text, (column) => column.notNull())
      .addColumn('version', text, (column) => column.notNull())
      .addColumn('version_id', text, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('published_at', integer, (column) => column.notNull())
      .addColumn('display', text)
      .addPrimaryKeyConstraint('repository_versions_key', ['repository_id', 'package_id', 'version'])
      .addForeignKeyConstraint(
        'repository_versions_package',
        ['repository_id', 'package_id'],
        'repository_packages',
        ['repository_id', 'package_id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      // No cascade: content goes when its last reference has gone, and a reference that another transaction makes
      // meanwhile must make one of the two fail.
      .addForeignKeyConstraint('repository_versions_content', ['version_id'], 'versions', ['id']),
  ).execute();
  await sql`insert into new_repository_versions select * from repository_versions`.execute(db);
  await db.schema.dropTable('repository_versions').execute();
  await db.schema.alterTable('new_repository_versions').renameTo('repository_versions').execute();
  await db.schema
    .createIndex('repository_versions_newest')
    .on('repository_versions')
    .columns(['repository_id', 'package_id', 'published_at', 'version'])
    .execute();
  await db.schema
    .createIndex('repository_versions_version')
    .on('repository_versions')
    .columns(['version_id'])
    .execute();
}
