import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../../../src/adapters/sqlite/open.ts';
import { leftBehindTables, movedTables } from '../../../src/adapters/transfer/tables.ts';
import { temporaryFolder } from '../../support/process.ts';

/** The plan of a copy, held against the tables that the migrations make. */
describe('the tables that a copy moves', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: DatabaseSync;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const file = join(folder.path, 'new.db');
    await (await openSqlite({ file })).close();
    database = new DatabaseSync(file, { readOnly: true });
  });
  afterAll(async () => {
    database.close();
    await folder[Symbol.asyncDispose]();
  });

  /** One column of what a question to SQLite's catalogue answers. */
  const ask = (sql: string, column: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => String(row[column]));

  it('are, with those that it leaves behind, all there are', () => {
    const all = ask("select name from sqlite_schema where type = 'table'", 'name');
    const ours = all.filter((name) => !/^(kysely|sqlite)_/.test(name));
    expect([...movedTables.map(({ name }) => name), ...leftBehindTables].toSorted()).toEqual(ours.toSorted());
  });

  it.each(movedTables)('are paged by their primary key: $name', ({ name, key }) => {
    const primaryKey = ask(`select name from pragma_table_info('${name}') where pk > 0 order by pk`, 'name');
    expect(key).toEqual(primaryKey);
  });

  it('come after those they refer to', () => {
    const order: string[] = movedTables.map(({ name }) => name);
    for (const [position, name] of order.entries()) {
      const referredTo = ask(`select "table" from pragma_foreign_key_list('${name}')`, 'table');
      expect(order.slice(0, position)).toEqual(expect.arrayContaining(referredTo));
    }
  });

  it('say where blobs are named: every column of a SHA-256', () => {
    for (const { name, blob } of movedTables) {
      const columns = ask(`select name from pragma_table_info('${name}') where name like '%sha256'`, 'name');
      expect(columns).toEqual(blob === undefined ? [] : [blob.sha256]);
    }
  });
});
