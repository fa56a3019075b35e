import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { NpmUser, npmEndpoint } from '../support/user.ts';
import { copy } from './kept-store.ts';
import { largeStore } from './large-store.ts';

const packages = 400;
const versions = 10 * packages;
const program = fileURLToPath(new URL('../../src/cli/packyard.ts', import.meta.url));

/** Asks the database of a copy for a number while the copy runs; 0 as long as it cannot be asked. */
type Ask = (sql: string) => Promise<number>;

let root: Awaited<ReturnType<typeof temporaryFolder>>;
let source: string;
let token: string;
beforeAll(async () => {
  root = await temporaryFolder();
  source = join(root.path, 'large');
  ({ token } = await largeStore(source, packages));
}, 120_000);
afterAll(() => root[Symbol.asyncDispose]());

/** Starts `packyard copy` and kills it the hard way as soon as `isTime`. */
async function copyUntil(args: readonly string[], isTime: () => Promise<boolean>): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'copy', ...args]);
  const ended = once(child, 'exit');
  for (let waitedMs = 0; !(await isTime()) && child.exitCode === null && waitedMs < 30_000; waitedMs += 2)
    await setTimeout(2);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

/** What users of the large store see of some of it. */
async function seenWith(args: readonly string[]): Promise<unknown> {
  await using server = await startProcess([...args, '--endpoint-host', 'packages.example']);
  const npm = new NpmUser(npmEndpoint(server.url, 'acme', 'team'), token);
  // Awaited here: the server goes with this block.
  return await Promise.all(
    [0, 17, packages - 1].map(async (n) => {
      const packument = await npm.fetch(`pkg-${n}`);
      const tarball = await npm.fetch(`pkg-${n}/-/pkg-${n}-1.0.3.tgz`);
      return [packument.status, await packument.text(), tarball.status, await tarball.text()];
    }),
  );
}

/** Kills a copy while it copies blobs, in the middle of the rows, and while it compares; then lets it end. */
async function killAndResume(args: readonly string[], folder: string, ask: Ask): Promise<void> {
  const blobs = askFile(join(folder, 'blobs', 'small.db'));
  const versionRows = () => ask('select count(*) as n from versions');
  // The last of the rows that are copied.
  const lastRow = () => ask("select count(*) as n from settings where name = 'token-key'");

  await copyUntil(args, async () => (await blobs('select count(*) as n from blobs')) > 100);
  expect(await versionRows()).toBe(0);
  await copyUntil(args, async () => (await versionRows()) > 0);
  expect(await lastRow()).toBe(0);
  await copyUntil(args, async () => (await lastRow()) > 0);
  expect(await ask("select count(*) as n from settings where name = 'copy'")).toBe(1);

  const { code, stdout, stderr } = await copy(...args);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^copied 0 rows and 0 blobs .* compared every row and every blob\n$/);
  expect(await versionRows()).toBe(versions);
  expect(await blobs('select count(*) as n from blobs')).toBe(versions);
}

function askFile(file: string): Ask {
  return async (sql) => {
    try {
      using database = new DatabaseSync(file, { readOnly: true });
      return Number(database.prepare(sql).get()?.['n']);
    } catch {
      return 0;
    }
  };
}

describe(`packyard copy of ${versions} versions, killed on its way again and again`, () => {
  it('ends right in a new folder', async () => {
    const target = join(root.path, 'target');
    await killAndResume(['--from', source, '--to', target], target, askFile(join(target, 'packyard.db')));
    expect(await seenWith(['--data', target])).toEqual(await seenWith(['--data', source]));
  }, 120_000);

  describe.skipIf(!hasPostgres())('on PostgreSQL', () => {
    let postgres: TestPostgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    it('ends right in PostgreSQL', async () => {
      const database = await postgres.newDatabase();
      const target = join(root.path, 'blobs-of-postgres');
      const client = new pg.Client({ connectionString: database });
      await client.connect();
      const ask: Ask = async (sql) => {
        const answer = await client.query(sql).catch(() => undefined);
        return Number(answer?.rows[0]?.n ?? 0);
      };
      await killAndResume(['--from', source, '--to', database, target], target, ask);
      await client.end();
      expect(await seenWith(['--data', target, '--database', database])).toEqual(await seenWith(['--data', source]));
    }, 120_000);
  });
});
