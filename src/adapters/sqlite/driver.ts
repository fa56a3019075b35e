import { setImmediate } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { GroupCommit, Member } from './group-commit.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** How long a transaction may keep the event loop. */
const maxTurnMs = 20;

/** One file, as it is open. */
export interface SqliteConnections {
  readonly writer: SqliteFile;
  readonly reader: SqliteFile;
  readonly commits: GroupCommit;
}

/**
 * Two connections to one file behind one driver. Transactions and single writes take turns at the writer; reads
 * outside of transactions go to the reader and never wait: in WAL mode they see the last commit.
 */
export class SqliteDriver implements Driver {
  readonly #connections: SqliteConnections;
  readonly #isRelaxed: boolean;
  readonly #idle: RoutedConnection[] = [];

  /** @param isRelaxed whether writes do not wait for the disk; such a driver does not own the connections */
  constructor(connections: SqliteConnections, isRelaxed: boolean) {
    this.#connections = connections;
    this.#isRelaxed = isRelaxed;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#idle.pop() ?? new RoutedConnection(this.#connections, this.#isRelaxed);
  }

  async beginTransaction(connection: RoutedConnection): Promise<void> {
    connection.beginTurn(await this.#connections.commits.begin());
  }

  async commitTransaction(connection: RoutedConnection): Promise<void> {
    // When this throws, Kysely rolls back.
    await connection.member?.commit({ isRelaxed: this.#isRelaxed });
    connection.member = undefined;
  }

  async rollbackTransaction(connection: RoutedConnection): Promise<void> {
    const { member } = connection;
    connection.member = undefined;
    member?.rollback();
  }

  async releaseConnection(connection: RoutedConnection): Promise<void> {
    this.#idle.push(connection);
  }

  async destroy(): Promise<void> {
    if (this.#isRelaxed) return;
    await this.#connections.commits.close();
    this.#connections.reader.close();
    this.#connections.writer.close();
  }
}

/** Sends each query to the connection it belongs to. */
class RoutedConnection implements DatabaseConnection {
  /** The transaction that this connection is in. */
  member: Member | undefined;
  /** When anything else in this process could run last (as `performance.now`), since the transaction began. */
  #othersRanAt = 0;
  readonly #connections: SqliteConnections;
  readonly #isRelaxed: boolean;

  constructor(connections: SqliteConnections, isRelaxed: boolean) {
    this.#connections = connections;
    this.#isRelaxed = isRelaxed;
  }

  beginTurn(member: Member): void {
    this.member = member;
    this.#othersRanAt = performance.now();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { writer, reader, commits } = this.#connections;
    if (this.member !== undefined) {
      await this.#letOthersRun();
      return writer.execute(query);
    }
    if (query.query.kind === 'SelectQueryNode') return reader.execute(query);
    const member = await commits.begin();
    let result: QueryResult<Row>;
    try {
      result = writer.execute<Row>(query);
    } catch (error) {
      member.rollback();
      throw error;
    }
    await member.commit({ isRelaxed: this.#isRelaxed });
    return result;
  }

  /** SQLite answers at once: a transaction of many statements would keep everyone waiting who only reads. */
  async #letOthersRun(): Promise<void> {
    if (performance.now() - this.#othersRanAt < maxTurnMs) return;
    await setImmediate();
    this.#othersRanAt = performance.now();
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and nothing here streams.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('Streaming queries is not supported: pages are read by key.');
  }
}
