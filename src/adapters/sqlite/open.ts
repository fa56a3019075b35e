import { Kysely } from 'kysely';
import type { Storage } from '../../ports/storage.ts';
import { openStorage } from '../queries/open.ts';
import type { Schema } from '../queries/schema.ts';
import { NodeSqliteDialect } from './dialect.ts';
import { SqliteFile } from './sqlite-file.ts';

const pragmas = ['busy_timeout = 5000', 'temp_store = memory', 'cache_size = -16000'];

/**
 * Opens the SQLite database in `file` as `connectSqlite` does, and brings it to the newest schema.
 *
 * @param options.isAlone whether no other process has the file open: then nobody needs to look into it to see whether
 *   anything was committed
 */
export async function openSqlite(options: { file: string; isAlone?: boolean }): Promise<Storage> {
  const { db, writer, reader } = connectSqlite(options);
  const revision = options.isAlone === true ? () => String(writer.commits) : () => reader.dataVersion();
  return openStorage(db, { revision: async () => revision() });
}

/**
 * Connects to the SQLite database in `file`, made when it is new. The folder must exist. What was committed survives
 * power loss (WAL, synchronous FULL). Throws SQLite's error when the file cannot be opened.
 */
export function connectSqlite(options: { file: string }): {
  db: Kysely<Schema>;
  writer: SqliteFile;
  reader: SqliteFile;
} {
  const writer = new SqliteFile(options.file, [
    ...pragmas,
    'journal_mode = wal',
    'synchronous = full',
    'foreign_keys = on',
    // From here on `untilFree` waits.
    'busy_timeout = 0',
  ]);
  const reader = new SqliteFile(options.file, [...pragmas, 'query_only = on']);
  return { db: new Kysely<Schema>({ dialect: new NodeSqliteDialect(writer, reader) }), writer, reader };
}
