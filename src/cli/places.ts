import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseS3Location, type S3Location, withoutSecrets } from '../adapters/s3/location.ts';
import { SettingsError } from '../settings.ts';

interface Named {
  /** What it is called in messages: without the password. */
  readonly name: string;
  /** The same for all spellings of a place, as far as they tell. */
  readonly identity: string;
}

export type FolderPlace = Named & { readonly kind: 'folder'; readonly path: string };
export type PostgresPlace = Named & { readonly kind: 'postgres'; readonly url: string };
export type S3Place = Named & { readonly kind: 's3'; readonly location: S3Location };
type Place = FolderPlace | PostgresPlace | S3Place;

/** Where a store is: one database and one place for blobs. */
export interface StorePlaces {
  readonly database: FolderPlace | PostgresPlace;
  readonly blobs: FolderPlace | S3Place;
}

/**
 * Reads where a store is from one or two places: a data folder, a `postgres://` URL for the database instead of the
 * folder, an `s3://` URL for the blobs instead of the folder.
 *
 * @param flag the flag that gave them, for messages
 * @throws SettingsError when a part is missing or given twice
 */
export function readPlaces(flag: string, texts: readonly string[]): StorePlaces {
  const places = texts.map((text) => readPlace(flag, text));
  const given = `${flag} ${places.map(({ name }) => name).join(' ')}`;
  const folder = onlyOne(
    places.filter((place) => place.kind === 'folder'),
    given,
  );
  const postgres = onlyOne(
    places.filter((place) => place.kind === 'postgres'),
    given,
  );
  const s3 = onlyOne(
    places.filter((place) => place.kind === 's3'),
    given,
  );
  const database = postgres ?? folder;
  const blobs = s3 ?? folder;
  if (blobs === undefined)
    throw new SettingsError(`${given}: where are the blobs? Add a data folder or s3://BUCKET/PREFIX`);
  if (database === undefined)
    throw new SettingsError(`${given}: where is the database? Add a data folder or a postgres:// URL`);
  if (places.length > 2) throw new SettingsError(`${given}: a store is in one or two places; nothing is in the folder`);
  return { database, blobs };
}

/** Whether both name the same place. */
export function isSamePlace(a: Named, b: Named): boolean {
  return a.identity === b.identity;
}

/** The data folders among the places of some stores, each once. */
export function foldersOf(...stores: readonly StorePlaces[]): string[] {
  const folders = stores
    .flatMap(({ database, blobs }) => [database, blobs])
    .filter((place) => place.kind === 'folder')
    .map(({ identity, path }) => [identity, path] as const);
  return [...new Map(folders).values()];
}

function onlyOne<T extends Place>(places: readonly T[], given: string): T | undefined {
  if (places.length > 1) throw new SettingsError(`${given}: a store has one database and one place for blobs`);
  return places[0];
}

function readPlace(flag: string, text: string): Place {
  const [, scheme] = /^([a-z0-9+.-]+):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return folderPlace(text);
  try {
    return /^postgres(ql)?$/i.test(scheme) ? postgresPlace(text) : s3Place(text);
  } catch (error) {
    const problem = /^(s3|postgres(ql)?)$/i.test(scheme)
      ? (error as Error).message
      : 'must be a folder, a postgres:// or an s3:// URL';
    throw new SettingsError(`${flag} ${withoutSecrets(text)}: ${problem}`);
  }
}

function folderPlace(text: string): FolderPlace {
  const path = resolve(text);
  return { kind: 'folder', path, name: path, identity: realPath(path) };
}

function postgresPlace(text: string): PostgresPlace {
  const url = new URL(text);
  // A socket's folder is a parameter.
  const server = url.hostname || (url.searchParams.get('host') ?? 'localhost');
  const name = `postgres://${server}:${url.port || '5432'}${url.pathname}`;
  return { kind: 'postgres', url: text, name, identity: name };
}

function s3Place(text: string): S3Place {
  const location = parseS3Location(text);
  const name = `s3://${location.bucket}/${location.prefix}`;
  const server = location.endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? '';
  return { kind: 's3', location, name, identity: `${name} ${server}` };
}

/** Without symbolic links, also for a folder that is still to be made. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = resolve(path, '..');
    return parent === path ? path : join(realPath(parent), path.slice(parent.length));
  }
}
