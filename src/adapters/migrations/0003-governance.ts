import { type Kysely, type Migration, sql } from 'kysely';
import { variantKey } from '../../core/package-groups/variants.ts';
import { type ColumnTypes, columnTypes } from './column-types.ts';

/** Package groups, resource policies and events; and when a public listing changed. */
export const governance: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const types = columnTypes(db);
    await createPackageGroups(db, types);
    await createPolicies(db, types);
    await createEvents(db, types);
    await addPackageColumns(db, types);
    await db.schema
      .alterTable('upstream_metadata')
      .addColumn('changed_at', types.integer, (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

async function createPackageGroups(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('package_groups')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('domain_id', text, (column) => column.notNull().references('domains.id').onDelete('cascade'))
    .addColumn('pattern', text, (column) => column.notNull())
    .addColumn('contact_info', text)
    .addColumn('description', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('publish', text, (column) => column.notNull())
    .addColumn('external_upstream', text, (column) => column.notNull())
    .addColumn('internal_upstream', text, (column) => column.notNull())
    .addUniqueConstraint('package_groups_pattern', ['domain_id', 'pattern'])
    .execute();
  await clustered(
    db.schema
      .createTable('package_group_repositories')
      .addColumn('group_id', text, (column) => column.notNull().references('package_groups.id').onDelete('cascade'))
      .addColumn('restriction', text, (column) => column.notNull())
      .addColumn('repository_id', text, (column) => column.notNull().references('repositories.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('package_group_repositories_key', ['group_id', 'restriction', 'repository_id']),
  ).execute();
  await db.schema
    .createIndex('package_group_repositories_repository')
    .on('package_group_repositories')
    .columns(['repository_id'])
    .execute();
  await sql`
    insert into package_groups
      (id, domain_id, pattern, created_at, publish, external_upstream, internal_upstream)
    select id, id, '/*', created_at, 'ALLOW', 'ALLOW', 'ALLOW' from domains`.execute(db);
}

async function createPolicies(db: Kysely<unknown>, { text }: ColumnTypes): Promise<void> {
  for (const [table, column, holders] of [
    ['domain_policies', 'domain_id', 'domains'],
    ['repository_policies', 'repository_id', 'repositories'],
  ] as const) {
    await db.schema
      .createTable(table)
      .addColumn(column, text, (id) => id.primaryKey().notNull().references(`${holders}.id`).onDelete('cascade'))
      .addColumn('revision', text, (column) => column.notNull())
      .addColumn('document', text, (column) => column.notNull())
      .execute();
  }
}

async function createEvents(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('package_id', text, (column) => column.notNull())
    .addColumn('sequence', integer, (column) => column.notNull())
    .addColumn('position', integer)
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('at', integer, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('owner', text, (column) => column.notNull())
    .addColumn('domain', text, (column) => column.notNull())
    .addColumn('administrator', text, (column) => column.notNull())
    .addColumn('resource', text, (column) => column.notNull())
    .addColumn('detail', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('events_key', ['package_id', 'sequence'])
    .execute();
  await db.schema.createIndex('events_position').on('events').columns(['position']).unique().execute();
  await clustered(
    db.schema
      .createTable('event_cursors')
      .addColumn('consumer', text, (column) => column.primaryKey().notNull())
      .addColumn('position', integer, (column) => column.notNull()),
  ).execute();
}

interface PackageRow {
  readonly id: string;
  readonly format: string;
  readonly namespace: string;
  readonly name: string;
}

const pageSize = 1_000;

async function addPackageColumns(db: Kysely<unknown>, { text, integer }: ColumnTypes): Promise<void> {
  await db.schema
    .alterTable('packages')
    .addColumn('variant', text, (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema
    .alterTable('packages')
    .addColumn('event_sequence', integer, (column) => column.notNull().defaultTo(0))
    .execute();
  for (let last = ''; ; ) {
    const { rows } = await sql<PackageRow>`
      select id, format, namespace, name from packages where id > ${last} order by id limit ${pageSize}`.execute(db);
    for (const row of rows) {
      await sql`update packages set variant = ${variantKey(row)} where id = ${row.id}`.execute(db);
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageSize) break;
    last = end.id;
  }
  await db.schema
    .createIndex('packages_variant')
    .on('packages')
    .columns(['domain_id', 'format', 'variant', 'namespace', 'name'])
    .execute();
}
