import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';

interface Statement {
  readonly statement: StatementSync;
  /** Whether it returns rows. */
  readonly isReader: boolean;
}

/** More than the queries there are; lists of varying length make some more. */
const maxStatements = 500;

/** One connection to an SQLite file, with its prepared statements. */
export class SqliteFile {
  readonly #database: DatabaseSync;
  #commits = 0;
  /** By SQL, the least recently used first. */
  readonly #statements = new Map<string, Statement>();

  constructor(file: string, pragmas: readonly string[]) {
    this.#database = new DatabaseSync(file);
    for (const pragma of pragmas) this.#database.exec(`pragma ${pragma}`);
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /**
   * Changes with every commit of any other connection to the file, in this process or another. Source: SQLite,
   * PRAGMA data_version.
   */
  dataVersion(): string {
    const row = this.#prepare('pragma data_version').statement.get();
    return String(row?.['data_version']);
  }

  /** Commits the transaction. */
  commit(): void {
    this.run('commit');
    this.#commits += 1;
  }

  /** How many transactions this connection has committed. */
  get commits(): number {
    return this.#commits;
  }

  /** Runs one statement without parameters or rows. */
  run(sql: string): void {
    this.#prepare(sql).statement.run();
  }

  /** Runs a compiled query. Throws SQLite's error. */
  execute<Row>({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): QueryResult<Row> {
    const { statement, isReader } = this.#prepare(sql);
    const values = parameters as readonly SQLInputValue[];
    if (isReader) return { rows: statement.all(...values) as Row[] };
    const { changes } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    const prepared = { statement, isReader: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    if (this.#statements.size > maxStatements) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return prepared;
  }
}
