import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestSchema } from '../../src/adapters/migrations/migrate.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { newTeam } from './team.ts';

const applied = /^(applied \d{4}-[a-z-]+\n)+$/;
const already = `already at ${newestSchema}\n`;

describe('packyard migrate', () => {
  it('brings a new database to the newest schema and tells each step; the second time there is nothing to do', async () => {
    await using folder = await temporaryFolder();
    const args = ['migrate', '--data', join(folder.path, 'data')];

    const first = await runProcess(args);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(applied), stderr: '' });
    expect(first.stdout).toContain(`applied ${newestSchema}\n`);
    expect(await runProcess(args)).toMatchObject({ code: 0, stdout: already, stderr: '' });

    await using server = await startProcess(['--data', join(folder.path, 'data')]);
    expect((await (await newTeam(server.url)).npm.publish({ name: 'left-pad', version: '1.0.0' })).status).toBe(200);
  });

  it('leaves a folder alone that a server has', async () => {
    await using folder = await temporaryFolder();
    await using server = await startProcess(['--data', folder.path]);
    const { code, stdout, stderr } = await runProcess(['migrate', '--data', folder.path]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^packyard: the data folder .* is in use by process \d+; stop it .*\n$/);
    expect(stderr).toContain(String(server.pid));
  });

  it('says so when the database is of a newer Packyard', async () => {
    await using folder = await temporaryFolder();
    const args = ['--data', folder.path];
    await runProcess(['migrate', ...args]);
    const database = new DatabaseSync(join(folder.path, 'packyard.db'));
    database.exec(
      "insert into kysely_migration (name, timestamp) values ('9999-tomorrow', '2999-01-01T00:00:00.000Z')",
    );
    database.close();
    const line = `packyard: the database has the schema 9999-tomorrow of a newer Packyard; this one knows them up to ${newestSchema}\n`;
    expect(await runProcess(['migrate', ...args])).toMatchObject({ code: 1, stdout: '', stderr: line });
    expect(await runProcess(['serve', ...args, '--port', '0'])).toMatchObject({ code: 1, stdout: '', stderr: line });
  });

  it('takes the settings of a server, and refuses what they refuse', async () => {
    const ended = await runProcess(['migrate', '--database', 'mysql://localhost/x']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('--database mysql://localhost/x: must be a postgres:// URL');
  });
});

describe.skipIf(!hasPostgres())('packyard migrate on PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('runs beside nodes that serve', async () => {
    await using folder = await temporaryFolder();
    const database = await postgres.newDatabase();
    await using server = await startProcess(['--data', folder.path, '--database', database]);
    expect(await runProcess(['migrate', '--database', database])).toMatchObject({ code: 0, stdout: already });
    expect((await (await newTeam(server.url)).npm.publish({ name: 'left-pad', version: '1.0.0' })).status).toBe(200);
  });

  it('does what the role of the nodes may not: they serve with rights on rows alone', async () => {
    await using folder = await temporaryFolder();
    const database = await postgres.newDatabase();
    const nodes = new URL(database);
    nodes.username = 'nodes';
    const args = ['--data', folder.path, '--database', nodes.href];
    const owner = new pg.Client({ connectionString: database });
    await owner.connect();
    await owner.query(
      'create role nodes login; alter default privileges grant select, insert, update, delete on tables to nodes',
    );
    await owner.end();

    const early = await runProcess(['serve', ...args, '--port', '0']);
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('permission denied for schema public') });
    expect(await runProcess(['migrate', '--database', database])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(applied),
    });
    await using server = await startProcess(args);
    expect((await (await newTeam(server.url)).npm.publish({ name: 'left-pad', version: '1.0.0' })).status).toBe(200);
  });
});
