import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { distOf, publishDocument } from '../support/packages.ts';
import { type PackyardProcess, runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { FleetingUser, NpmUser, npmEndpoint } from '../support/user.ts';
import { portOf, send, untilRefused } from './raw-requests.ts';
import { newTeam } from './team.ts';

const leftPad = { name: 'left-pad', version: '1.0.0' };

test('--workers 2 says once where it serves, and serves from both', async () => {
  await using folder = await temporaryFolder();
  await using server = await startProcess(['--data', folder.path, '--workers', '2']);
  const { url, dataFolder, pid } = server.servingLine;
  expect({ dataFolder, pid }).toEqual({ dataFolder: folder.path, pid: server.pid });
  const workers = await server.workers();
  expect(workers).toHaveLength(2);

  await expect.poll(() => whoServes(server)).toEqual(workers.toSorted());
  expect(server.log().filter(({ msg }) => msg.includes(url))).toHaveLength(1);
});

test('a worker that is killed is replaced, and nothing that was acknowledged is lost', async () => {
  await using folder = await temporaryFolder();
  await using server = await startProcess(['--data', folder.path, '--workers', '2']);
  const { npm, token } = await newTeam(server.url);
  const fleeting = new FleetingUser(npm.endpoint, token);
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const [first = 0, second = 0] = await server.workers();
    const publishes = Array.from({ length: 30 }, async (_, n) => {
      const version = `${round}.0.${n}`;
      // Of a connection that breaks with the worker, nobody knows what became of the publish. Nor of one that was on its
      // way to the worker: Node's cluster leaves it open for ever.
      const answer = npm.publish({ name: 'lib', version }).catch(() => undefined);
      const response = await Promise.race([answer, sleep(5_000)]);
      if (response !== undefined) expect(response.status).toBe(200);
      if (response !== undefined) acknowledged.push(version);
    });
    await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(30 * round + 5);
    process.kill(round % 2 === 0 ? first : second, 'SIGKILL');
    await Promise.all(publishes);

    // The other one serves meanwhile; a connection that the killed one was just given breaks.
    const publishAnother = () => fleeting.publish({ name: 'another', version: `1.0.${round}` });
    await expect.poll(() => publishAnother().then(({ status }) => status, String), { timeout: 900 }).toBe(200);
    await expect.poll(() => whoServes(server), { timeout: 10_000 }).toHaveLength(2);
  }
  const packument = await npm.json('lib');
  expect(Object.keys(packument['versions'])).toEqual(expect.arrayContaining(acknowledged));
  for (const version of acknowledged) {
    const response = await npm.fetch(`lib/-/lib-${version}.tgz`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(distOf(bytes).integrity).toBe(packument['versions'][version].dist.integrity);
  }
  const replaced = server.log().filter(({ msg }) => msg.endsWith('another takes its place'));
  expect(replaced.map(({ msg }) => msg)).toEqual(Array(3).fill('a worker ended with SIGKILL; another takes its place'));
});

test('when all workers are killed, others come at the same address', async () => {
  await using server = await startProcess(['--memory', '--workers', '2']);
  for (const worker of await server.workers()) process.kill(worker, 'SIGKILL');
  await expect.poll(() => whoServes(server), { timeout: 10_000 }).toHaveLength(2);
});

/** Who a signal reaches: `kill PID`; Ctrl-C on a terminal and a stop by systemd reach the workers as well. */
const signals = {
  'SIGTERM to the process': (server: PackyardProcess) => server.kill('SIGTERM'),
  'SIGTERM to the workers too': (server: PackyardProcess) => signalAll(server, 'SIGTERM'),
  'SIGINT to the workers too': (server: PackyardProcess) => signalAll(server, 'SIGINT'),
};

test.each(Object.entries(signals))(
  '%s: what is in flight is completed and kept, then it ends with 0',
  async (_, end) => {
    await using folder = await temporaryFolder();
    const args = ['--data', folder.path, '--workers', '2'];
    await using server = await startProcess(args);
    const { token } = await newTeam(server.url);
    const document = await publishDocument({ ...leftPad, files: { data: randomBytes(500_000) } });
    const body = Buffer.from(JSON.stringify(document));
    const headers = { 'content-length': body.length, expect: '100-continue' };
    const upload = send(server, token, 'PUT', 'left-pad', headers);
    upload.flushHeaders();
    // A worker has it.
    await once(upload, 'continue');
    await new Promise((resolve) => upload.write(body.subarray(0, 100_000), resolve));

    await end(server);
    await untilRefused(server);
    upload.end(body.subarray(100_000));
    const [answer] = (await once(upload, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(200);
    expect(await server.exited).toMatchObject({ code: 0, stderr: '' });

    await using next = await startProcess(args);
    const user = new NpmUser(npmEndpoint(next.url, 'acme', 'team'), token);
    expect((await user.json('left-pad'))['dist-tags']).toEqual({ latest: '1.0.0' });
  },
);

test('without the process that started them, the workers end, and the data folder is free', async () => {
  await using folder = await temporaryFolder();
  await using server = await startProcess(['--data', folder.path, '--workers', '2']);
  const { npm, token } = await newTeam(server.url);
  expect((await npm.publish(leftPad)).status).toBe(200);
  server.kill('SIGKILL');
  // Resolves when nobody writes its output any more, its workers neither.
  expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });

  await using next = await startProcess(['--data', folder.path, '--port', portOf(server).toString()]);
  const user = new NpmUser(npmEndpoint(next.url, 'acme', 'team'), token);
  expect((await user.json('left-pad'))['dist-tags']).toEqual({ latest: '1.0.0' });
});

test.each(['SIGTERM', 'SIGINT'] as const)('--memory --workers 2 leaves nothing behind after %s', async (signal) => {
  await using folder = await temporaryFolder();
  const leftovers = async () => (await readdir(folder.path)).filter((name) => name.startsWith('packyard'));
  await using server = await startProcess(['--memory', '--workers', '2'], { env: { TMPDIR: folder.path } });
  const { npm } = await newTeam(server.url);
  expect((await npm.publish({ ...leftPad, files: { data: randomBytes(200_000) } })).status).toBe(200);
  expect(await leftovers()).toHaveLength(1);
  server.kill(signal);
  expect(await server.exited).toMatchObject({ code: 0, stderr: '' });
  expect(await leftovers()).toEqual([]);
});

test('a taken port is told in one line, and leaves nothing running', async () => {
  await using folder = await temporaryFolder();
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const ended = await runProcess(['--data', folder.path, '--workers', '2', '--port', String(port)]);
  holder.close();
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toBe(
    `packyard: port ${port} on 127.0.0.1 is taken; stop what listens there or choose another with --port\n`,
  );
  await using again = await startProcess(['--data', folder.path]);
  expect(again.url).toMatch(/^http:/);
});

/** The workers that answer just now, by process id. */
async function whoServes(server: PackyardProcess): Promise<number[]> {
  const before = server.log().length;
  const ask = () => fetch(`${server.url}/d/x`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(500) });
  for (let count = 0; count < 10; count += 1) await ask().catch(() => undefined);
  const answers = server.log().slice(before);
  return [...new Set(answers.flatMap(({ msg, pid }) => (msg === 'request' ? [pid] : [])))].toSorted((a, b) => a - b);
}

async function signalAll(server: PackyardProcess, signal: NodeJS.Signals): Promise<void> {
  for (const worker of await server.workers()) process.kill(worker, signal);
  // Which of them hears it first is chance.
  await sleep(100);
  server.kill(signal);
}
