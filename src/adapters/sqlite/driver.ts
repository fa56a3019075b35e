import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { GroupCommit, type Member } from './group-commit.ts';
import type { SqliteFile } from './sqlite-file.ts';

/**
 * Two connections to one file behind one driver. Transactions and single writes take turns at the writer; reads
 * outside of transactions go to the reader and never wait: in WAL mode they see the last commit.
 */
export class SqliteDriver implements Driver {
  readonly #writer: SqliteFile;
  readonly #reader: SqliteFile;
  readonly #commits: GroupCommit;
  readonly #idle: RoutedConnection[] = [];

  constructor(writer: SqliteFile, reader: SqliteFile) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commits = new GroupCommit(writer);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#idle.pop() ?? new RoutedConnection(this.#writer, this.#reader, this.#commits);
  }

  async beginTransaction(connection: RoutedConnection): Promise<void> {
    connection.member = await this.#commits.begin();
  }

  async commitTransaction(connection: RoutedConnection): Promise<void> {
    // When this throws, Kysely rolls back.
    await connection.member?.commit();
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
    this.#reader.close();
    this.#writer.close();
  }
}

/** Sends each query to the connection it belongs to. */
class RoutedConnection implements DatabaseConnection {
  /** The transaction that this connection is in. */
  member: Member | undefined;
  readonly #writer: SqliteFile;
  readonly #reader: SqliteFile;
  readonly #commits: GroupCommit;

  constructor(writer: SqliteFile, reader: SqliteFile, commits: GroupCommit) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commits = commits;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.member !== undefined) return this.#writer.execute(query);
    if (query.query.kind === 'SelectQueryNode') return this.#reader.execute(query);
    const member = await this.#commits.begin();
    let result: QueryResult<Row>;
    try {
      result = this.#writer.execute<Row>(query);
    } catch (error) {
      member.rollback();
      throw error;
    }
    await member.commit();
    return result;
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and nothing here streams.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('Streaming queries is not supported: pages are read by key.');
  }
}
