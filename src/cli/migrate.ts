import { takeDataFolder } from '../adapters/files/data-folder.ts';
import { migrate as migrateDatabase, newestSchema } from '../adapters/migrations/migrate.ts';
import { settingsOf } from './flags.ts';
import { connectDatabase } from './open-store.ts';
import { readPlaces } from './places.ts';
import { sayError } from './say-error.ts';

/**
 * `packyard migrate`: brings the database of the settings to the newest schema and says what that took. The embedded
 * one must not be in use; PostgreSQL may be, by nodes of this release or the one before. Exit code 1 when it fails,
 * and the database is as it was.
 */
export async function migrate(flags: Record<string, unknown>): Promise<void> {
  const undo: (() => unknown)[] = [];
  try {
    const { data, database } = await settingsOf(flags);
    const place = readPlaces('--database', [data, ...(database === undefined ? [] : [database])]).database;
    if (place.kind === 'folder') undo.push(takeDataFolder(place.path).release);
    const db = await connectDatabase(place);
    undo.push(() => db.destroy());
    const applied = await migrateDatabase(db);
    if (applied.length === 0) process.stdout.write(`already at ${newestSchema}\n`);
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
  } catch (error) {
    sayError(error);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}
