import type { Kysely, Migration } from 'kysely';
import { type ColumnTypes, columnTypes } from './column-types.ts';

/** The first schema. What the columns mean: `../queries/schema.ts`. */
export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const types = columnTypes(db);
    await createDomains(db, types);
    await createRepositories(db, types);
    await createPackages(db, types);
    await createVersions(db, types);
    await createReferences(db, types);
    await createRest(db, types);
  },
};

async function createDomains(db: Kysely<unknown>, { text, integer }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('domains')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('owner', text, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('encryption_key', text, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('topology_revision', integer, (column) => column.notNull())
    .addUniqueConstraint('domains_name', ['owner', 'region', 'name'])
    .execute();
}

async function createRepositories(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('repositories')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('domain_id', text, (column) => column.notNull().references('domains.id').onDelete('cascade'))
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('administrator_account', text, (column) => column.notNull())
    .addColumn('description', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addUniqueConstraint('repositories_name', ['domain_id', 'name'])
    .execute();
  await db.schema
    .createIndex('repositories_administrator')
    .on('repositories')
    .columns(['administrator_account', 'name'])
    .execute();
  await clustered(
    db.schema
      .createTable('repository_upstreams')
      .addColumn('repository_id', text, (column) => column.notNull().references('repositories.id').onDelete('cascade'))
      .addColumn('position', integer, (column) => column.notNull())
      .addColumn('upstream_id', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('repository_upstreams_key', ['repository_id', 'position']),
  ).execute();
  await clustered(
    db.schema
      .createTable('external_connections')
      .addColumn('repository_id', text, (column) => column.notNull().references('repositories.id').onDelete('cascade'))
      .addColumn('connection', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('external_connections_key', ['repository_id', 'connection']),
  ).execute();
}

async function createPackages(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('packages')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('domain_id', text, (column) => column.notNull().references('domains.id').onDelete('cascade'))
    .addColumn('format', text, (column) => column.notNull())
    .addColumn('namespace', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addUniqueConstraint('packages_coordinate', ['domain_id', 'format', 'name', 'namespace'])
    .execute();
  await clustered(
    db.schema
      .createTable('repository_packages')
      .addColumn('repository_id', text, (column) => column.notNull().references('repositories.id').onDelete('cascade'))
      .addColumn('package_id', text, (column) => column.notNull().references('packages.id').onDelete('cascade'))
      .addColumn('format', text, (column) => column.notNull())
      .addColumn('namespace', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('folded', text, (column) => column.notNull())
      .addColumn('publish', text, (column) => column.notNull())
      .addColumn('upstream', text, (column) => column.notNull())
      .addColumn('change_counter', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('repository_packages_key', ['repository_id', 'package_id'])
      .addUniqueConstraint('repository_packages_coordinate', ['repository_id', 'format', 'name', 'namespace']),
  ).execute();
  await db.schema
    .createIndex('repository_packages_package')
    .on('repository_packages')
    .columns(['package_id'])
    .execute();
}

async function createVersions(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await db.schema
    .createTable('versions')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('package_id', text, (column) => column.notNull().references('packages.id').onDelete('cascade'))
    .addColumn('version', text, (column) => column.notNull())
    .addColumn('revision', text, (column) => column.notNull())
    .addColumn('origin_type', text, (column) => column.notNull())
    .addColumn('origin_repository', text)
    .addColumn('origin_connection', text)
    .addColumn('first_published_at', integer, (column) => column.notNull())
    .addColumn('entry', text, (column) => column.notNull())
    .addColumn('metadata', text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('versions_package').on('versions').columns(['package_id', 'version']).execute();
  await db.schema
    .createTable('version_readmes')
    .addColumn('version_id', text, (column) =>
      column.primaryKey().notNull().references('versions.id').onDelete('cascade'),
    )
    .addColumn('readme', text, (column) => column.notNull())
    .execute();
  await clustered(
    db.schema
      .createTable('assets')
      .addColumn('version_id', text, (column) => column.notNull().references('versions.id').onDelete('cascade'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('domain_id', text, (column) => column.notNull())
      .addColumn('size', integer, (column) => column.notNull())
      .addColumn('md5', text, (column) => column.notNull())
      .addColumn('sha1', text, (column) => column.notNull())
      .addColumn('sha256', text, (column) => column.notNull())
      .addColumn('sha512', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('assets_key', ['version_id', 'name']),
  ).execute();
  await db.schema.createIndex('assets_blob').on('assets').columns(['sha256']).execute();
  await db.schema.createIndex('assets_domain_size').on('assets').columns(['domain_id', 'sha256', 'size']).execute();
}

async function createReferences(db: Kysely<unknown>, { text, integer, clustered }: ColumnTypes): Promise<void> {
  await clustered(
    db.schema
      .createTable('repository_versions')
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
      // No cascade, and checked at the end of the transaction: content that loses its last reference is removed
      // together with it, but a reference that another transaction makes meanwhile must make one of the two fail.
      .addForeignKeyConstraint('repository_versions_content', ['version_id'], 'versions', ['id'], (constraint) =>
        constraint.deferrable().initiallyDeferred(),
      ),
  ).execute();
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
  await clustered(
    db.schema
      .createTable('tags')
      .addColumn('repository_id', text, (column) => column.notNull())
      .addColumn('package_id', text, (column) => column.notNull())
      .addColumn('tag', text, (column) => column.notNull())
      .addColumn('version', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('tags_key', ['repository_id', 'package_id', 'tag'])
      .addForeignKeyConstraint(
        'tags_package',
        ['repository_id', 'package_id'],
        'repository_packages',
        ['repository_id', 'package_id'],
        (constraint) => constraint.onDelete('cascade'),
      ),
  ).execute();
}

async function createRest(db: Kysely<unknown>, { text, integer, bytes, clustered }: ColumnTypes): Promise<void> {
  await clustered(
    db.schema
      .createTable('resource_tags')
      .addColumn('arn', text, (column) => column.notNull())
      .addColumn('key', text, (column) => column.notNull())
      .addColumn('value', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('resource_tags_key', ['arn', 'key']),
  ).execute();
  await db.schema
    .createTable('prepared')
    .addColumn('repository_id', text, (column) => column.notNull().references('repositories.id').onDelete('cascade'))
    .addColumn('unit', text, (column) => column.notNull())
    .addColumn('representation', text, (column) => column.notNull())
    .addColumn('stamp', text, (column) => column.notNull())
    .addColumn('etag', text, (column) => column.notNull())
    .addColumn('content_type', text, (column) => column.notNull())
    .addColumn('gzip', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('prepared_key', ['repository_id', 'unit', 'representation'])
    .execute();
  await db.schema
    .createTable('upstream_metadata')
    .addColumn('connection', text, (column) => column.notNull())
    .addColumn('unit', text, (column) => column.notNull())
    .addColumn('registry_url', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('etag', text)
    .addColumn('last_modified', text)
    .addColumn('checked_at', integer, (column) => column.notNull())
    .addColumn('changed_at', integer, (column) => column.notNull())
    .addColumn('document_sha256', text)
    .addPrimaryKeyConstraint('upstream_metadata_key', ['connection', 'unit'])
    .execute();
  await db.schema.createIndex('upstream_metadata_blob').on('upstream_metadata').columns(['document_sha256']).execute();
  await db.schema
    .createTable('settings')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('value', text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('locks')
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .execute();
}
