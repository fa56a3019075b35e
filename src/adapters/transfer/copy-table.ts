import type { Database } from '../queries/schema.ts';
import { insertRows, lastKey, pages } from './rows.ts';
import type { MovedTable } from './tables.ts';

/** SQLite's number for a constraint, in the low byte, and PostgreSQL's class of integrity violations. */
const sqliteConstraint = 19;
const postgresConstraint = /^23/;

/**
 * Copies the rows of a table that the target does not have yet. Every page is one transaction and pages come in key
 * order, so what the target has is always the beginning of the table: its last key is where a copy that was cut off
 * goes on.
 *
 * @param copied told after each page, with its number of rows
 */
export async function copyTable(
  source: Database,
  target: Database,
  table: MovedTable,
  copied: (rows: number) => void,
): Promise<void> {
  for await (const page of pages(source, table, await lastKey(target, table))) {
    try {
      await target.transaction().execute((transaction) => insertRows(transaction, table, page));
    } catch (error) {
      throw breaksConstraint(error) ? new Error(`${table.name}: ${changed} (${(error as Error).message})`) : error;
    }
    copied(page.length);
  }
}

const changed =
  'these rows do not fit those in the target; the source has changed since this copy was begun, or another one runs';

function breaksConstraint(error: unknown): boolean {
  const { errcode = 0, code = '' } = error as { errcode?: number; code?: string };
  return (errcode & 0xff) === sqliteConstraint || postgresConstraint.test(code);
}
