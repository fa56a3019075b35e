import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { isOutage, rideOut, unclear } from './outages.ts';
import { types } from './types.ts';

/** No question of ours takes long; what hangs is a network or a server that does. */
const limits = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 25_000,
  query_timeout: 30_000,
  idle_in_transaction_session_timeout: 30_000,
  keepAlive: true,
};

/**
 * A pool of connections to the database at `url`, as Kysely wants it, and the same one for transactions that do not wait
 * for the disk; `end` of the first ends both. An outage is ridden out where nothing can have been changed: while
 * connecting, and in the first statement of who just got a connection if it only reads.
 */
export function openPools(url: string, size: number): { pool: PostgresPool; relaxedPool: PostgresPool } {
  const pool = new pg.Pool({ connectionString: url, max: size, application_name: 'packyard', types, ...limits });
  // A connection may break while no query of it is under way. The pool drops it, and the next query of a transaction
  // that had it fails; without listeners the event itself would end the process.
  const ignore = () => {};
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  const connect = async (begin: string) => new PooledClient(pool, await rideOut(() => pool.connect()), begin) as never;
  return {
    pool: { connect: () => connect('begin'), end: () => pool.end() },
    relaxedPool: { connect: () => connect('begin; set local synchronous_commit = off'), end: async () => undefined },
  };
}

/** A connection for as long as someone has it. */
class PooledClient {
  readonly #pool: pg.Pool;
  /** How a transaction begins. */
  readonly #begin: string;
  /** Undefined when a broken one was given back and no other was to be had yet. */
  #client: pg.PoolClient | undefined;
  #isFresh = true;
  #isBroken = false;

  constructor(pool: pg.Pool, client: pg.PoolClient, begin: string) {
    this.#pool = pool;
    this.#client = client;
    this.#begin = begin;
  }

  /** Asks the server. An outage throws StoreUnavailable where a change may have been made, itself otherwise. */
  async query(sql: string, parameters: readonly unknown[] = []): Promise<pg.QueryResult> {
    // The server has rolled back by itself; what broke the connection is what the caller should hear.
    if (this.#isBroken && sql === 'rollback') return nothing;
    const isFirst = this.#isFresh;
    this.#isFresh = false;
    const values = parameters.map(storable);
    if (isFirst && sql === 'begin') return rideOut(() => this.#retryable(this.#begin, []));
    if (isFirst && sql.startsWith('select ')) return rideOut(() => this.#retryable(sql, values));
    try {
      if (this.#client === undefined) throw new Error('Connection terminated');
      return await this.#client.query(sql, values);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#isBroken = true;
      // Within a transaction, all but its end can be told to have changed nothing.
      throw isFirst || sql === 'commit' ? unclear(error) : error;
    }
  }

  release(): void {
    this.#client?.release(this.#isBroken);
    this.#client = undefined;
  }

  async #retryable(sql: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#isBroken) this.release();
    this.#client ??= await this.#pool.connect();
    this.#isBroken = false;
    try {
      if (values.length > 0) return await this.#client.query(sql, [...values]);
      // Several statements at once go only without parameters.
      return await this.#client.query({ text: sql, ...(isInstant(sql) ? { query_timeout: instantMs } : {}) });
    } catch (error) {
      this.#isBroken = isOutage(error);
      throw error;
    }
  }
}

/** How long a server may take for what is nothing to it, before it counts as away. */
const instantMs = 3_000;

/** Whether a statement waits for no data and no lock. Each request begins with one. */
function isInstant(sql: string): boolean {
  return sql.startsWith('begin') || sql.startsWith('select pg_current_snapshot()');
}

const nothing: pg.QueryResult = { rows: [], rowCount: 0, command: '', oid: 0, fields: [] };

/**
 * PostgreSQL refuses text with the character NUL. Nothing that may be stored has one in its name, but a request may
 * ask for it and a readme contain it; neither is a fault of the server.
 */
function storable(parameter: unknown): unknown {
  return typeof parameter === 'string' ? parameter.replaceAll('\0', '\uFFFD') : parameter;
}
