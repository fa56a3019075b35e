import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { types } from './types.ts';

/** A pool of connections to the database at `url`, as Kysely wants it. */
export function openPool(url: string, size: number): PostgresPool {
  const pool = new pg.Pool({ connectionString: url, max: size, application_name: 'packyard', types });
  // A connection may break while no query of it is under way. The pool drops it, and the next query of a transaction
  // that had it fails; without listeners the event itself would end the process.
  const ignore = () => {};
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return {
    async connect() {
      const client = await pool.connect();
      return {
        query: (sql: unknown, parameters?: readonly unknown[]) =>
          client.query(sql as string, (parameters ?? []).map(storable)) as never,
        release: () => client.release(),
      };
    },
    end: () => pool.end(),
  };
}

/**
 * PostgreSQL refuses text with the character NUL. Nothing that may be stored has one in its name, but a request may
 * ask for it and a readme contain it; neither is a fault of the server.
 */
function storable(parameter: unknown): unknown {
  return typeof parameter === 'string' ? parameter.replaceAll('\0', '\uFFFD') : parameter;
}
