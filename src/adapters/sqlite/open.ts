import { Kysely } from 'kysely';
import type { Storage } from '../../ports/storage.ts';
import { openStorage } from '../queries/open.ts';
import type { Schema } from '../queries/schema.ts';
import { NodeSqliteDialect } from './dialect.ts';
import { GroupCommit } from './group-commit.ts';
import { SqliteFile } from './sqlite-file.ts';
import { WalSync } from './wal-sync.ts';

const pragmas = ['busy_timeout = 5000', 'cache_size = -16000'];

/**
 * Opens the SQLite database in `file` as `connectSqlite` does, and brings it to the newest schema.
 *
 * @param options.isAlone whether no other process has the file open: then nobody needs to look into it to see whether
 *   anything was committed
 */
export async function openSqlite(options: { file: string; isAlone?: boolean }): Promise<Storage> {
  const { db, relaxed, writer, reader } = connectSqlite(options);
  const revision = options.isAlone === true ? () => String(writer.commits) : () => reader.dataVersion();
  return openStorage(db, { relaxed, revision: async () => revision() });
}

interface Connected {
  readonly db: Kysely<Schema>;
  /** The same for what power loss may take. It needs no `destroy`. */
  readonly relaxed: Kysely<Schema>;
  readonly writer: SqliteFile;
  readonly reader: SqliteFile;
}

/**
 * Connects to the SQLite database in `file`, made when it is new. The folder must exist. What was committed survives
 * power loss (WAL, synced by `WalSync`). Throws SQLite's error when the file cannot be opened.
 */
export function connectSqlite(options: { file: string }): Connected {
  const writer = new SqliteFile(options.file, [
    ...pragmas,
    'journal_mode = wal',
    'synchronous = normal',
    'foreign_keys = on',
    // From here on `untilFree` waits.
    'busy_timeout = 0',
  ]);
  // Not the writer's: what SQLite notes of a savepoint would be a list in memory that it walks at each statement.
  const reader = new SqliteFile(options.file, [...pragmas, 'temp_store = memory', 'query_only = on']);
  const commits = new GroupCommit(writer, new WalSync(options.file));
  const dialect = new NodeSqliteDialect({ writer, reader, commits });
  return {
    db: new Kysely<Schema>({ dialect }),
    relaxed: new Kysely<Schema>({ dialect: dialect.relaxed() }),
    writer,
    reader,
  };
}
