import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { Mutex } from './mutex.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { untilFree } from './until-free.ts';

/**
 * Two connections to one file behind one driver. Transactions and single writes take turns at the writer; reads
 * outside of transactions go to the reader and never wait: in WAL mode they see the last commit.
 */
export class SqliteDriver implements Driver {
  readonly #writer: SqliteFile;
  readonly #reader: SqliteFile;
  readonly #turn = new Mutex();
  readonly #idle: RoutedConnection[] = [];

  constructor(writer: SqliteFile, reader: SqliteFile) {
    this.#writer = writer;
    this.#reader = reader;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#idle.pop() ?? new RoutedConnection(this.#writer, this.#reader, this.#turn);
  }

  async beginTransaction(connection: RoutedConnection): Promise<void> {
    await this.#turn.lock();
    try {
      // Immediate: a transaction that reads first and writes later must not find that another process wrote between.
      await untilFree(() => this.#writer.run('begin immediate'));
    } catch (error) {
      this.#turn.unlock();
      throw error;
    }
    connection.isInTransaction = true;
  }

  async commitTransaction(connection: RoutedConnection): Promise<void> {
    // When this throws, Kysely rolls back, and that ends the turn.
    this.#writer.run('commit');
    this.#endTransaction(connection);
  }

  async rollbackTransaction(connection: RoutedConnection): Promise<void> {
    try {
      // After some faults (a full disk) SQLite has rolled back already.
      if (this.#writer.isInTransaction) this.#writer.run('rollback');
    } finally {
      this.#endTransaction(connection);
    }
  }

  async releaseConnection(connection: RoutedConnection): Promise<void> {
    this.#idle.push(connection);
  }

  async destroy(): Promise<void> {
    this.#reader.close();
    this.#writer.close();
  }

  #endTransaction(connection: RoutedConnection): void {
    connection.isInTransaction = false;
    this.#turn.unlock();
  }
}

/** Sends each query to the connection it belongs to. */
class RoutedConnection implements DatabaseConnection {
  isInTransaction = false;
  readonly #writer: SqliteFile;
  readonly #reader: SqliteFile;
  readonly #turn: Mutex;

  constructor(writer: SqliteFile, reader: SqliteFile, turn: Mutex) {
    this.#writer = writer;
    this.#reader = reader;
    this.#turn = turn;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.isInTransaction) return this.#writer.execute(query);
    if (query.query.kind === 'SelectQueryNode') return this.#reader.execute(query);
    await this.#turn.lock();
    try {
      return await untilFree(() => this.#writer.execute<Row>(query));
    } finally {
      this.#turn.unlock();
    }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and nothing here streams.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('Streaming queries is not supported: pages are read by key.');
  }
}
