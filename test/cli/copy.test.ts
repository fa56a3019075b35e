import { appendFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectPostgres } from '../../src/adapters/postgres/open.ts';
import type { Database } from '../../src/adapters/queries/schema.ts';
import { connectSqlite } from '../../src/adapters/sqlite/open.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { copy, type KeptStore, keptStore, seenWith, twin } from './kept-store.ts';

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let store: KeptStore;
beforeAll(async () => {
  root = await temporaryFolder();
  store = await keptStore(join(root.path, 'kept'));
}, 60_000);
afterAll(() => root[Symbol.asyncDispose]());

let folders = 0;
/** A folder that does not exist yet. */
const newFolder = () => join(root.path, `folder-${++folders}`);

const done = /^copied \d+ rows and (\d+) blobs \([\d.]+ \w+\) in [\d.]+ s, compared every row and every blob\n$/;

/** The database of a folder, as long as the test lasts. */
function databaseIn(folder: string): Database {
  const { db } = connectSqlite({ file: join(folder, 'packyard.db') });
  onTestFinished(() => db.destroy());
  return db;
}

/** Makes a finished copy look as if it had been killed just before its end. */
async function unfinish(target: Database, from: string): Promise<void> {
  const { value } = await target
    .selectFrom('settings')
    .select('value')
    .where('name', '=', 'database-id')
    .executeTakeFirstOrThrow();
  const mark = JSON.stringify({ state: 'incomplete', databaseId: value, from });
  await target.insertInto('settings').values({ name: 'copy', value: mark }).execute();
}

describe('packyard copy', () => {
  it('makes a second folder in which users see the same, with the tokens they have', async () => {
    const target = newFolder();
    expect(await copy('--from', store.folder, '--to', target)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(done),
      stderr: '',
    });
    expect(await seenWith(store, ['--data', target])).toEqual(store.seen);
    // The first one has not changed.
    expect(await seenWith(store, ['--data', store.folder])).toEqual(store.seen);
  });

  it('leaves what the target holds alone, whether another store or this one', async () => {
    const other = newFolder();
    await using _ = await startProcess(['--data', other]);
    await _[Symbol.asyncDispose]();
    expect(await copy('--from', store.folder, '--to', other)).toMatchObject({
      code: 1,
      stderr: `packyard: ${other} holds another database already: copy into an empty one\n`,
    });

    const target = newFolder();
    await copy('--from', store.folder, '--to', target);
    expect(await copy('--from', store.folder, '--to', target)).toMatchObject({
      code: 1,
      stderr: `packyard: ${target} holds this very database, and no copy into it is unfinished\n`,
    });

    const foreign = newFolder();
    await runProcess(['migrate', '--data', foreign]);
    await databaseIn(foreign).insertInto('resource_tags').values({ arn: 'a', key: 'b', value: 'c' }).execute();
    expect(await copy('--from', store.folder, '--to', foreign)).toMatchObject({
      code: 1,
      stderr: `packyard: ${foreign} has rows in resource_tags that no copy put there: copy into an empty database\n`,
    });
  });

  it('leaves a folder alone that a server has, on either side', async () => {
    const folder = await twin(store, newFolder());
    await using server = await startProcess(['--data', folder]);
    for (const [from, to] of [
      [folder, newFolder()],
      [store.folder, folder],
    ] as const) {
      const ended = await copy('--from', from, '--to', to);
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toContain(`the data folder ${folder} is in use by process ${server.pid}`);
    }
  });

  it('finds what is missing, different or damaged, and does not let the target be served', async () => {
    const target = newFolder();
    await copy('--from', store.folder, '--to', target);
    const db = databaseIn(target);
    await unfinish(db, store.folder);
    await db.updateTable('versions').set({ entry: '{}' }).where('version', '=', '1.1.0-rc.1').execute();
    await db.deleteFrom('tags').where('tag', '=', 'next').execute();
    const heavy = await fileOfHeavy(target);
    const file = await open(heavy, 'r+');
    await file.write('tampered', 1_000);
    await file.close();

    const found = await copy('--from', store.folder, '--to', target);
    expect(found).toMatchObject({ code: 1, stdout: '' });
    expect(found.stderr.split('\n')).toEqual([
      expect.stringMatching(/^packyard: versions \w{26}: differs in entry$/),
      expect.stringMatching(/^packyard: tags \w{26} \w{26} next: missing in the target$/),
      expect.stringMatching(/^packyard: blob [0-9a-f]{64}: damaged in the target, and removed from it: run the copy/),
      'packyard: 3 faults; no server starts on the target',
      '',
    ]);
    expect(await runProcess(['serve', '--data', target, '--port', '0'])).toMatchObject({
      code: 1,
      stderr: `packyard: the database is an unfinished copy of ${store.folder}: run the same packyard copy again to finish it\n`,
    });
    expect(await copy('--from', target, '--to', newFolder())).toMatchObject({
      code: 1,
      stderr: `packyard: ${target} is itself an unfinished copy, of ${store.folder}\n`,
    });
  });

  it('copies a blob anew that was found damaged, when it is run again', async () => {
    const target = newFolder();
    await copy('--from', store.folder, '--to', target);
    await unfinish(databaseIn(target), store.folder);
    const heavy = await fileOfHeavy(target);
    const file = await open(heavy, 'r+');
    await file.write('tampered', 1_000);
    await file.close();

    expect((await copy('--from', store.folder, '--to', target)).stderr).toContain('1 fault;');
    expect(await copy('--from', store.folder, '--to', target)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(done),
    });
    expect(await seenWith(store, ['--data', target])).toEqual(store.seen);
  });

  it('compares the rows of a copy that was cut off, asked or not: the source may have been in use since', async () => {
    const source = await twin(store, newFolder());
    const target = newFolder();
    expect(await copy('--from', source, '--to', target, '--no-verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/, compared nothing\n$/),
    });
    await unfinish(databaseIn(target), source);
    await databaseIn(source).updateTable('repositories').set({ description: 'changed' }).execute();

    const found = await copy('--from', source, '--to', target, '--no-verify');
    expect(found.code).toBe(1);
    expect(found.stderr).toMatch(/^(packyard: repositories \w+: differs in description\n){2}packyard: 2 faults;/);
  });

  it('writes no row when bytes are missing or damaged in the source', async () => {
    const source = await twin(store, newFolder());
    const target = newFolder();
    const heavy = await fileOfHeavy(source);
    await appendFile(heavy, 'more');
    expect((await copy('--from', source, '--to', target)).stderr).toMatch(
      /^packyard: blob [0-9a-f]{64}: damaged in the source\npackyard: 1 fault; no server starts on the target\n$/,
    );
    await rm(heavy);
    const found = await copy('--from', source, '--to', target);
    expect(found).toMatchObject({ code: 1, stdout: '' });
    expect(found.stderr).toContain(': missing in the source\n');
    expect(await databaseIn(target).selectFrom('versions').select('id').execute()).toEqual([]);
  });

  it('wants the source at the newest schema, since it changes nothing there', async () => {
    const source = await twin(store, newFolder());
    const db = databaseIn(source);
    const names = await db.introspection.getTables({ withInternalKyselyTables: true });
    expect(names.map(({ name }) => name)).toContain('kysely_migration');
    const { sql } = await import('kysely');
    await sql`delete from kysely_migration where name > '0001-initial'`.execute(db);
    expect(await copy('--from', source, '--to', newFolder())).toMatchObject({
      code: 1,
      stderr: `packyard: ${source} has the older schema 0001-initial: run packyard migrate on it first\n`,
    });
  });

  const folder = '/srv/packyard';
  it.each<[string, readonly string[], string]>([
    ['no source', ['--to', folder], "required option '--from <PLACE...>' not specified"],
    ['no target', ['--from', folder], "required option '--to <PLACE...>' not specified"],
    [
      'a database without blobs',
      ['--from', 'postgres://me:secret@db/x', '--to', folder],
      '--from postgres://db:5432/x: where are the blobs? Add a data folder or s3://BUCKET/PREFIX',
    ],
    [
      'blobs without a database',
      ['--from', folder, '--to', 's3://bucket/x'],
      '--to s3://bucket/x/: where is the database? Add a data folder or a postgres:// URL',
    ],
    [
      'two folders on one side',
      ['--from', folder, '/srv/other', '--to', 's3://bucket/x'],
      '--from /srv/packyard /srv/other: a store has one database and one place for blobs',
    ],
    [
      'a folder that holds nothing',
      ['--from', folder, '--to', '/srv/other', 'postgres://db/x', 's3://bucket'],
      'a store is in one or two places; nothing is in the folder',
    ],
    [
      'another kind of database',
      ['--from', folder, '--to', 'mysql://me:secret@db/x'],
      '--to mysql://…@db/x: must be a folder, a postgres:// or an s3:// URL',
    ],
    ['a wrong bucket', ['--from', folder, '--to', 's3://b'], '--to s3://b: must be s3://BUCKET or s3://BUCKET/PREFIX'],
    ['a folder without a store', ['--from', '/nowhere', '--to', folder], '--from /nowhere: there is no packyard.db in'],
  ])('refuses %s in one line', async (_, args, says) => {
    const ended = await copy(...args);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr.split('\n')).toEqual([expect.stringContaining(says), '']);
    expect(ended.stderr).not.toContain('secret');
  });

  it('refuses a store as its own target, however it is spelled', async () => {
    const same = join(store.folder, '..', 'kept', '.');
    expect((await copy('--from', store.folder, '--to', same)).stderr).toBe(
      'packyard: --from and --to are the same store\n',
    );
  });

  it('refuses a folder whose blobs are gone, and makes no folder of a mistyped path', async () => {
    const source = newFolder();
    await mkdir(source);
    await twin(store, source);
    await rm(join(source, 'blobs'), { recursive: true });
    const target = newFolder();
    expect((await copy('--from', source, '--to', target)).stderr).toContain('there are no blobs in that folder');
    await expect(stat(target)).rejects.toThrow('ENOENT');
  });
});

describe.skipIf(!hasPostgres())('packyard copy, with PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  /** A new database, as a place and as its servers see it. */
  async function newDatabase(): Promise<{ url: string; db: Database }> {
    const url = await postgres.newDatabase();
    const db = connectPostgres({ url, poolSize: 1 });
    onTestFinished(() => db.destroy());
    return { url, db };
  }

  it('goes there and back, and users see the same everywhere', async () => {
    const { url } = await newDatabase();
    const [there, back] = [newFolder(), newFolder()];
    expect(await copy('--from', store.folder, '--to', url, there)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(done),
      stderr: '',
    });
    expect(await seenWith(store, ['--data', there, '--database', url])).toEqual(store.seen);

    expect(await copy('--from', there, url, '--to', back)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(done),
    });
    expect(await seenWith(store, ['--data', back])).toEqual(store.seen);
  });

  it('moves the database alone: no blob is copied, and the old database is not served any more', async () => {
    const { url } = await newDatabase();
    const folder = await twin(store, newFolder());
    const moved = await copy('--from', folder, '--to', url, folder);
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    expect(moved.stdout).toMatch(
      /^copied \d+ rows and 0 blobs \(0 bytes\) .*; servers refuse the old database from now/,
    );
    expect(await seenWith(store, ['--data', folder, '--database', url])).toEqual(store.seen);

    const name = url.replace('packyard@', '');
    expect(await runProcess(['serve', '--data', folder, '--port', '0'])).toMatchObject({
      code: 1,
      stderr: `packyard: the database was moved to ${name}, and its blobs belong to that one now: start with it instead\n`,
    });
    expect(await copy('--from', folder, '--to', newFolder())).toMatchObject({
      code: 1,
      stderr: `packyard: ${folder} was moved to ${name} and is out of date: copy from there\n`,
    });
    expect(await copy('--from', url, folder, '--to', folder)).toMatchObject({
      code: 1,
      stderr: `packyard: ${folder} holds what was moved to ${name} and is out of date: copy into an empty database\n`,
    });
  });

  it('moves the blobs alone: the database stays where it is', async () => {
    const { url } = await newDatabase();
    const [first, second] = [newFolder(), newFolder()];
    await copy('--from', store.folder, '--to', url, first);
    const moved = await copy('--from', url, first, '--to', url, second);
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    expect(moved.stdout).toMatch(/^copied 0 rows and 6 blobs \(\d+\.\d KB\) in [\d.]+ s, compared every blob\n$/);
    await rm(first, { recursive: true });
    expect(await seenWith(store, ['--data', second, '--database', url])).toEqual(store.seen);
  });

  it('finds that the source has been written to since it was copied', async () => {
    const source = await newDatabase();
    const target = await newDatabase();
    const folder = newFolder();
    await copy('--from', store.folder, '--to', source.url, folder);
    await copy('--from', source.url, folder, '--to', target.url, newFolder());
    await unfinish(target.db, source.url.replace('packyard@', ''));
    await source.db.insertInto('resource_tags').values({ arn: 'a', key: 'late', value: '' }).execute();
    await source.db.deleteFrom('tags').where('tag', '=', 'next').execute();

    const found = await copy('--from', source.url, folder, '--to', target.url, newFolder());
    expect(found).toMatchObject({ code: 1, stdout: '' });
    expect(found.stderr).toMatch(/tags \w+ \w+ next: only in the target\n/);
  });
});

/** The file of the one blob that is too large for the table of small ones. */
async function fileOfHeavy(folder: string): Promise<string> {
  const files = await readdir(join(folder, 'blobs', 'sha256'), { recursive: true, withFileTypes: true });
  const [file, ...more] = files.filter((each) => each.isFile());
  if (file === undefined || more.length > 0) throw new Error('one blob was expected in a file');
  return join(file.parentPath, file.name);
}
