import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../queries/schema.ts';
import { chunks } from '../queries/transaction.ts';
import type { MovedTable } from './tables.ts';

type Value = string | number | null | Uint8Array;
/** A row as it lies in the table. */
export type Row = Readonly<Record<string, Value>>;
/** The values of a row's key columns. */
export type Key = readonly Value[];

const maxPageRows = 1_000;
/** About what a page should weigh: texts differ from some bytes to some hundred thousand. */
const pageCharacters = 1024 * 1024;

/** Rows in the order of their key after the row with the key `after`, a page at a time. Both engines order alike. */
export async function* pages(db: Database, table: MovedTable, after?: Key): AsyncGenerator<readonly Row[]> {
  let limit = 100;
  for (let last = after; ; ) {
    const page = await rowsOf(db, table)
      .selectAll()
      .$if(last !== undefined, (query) => query.where(isAfter(table, last ?? [])))
      .orderBy(inKeyOrder(table))
      .limit(limit)
      .execute();
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    last = keyOf(table, page.at(-1) ?? {});
    limit = Math.max(1, Math.min(maxPageRows, Math.floor((limit * pageCharacters) / weightOf(page))));
  }
}

export async function countRows(db: Database, table: MovedTable): Promise<number> {
  const { count } = await rowsOf(db, table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** The key of the last row in key order; undefined for an empty table. */
export async function lastKey(db: Database, table: MovedTable): Promise<Key | undefined> {
  const row = await rowsOf(db, table).select(table.key).orderBy(inKeyOrder(table, 'desc')).limit(1).executeTakeFirst();
  return row && keyOf(table, row);
}

/** Inserts rows, some in each statement: engines limit its parameters (SQLite to 32,766, PostgreSQL to 65,535). */
export async function insertRows(db: Database, table: MovedTable, rows: readonly Row[]): Promise<void> {
  for (const some of chunks(rows, 250)) await untyped(db).insertInto(table.name).values(some).execute();
}

export function keyOf(table: MovedTable, row: Row): Key {
  return table.key.map((column) => row[column] ?? null);
}

/** The rows of a table that are moved. */
function rowsOf(db: Database, table: MovedTable) {
  const query = untyped(db).selectFrom(table.name);
  return table.except === undefined ? query : query.where(table.key[0] ?? '', '<>', table.except);
}

/** Tables whose columns are known when it runs only. */
function untyped(db: Database): Kysely<Record<string, Row>> {
  return db as unknown as Kysely<Record<string, Row>>;
}

function inKeyOrder(table: MovedTable, direction: 'asc' | 'desc' = 'asc'): RawBuilder<unknown> {
  return sql.join(table.key.map((column) => sql`${sql.ref(column)} ${sql.raw(direction)}`));
}

function isAfter(table: MovedTable, key: Key): RawBuilder<boolean> {
  const columns = table.key.map((column) => sql.ref(column));
  return sql<boolean>`(${sql.join(columns)}) > (${sql.join(key)})`;
}

function weightOf(page: readonly Row[]): number {
  let weight = 1;
  for (const row of page)
    for (const value of Object.values(row)) weight += typeof value === 'string' ? value.length : 8;
  return weight;
}
