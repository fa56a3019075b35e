import { existsSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ports } from '../../src/core/core-ports.ts';
import { freePort } from '../support/free-port.ts';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { startServer } from '../support/server.ts';
import { NpmUser, npmEndpoint } from '../support/user.ts';
import { newTeam } from './team.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

test('the first log line names the address, the data folder and the version', async () => {
  await using folder = await temporaryFolder();
  await using server = await startProcess(['--data', folder.path]);

  const { url, dataFolder, msg } = server.servingLine;
  expect(server.log()[0]).toEqual(server.servingLine);
  expect(server.servingLine).toMatchObject({ version, dataFolder: folder.path, pid: server.pid });
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect(msg).toBe(`Packyard ${version} serves on ${url}, data in ${dataFolder}`);
});

test('nobody reaches a server before all of it runs', async () => {
  await using folder = await temporaryFolder();
  const port = await freePort();
  const claim = Promise.withResolvers<void>();
  const claiming = Promise.withResolvers<void>();
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    blobs: {
      ...ports.blobs,
      async claim(databaseId) {
        claiming.resolve();
        await claim.promise;
        return ports.blobs.claim(databaseId);
      },
    },
  });
  const starting = startServer({ data: folder.path, port }, { wrap });
  await claiming.promise;
  await expect(fetch(`http://127.0.0.1:${port}/_packyard/health`)).rejects.toThrow('fetch failed');

  claim.resolve();
  await using server = await starting;
  expect((await fetch(`${server.url}/_packyard/health`)).status).toBe(200);
});

test('health answers in our shape and in the one that wait scripts look for', async () => {
  await using folder = await temporaryFolder();
  await using server = await startProcess(['--data', folder.path]);

  const health = await fetch(`${server.url}/_packyard/health`);
  expect(health.status).toBe(200);
  expect(await health.json()).toEqual({ status: 'ok', version });

  const localstack = await fetch(`${server.url}/_localstack/health`);
  expect(localstack.status).toBe(200);
  expect(await localstack.json()).toEqual({
    services: { codeartifact: 'running', sts: 'running' },
    edition: 'packyard',
    version,
  });
});

test('a missing data folder is made with its parents', async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, 'a', 'b', 'c');
  await using server = await startProcess(['--data', data]);

  expect(server.servingLine.dataFolder).toBe(data);
  expect(await readdir(data)).toContain('packyard.db');
});

test('a second server on the same data folder ends at once and says who has it', async () => {
  await using folder = await temporaryFolder();
  await using first = await startProcess(['--data', folder.path]);

  const second = await runProcess(['--data', folder.path, '--port', '0']);

  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toBe(
    `packyard: the data folder ${folder.path} is in use by process ${first.pid}; ` +
      'stop it or choose another with --data\n',
  );
  // No longer than a start, however busy the machine is.
  expect(second.ms).toBeLessThan(Math.max(2_000, 2 * first.startUpMs));
  // The first one has not noticed.
  expect((await fetch(`${first.url}/_packyard/health`)).status).toBe(200);
});

test('of five servers that start at once on one new data folder, one serves', async () => {
  await using folder = await temporaryFolder();
  const args = ['--data', join(folder.path, 'new')];

  const starts = await Promise.allSettled(Array.from({ length: 5 }, () => startProcess(args)));

  const servers = starts.filter((start) => start.status === 'fulfilled').map(({ value }) => value);
  const refusals = starts.filter((start) => start.status === 'rejected').map(({ reason }) => String(reason));
  for (const server of servers) await server[Symbol.asyncDispose]();
  expect(servers).toHaveLength(1);
  for (const refusal of refusals) expect(refusal).toContain('is in use by process');
});

test('after kill -9 the folder can be taken again at once, and everything is there', async () => {
  await using folder = await temporaryFolder();
  await using first = await startProcess(['--data', folder.path]);
  const { npm, token } = await newTeam(first.url);
  expect((await npm.publish({ name: 'left-pad', version: '1.0.0' })).status).toBe(200);
  first.kill('SIGKILL');
  await first.exited;

  await using second = await startProcess(['--data', folder.path]);

  // The token, too, is one that the first server issued.
  const user = new NpmUser(npmEndpoint(second.url, 'acme', 'team'), token);
  expect((await user.json('left-pad'))['dist-tags']).toEqual({ latest: '1.0.0' });
});

test('a data folder that cannot be made is refused in one line that names it', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, '');

  // Root may write anywhere, but not here.
  for (const data of [join(file, 'data'), file, '/proc/packyard']) {
    const ended = await runProcess(['--data', data, '--port', '0']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^packyard: the data folder .+ cannot be used: .+\n$/);
    expect(ended.stderr).toContain(`folder ${data} cannot`);
  }
});

test('a taken port is refused in one line that names it', async () => {
  await using folder = await temporaryFolder();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : 0;

  const ended = await runProcess(['--data', folder.path, '--port', `${port}`]);
  other.close();

  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toBe(
    `packyard: port ${port} on 127.0.0.1 is taken; stop what listens there or choose another with --port\n`,
  );
});

test('a host that is not this machine is refused in one line', async () => {
  await using folder = await temporaryFolder();
  const ended = await runProcess(['--data', folder.path, '--port', '0', '--host', '192.0.2.1']);

  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toBe('packyard: 192.0.2.1 is no address of this machine; choose another with --host\n');
});

test('--memory leaves no folder behind, whether it served or could not', async () => {
  await using folder = await temporaryFolder();
  const env = { TMPDIR: folder.path };
  const leftovers = async () => (await readdir(folder.path)).filter((name) => name.startsWith('packyard'));
  await using server = await startProcess(['--memory'], { env });
  const { npm } = await newTeam(server.url);
  expect((await npm.publish({ name: 'left-pad', version: '1.0.0' })).status).toBe(200);
  expect(await leftovers()).toHaveLength(1);

  const late = await runProcess(['--memory', '--port', new URL(server.url).port], { env });
  expect(late).toMatchObject({ code: 1, stdout: '' });
  expect(await leftovers()).toHaveLength(1);

  server.kill('SIGTERM');
  expect(await server.exited).toMatchObject({ code: 0 });
  expect(await leftovers()).toEqual([]);
  expect(existsSync(server.servingLine.dataFolder)).toBe(false);
});

test('--help and --version answer without a server', async () => {
  const help = await runProcess(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('serve');

  expect(await runProcess(['--version'])).toMatchObject({ code: 0, stderr: '', stdout: `${version}\n` });
});
