import { Kysely } from 'kysely';
import type { Storage } from '../../ports/storage.ts';
import { openStorage } from '../queries/open.ts';
import type { Schema } from '../queries/schema.ts';
import { NodeSqliteDialect } from './dialect.ts';
import { SqliteFile } from './sqlite-file.ts';

const pragmas = ['busy_timeout = 5000', 'temp_store = memory', 'cache_size = -16000'];

/**
 * Opens the SQLite database in `file`, made when it is new, and brings it to the newest schema. The folder must
 * exist. What was committed survives power loss (WAL, synchronous FULL). Throws SQLite's error when the file cannot
 * be opened.
 */
export async function openSqlite(options: { file: string }): Promise<Storage> {
  const writer = new SqliteFile(options.file, [
    ...pragmas,
    'journal_mode = wal',
    'synchronous = full',
    'foreign_keys = on',
    // From here on `untilFree` waits.
    'busy_timeout = 0',
  ]);
  const reader = new SqliteFile(options.file, [...pragmas, 'query_only = on']);
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(writer, reader) });
  return openStorage(db);
}
