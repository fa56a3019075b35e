import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { SqliteDriver } from './driver.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** Kysely's SQLite with a driver of ours: `node:sqlite`, one connection to write and one to read. */
export class NodeSqliteDialect implements Dialect {
  readonly #writer: SqliteFile;
  readonly #reader: SqliteFile;

  constructor(writer: SqliteFile, reader: SqliteFile) {
    this.#writer = writer;
    this.#reader = reader;
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#writer, this.#reader);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** SQLite's DDL is transactional. Saying so makes Kysely run migrations in one transaction: all of them or none. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
