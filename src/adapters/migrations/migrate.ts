import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator, sql } from 'kysely';
import type { Database } from '../queries/schema.ts';
import { initial } from './0001-initial.ts';
import { nodes } from './0002-nodes.ts';
import { governance } from './0003-governance.ts';
import { versionKeys } from './0004-version-keys.ts';
import { namespaces } from './0005-namespaces.ts';

/** In order of their names. A migration that has been released is never edited: add the next number. */
const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-nodes': nodes,
  '0003-governance': governance,
  '0004-version-keys': versionKeys,
  '0005-namespaces': namespaces,
};

/** The schema that `migrate` leads to, by its last migration. */
export const newestSchema = Object.keys(migrations).at(-1) ?? '';

/**
 * Brings the database to the newest schema; returns the migrations that this took. Throws what made one fail; the
 * database is then as it was before. Processes that start at once migrate one after the other.
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw (await newerSchema(db)) ?? error;
  return results.map(({ migrationName }) => migrationName);
}

/** The schema a database has, by its last migration; undefined when it was never migrated. */
export async function schemaOf(db: Database): Promise<string | undefined> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return undefined;
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  return rows
    .map(({ name }) => name)
    .toSorted()
    .at(-1);
}

/** What Kysely calls corrupted: the database is further than this program. */
async function newerSchema(db: Database): Promise<Error | undefined> {
  const schema = await schemaOf(db).catch(() => undefined);
  if (schema === undefined || schema in migrations) return undefined;
  return new Error(
    `the database has the schema ${schema} of a newer Packyard; this one knows them up to ${newestSchema}`,
  );
}
