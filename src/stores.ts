import { join } from 'node:path';
import { openFileBlobs } from './adapters/files/blobs.ts';
import { sweepStaging } from './adapters/files/staging.ts';
import type { S3Location } from './adapters/s3/location.ts';
import { withSmallBlobs } from './adapters/small-blobs/with-small-blobs.ts';
import { openSqlite } from './adapters/sqlite/open.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Clock } from './ports/clock.ts';
import type { Ids } from './ports/ids.ts';
import type { Storage } from './ports/storage.ts';

/** Where a store's two parts are; a part without an address is in the data folder. */
export interface StoreAddress {
  readonly database?: string | undefined;
  readonly blobs?: S3Location | undefined;
}

/** Where the embedded database of a data folder is. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'packyard.db');
}

/** Where the blobs of a data folder are, or what of blobs elsewhere waits to be sent there. */
export function blobFolder(dataFolder: string): string {
  return join(dataFolder, 'blobs');
}

/**
 * Opens the database and brings it to the newest schema. Loads PostgreSQL's client only where it is asked for.
 * `isShared` says that other processes have the data folder's database open as well.
 */
export async function openDatabase(
  { database, isShared = false }: StoreAddress & { readonly isShared?: boolean },
  dataFolder: string,
): Promise<Storage> {
  if (database === undefined) return openSqlite({ file: databaseFile(dataFolder), isAlone: !isShared });
  const { openPostgres } = await import('./adapters/postgres/open.ts');
  return openPostgres({ url: database });
}

/** Opens the blob store. Loads S3's client only where it is asked for. */
export async function openBlobs(
  { blobs }: StoreAddress,
  dataFolder: string,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<Blobs> {
  const folder = blobFolder(dataFolder);
  if (blobs === undefined) return withSmallBlobs(await openFileBlobs(folder, ids), join(folder, 'small.db'), clock);
  const { openS3Blobs } = await import('./adapters/s3/blobs.ts');
  return openS3Blobs({ location: blobs, folder, ids });
}

/** Removes what processes that died left on its way into the blob store. Only for who has the data folder alone. */
export async function sweepBlobs(dataFolder: string): Promise<void> {
  await sweepStaging(blobFolder(dataFolder));
}
