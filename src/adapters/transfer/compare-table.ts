import type { Database } from '../queries/schema.ts';
import { type Key, keyOf, pages, type Row } from './rows.ts';
import type { MovedTable } from './tables.ts';

/**
 * Compares a table of two databases, row by row and value by value, by walking both in key order. Yields a line for
 * each row that is missing, too many or different. Both rows are at hand, so that nothing is hashed: a hash would only
 * say that there is a difference somewhere.
 *
 * @param compared told the number of rows of the source as they are passed
 */
export async function* differences(
  source: Database,
  target: Database,
  table: MovedTable,
  compared: (rows: number) => void,
): AsyncGenerator<string> {
  const theirs = new Cursor(target, table);
  const name = (row: Row) => `${table.name} ${keyOf(table, row).join(' ')}`;
  for await (const page of pages(source, table)) {
    for (const row of page) {
      let other = await theirs.current();
      while (other !== undefined && compareKeys(keyOf(table, other), keyOf(table, row)) < 0) {
        yield `${name(other)}: only in the target`;
        theirs.advance();
        other = await theirs.current();
      }
      if (other === undefined || compareKeys(keyOf(table, other), keyOf(table, row)) > 0) {
        yield `${name(row)}: missing in the target`;
        continue;
      }
      const columns = Object.keys(row).filter((column) => !isSame(row[column], other[column]));
      if (columns.length > 0) yield `${name(row)}: differs in ${columns.join(', ')}`;
      theirs.advance();
    }
    compared(page.length);
  }
  for (let other = await theirs.current(); other !== undefined; other = await theirs.current()) {
    yield `${name(other)}: only in the target`;
    theirs.advance();
  }
}

/** A place in a table, from its first row to behind its last. */
class Cursor {
  readonly #pages: AsyncGenerator<readonly Row[]>;
  #page: readonly Row[] = [];
  #position = 0;

  constructor(db: Database, table: MovedTable) {
    this.#pages = pages(db, table);
  }

  async current(): Promise<Row | undefined> {
    if (this.#position >= this.#page.length) {
      const next = await this.#pages.next();
      this.#page = next.done ? [] : next.value;
      this.#position = 0;
    }
    return this.#page[this.#position];
  }

  advance(): void {
    this.#position += 1;
  }
}

/** Orders as the engines do: texts by their bytes. */
function compareKeys(a: Key, b: Key): number {
  for (const [position, value] of a.entries()) {
    const other = b[position];
    if (value === other) continue;
    if (typeof value === 'number' && typeof other === 'number') return value - other;
    return Buffer.compare(Buffer.from(String(value)), Buffer.from(String(other)));
  }
  return 0;
}

function isSame(a: Row[string] | undefined, b: Row[string] | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  // PostgreSQL cannot hold the character NUL; `postgres/pool.ts` stores another in its place.
  return (
    typeof a === 'string' && typeof b === 'string' && a.replaceAll('\0', '\uFFFD') === b.replaceAll('\0', '\uFFFD')
  );
}
