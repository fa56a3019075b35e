import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/adapters/migrations/migrate.ts';
import { connectPostgres } from '../../../src/adapters/postgres/open.ts';
import type { Database } from '../../../src/adapters/queries/schema.ts';
import { connectSqlite } from '../../../src/adapters/sqlite/open.ts';
import { differences } from '../../../src/adapters/transfer/compare-table.ts';
import { copyTable } from '../../../src/adapters/transfer/copy-table.ts';
import { movedTables } from '../../../src/adapters/transfer/tables.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/process.ts';

/** Names that languages, UTF-16 and bytes put in different orders. */
const names = ['Z', 'a', 'B', 'é', 'e', 'ä', 'ß', '-', '_', '1', '10', '2', '\u{1F600}', '\uFF5A', '', 'a b', 'a\tb'];
const count = 3_000;

describe.skipIf(!hasPostgres())('the rows of a table', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let postgres: TestPostgres;
  let sqlite: Database;
  let server: Database;
  const table = movedTables.find(({ name }) => name === 'resource_tags');
  if (table === undefined) throw new Error('resource_tags is moved');

  beforeAll(async () => {
    folder = await temporaryFolder();
    postgres = await startPostgres();
    sqlite = connectSqlite({ file: join(folder.path, 'source.db') }).db;
    server = connectPostgres({ url: await postgres.newDatabase() });
    await migrate(sqlite);
    await migrate(server);
    const rows = Array.from({ length: count }, (_, n) => ({
      arn: names[n % names.length] ?? '',
      key: `${names[Math.floor(n / names.length) % names.length]}${n}`,
      value: n === 7 ? 'text with the character \0 in it' : 'x'.repeat(n % 5_000),
    }));
    for (let start = 0; start < count; start += 500)
      await sqlite
        .insertInto('resource_tags')
        .values(rows.slice(start, start + 500))
        .execute();
  });
  afterAll(async () => {
    await sqlite.destroy();
    await server.destroy();
    await postgres.stop();
    await folder[Symbol.asyncDispose]();
  });

  const compare = (source: Database, target: Database) =>
    Array.fromAsync(differences(source, target, table, () => undefined));

  it('go to the other engine in pages, each once, and on from where it was', async () => {
    const pages: number[] = [];
    class CutOff extends Error {}
    const cutOff = copyTable(sqlite, server, table, (rows) => {
      pages.push(rows);
      if (pages.length === 3) throw new CutOff();
    });
    await expect(cutOff).rejects.toThrow(CutOff);
    await copyTable(sqlite, server, table, (rows) => pages.push(rows));
    await copyTable(sqlite, server, table, (rows) => pages.push(rows));
    expect(pages.length).toBeGreaterThan(4);
    expect(pages.reduce((sum, rows) => sum + rows)).toBe(count);
    expect(await compare(sqlite, server)).toEqual([]);
  });

  it('and back, in the same order', async () => {
    const back = connectSqlite({ file: join(folder.path, 'back.db') }).db;
    await migrate(back);
    await copyTable(server, back, table, () => undefined);
    expect(await compare(server, back)).toEqual([]);
    expect(await compare(sqlite, back)).toEqual([]);
    await back.destroy();
  });

  it('that differ are named: missing, too many, and which column', async () => {
    const one = (arn: string, key: string) =>
      server.deleteFrom('resource_tags').where('arn', '=', arn).where('key', '=', key);
    await one('Z', 'Z0').execute();
    await server.insertInto('resource_tags').values({ arn: 'a', key: 'more', value: '' }).execute();
    await server.insertInto('resource_tags').values({ arn: '\u{1F601}', key: 'last', value: '' }).execute();
    await server.updateTable('resource_tags').set({ value: 'other' }).where('key', '=', 'Z2').execute();
    expect((await compare(sqlite, server)).toSorted()).toEqual([
      'resource_tags B Z2: differs in value',
      'resource_tags Z Z0: missing in the target',
      'resource_tags a more: only in the target',
      'resource_tags \u{1F601} last: only in the target',
    ]);
  });
});
