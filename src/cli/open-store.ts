import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../adapters/queries/schema.ts';
import { connectSqlite } from '../adapters/sqlite/open.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Blobs } from '../ports/blobs.ts';
import type { Ids } from '../ports/ids.ts';
import { SettingsError } from '../settings.ts';
import { blobFolder, databaseFile, openBlobs } from '../stores.ts';
import type { StorePlaces } from './places.ts';

/** Connects to the database at a place, as it is; a folder's is made when it is new. Close it with `destroy`. */
export async function connectDatabase(place: StorePlaces['database']): Promise<Database> {
  if (place.kind === 'folder') return connectSqlite({ file: databaseFile(place.path) }).db;
  const { connectPostgres } = await import('../adapters/postgres/open.ts');
  return connectPostgres({ url: place.url });
}

/** Opens the blobs at a place, in a folder or, on their way to a bucket, through a temporary one. */
export async function openBlobsAt(place: StorePlaces['blobs'], ids: Ids): Promise<Blobs> {
  if (place.kind === 'folder') return openBlobs({}, place.path, { clock: systemClock, ids });
  const folder = await mkdtemp(join(tmpdir(), 'packyard-copy-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const blobs = await openBlobs({ blobs: place.location }, folder, { clock: systemClock, ids });
    return { ...blobs, close: () => blobs.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Throws a SettingsError when a folder that is to be read has no database, or no blobs: opening it would make it, and
 * a mistyped path would look like an empty store.
 */
export function checkSource({ database, blobs }: StorePlaces): void {
  if (database.kind === 'folder' && !existsSync(databaseFile(database.path)))
    throw new SettingsError(`--from ${database.name}: there is no packyard.db in that folder`);
  if (blobs.kind === 'folder' && !existsSync(blobFolder(blobs.path)))
    throw new SettingsError(`--from ${blobs.name}: there are no blobs in that folder`);
}
