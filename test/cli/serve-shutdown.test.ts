import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { distOf, publishDocument } from '../support/packages.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { NpmUser, npmEndpoint } from '../support/user.ts';
import { portOf, send, untilRefused } from './raw-requests.ts';
import { newTeam } from './team.ts';

const leftPad = { name: 'left-pad', version: '1.0.0' };

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends an idle server at once with 0', async (signal) => {
  await using server = await startProcess(['--memory']);
  // A client that opened a connection and says nothing does not hold the server.
  const socket = connect(portOf(server), '127.0.0.1');
  await once(socket, 'connect');
  const signalledAt = performance.now();
  server.kill(signal);

  const { code, stderr } = await server.exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(performance.now() - signalledAt).toBeLessThan(2_000);
  socket.destroy();
});

test('a publish in flight when SIGTERM comes is completed and kept; new connections are refused', async () => {
  await using folder = await temporaryFolder();
  await using server = await startProcess(['--data', folder.path]);
  const { token } = await newTeam(server.url);
  const document = await publishDocument({ ...leftPad, files: { data: randomBytes(500_000) } });
  const body = Buffer.from(JSON.stringify(document));
  const upload = send(server, token, 'PUT', 'left-pad', { 'content-length': body.length });
  await new Promise((resolve) => upload.write(body.subarray(0, 100_000), resolve));

  server.kill('SIGTERM');
  await untilRefused(server);
  upload.end(body.subarray(100_000));
  const [answer] = (await once(upload, 'response')) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(200);
  expect(await server.exited).toMatchObject({ code: 0, stderr: '' });

  await using next = await startProcess(['--data', folder.path]);
  const user = new NpmUser(npmEndpoint(next.url, 'acme', 'team'), token);
  expect((await user.json('left-pad'))['dist-tags']).toEqual({ latest: '1.0.0' });
});

test('a download in flight when SIGTERM comes is completed', async () => {
  await using server = await startProcess(['--memory']);
  const { npm, token } = await newTeam(server.url);
  // More than the sockets on the way can hold.
  expect((await npm.publish({ ...leftPad, files: { data: randomBytes(30_000_000) } })).status).toBe(200);
  const { integrity } = (await npm.json('left-pad'))['versions']['1.0.0'].dist;
  const [answer] = (await once(send(server, token, 'GET', 'left-pad/-/left-pad-1.0.0.tgz').end(), 'response')) as [
    IncomingMessage,
  ];

  server.kill('SIGTERM');
  await untilRefused(server);
  expect(distOf(await buffer(answer)).integrity).toBe(integrity);
  expect(await server.exited).toMatchObject({ code: 0, stderr: '' });
});
