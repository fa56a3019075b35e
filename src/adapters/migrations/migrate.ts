import { type Migration, Migrator } from 'kysely';
import type { Database } from '../queries/schema.ts';
import { initial } from './0001-initial.ts';

/** In order of their names. A migration that has been released is never edited: add the next number. */
const migrations: Record<string, Migration> = {
  '0001-initial': initial,
};

/**
 * Brings the database to the newest schema. Throws what made a migration fail; the database is then as it was
 * before. Processes that start at once migrate one after the other.
 */
export async function migrate(db: Database): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
