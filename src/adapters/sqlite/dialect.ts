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
import { type SqliteConnections, SqliteDriver } from './driver.ts';

/** Kysely's SQLite with a driver of ours: `node:sqlite`, one connection to write and one to read. */
export class NodeSqliteDialect implements Dialect {
  readonly #connections: SqliteConnections;
  readonly #isRelaxed: boolean;

  constructor(connections: SqliteConnections, isRelaxed = false) {
    this.#connections = connections;
    this.#isRelaxed = isRelaxed;
  }

  /** The same over the same connections, whose writes do not wait for the disk. */
  relaxed(): NodeSqliteDialect {
    return new NodeSqliteDialect(this.#connections, true);
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#connections, this.#isRelaxed);
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
