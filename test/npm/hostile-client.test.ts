import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DeleteRepositoryCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../src/core/core-ports.ts';
import { publishDocument } from '../support/packages.ts';
import { jsonOf } from '../support/user.ts';
import { World } from '../support/world.ts';

const logged: object[] = [];
let world: World;
beforeAll(async () => {
  const write = (fields: object, message: string) => void logged.push({ ...fields, message });
  world = await World.with({ team: [], doomed: [] }, {}, { log: { info: write, warn: write, error: write } });
  await world.npm('team').publish({ name: 'lib', version: '1.0.0' });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Sends raw text and gives the first line of the answer. */
async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(world.server.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])]);
  socket.destroy();
  return String(chunk).split('\r\n', 1)[0] ?? '';
}

describe('Requests that are none', () => {
  it.each(['//%', '//%ff', '//', '/%', '/d/%', '/d//', '/d/../../x', 'http://[::1', 'http://x/d/y', '*', '/v1/\u00ff'])(
    'GET %s gets an answer, and the server lives on',
    async (target) => {
      expect(await raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 4\d\d /,
      );
      expect((await fetch(`${world.server.url}/_packyard/health`)).status).toBe(200);
    },
  );

  it('with a content type that is none is answered by the format, after the token', async () => {
    const headers = { 'content-type': 'not a type' };
    expect((await world.npmWith(undefined, 'team').fetch('lib', { method: 'PUT', headers, body: '{}' })).status).toBe(
      401,
    );
    expect((await world.npm('team').fetch('lib', { method: 'PUT', headers, body: '{}' })).status).toBe(400);
  });
});

describe('A publish', () => {
  it('of millions of tiny values is refused before they are parsed', async () => {
    const body = gzipSync(`{"name":"boom","versions":{},"x":[${'{},'.repeat(5_000_000)}{}]}`);
    const headers = { 'content-encoding': 'GZIP', 'content-type': 'application/json' };
    const before = process.memoryUsage().rss;
    const response = await world.npm('team').fetch('boom', { method: 'PUT', headers, body });
    expect([response.status, (await jsonOf(response)).error]).toEqual([400, expect.stringContaining('values')]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('without its tarball is refused, not taken for a deprecation', async () => {
    const document = await publishDocument({ name: 'lib', version: '2.0.0' });
    for (const attachments of [{}, { 'lib-2.0.0.sigstore': { data: '{}', length: 2 } }]) {
      const response = await world.npm('team').put('lib', { ...document, _attachments: attachments });
      expect([response.status, (await jsonOf(response)).error]).toEqual([400, expect.stringContaining('no tarball')]);
    }
    const { _attachments, ...rest } = document;
    expect((await world.npm('team').put('lib', rest)).status).toBe(404);
  });

  it('with names of megabytes is not echoed', async () => {
    const response = await world.npm('team').put('lib', { name: 'x'.repeat(5_000_000), versions: {} });
    expect([response.status, (await response.text()).length < 2_000]).toEqual([400, true]);
  });

  it('with thousands of dist-tags is refused', async () => {
    const document = await publishDocument({ name: 'tags', version: '1.0.0' });
    const tags = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`tag-${n}`, '1.0.0']));
    expect((await world.npm('team').put('tags', { ...document, 'dist-tags': tags })).status).toBe(400);
  });

  it('to a repository that is deleted while it is uploaded gets 404', async () => {
    const body = JSON.stringify(await publishDocument({ name: 'late', version: '1.0.0' }));
    const upload = httpRequest(`${world.npm('doomed').endpoint}late`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${world.token}`, 'content-length': Buffer.byteLength(body) },
    });
    upload.write(body.slice(0, 100));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'doomed' }));
    upload.end(body.slice(100));
    const [response] = await once(upload, 'response');
    response.resume();
    expect(response.statusCode).toBe(404);
  });

  it('that is refused in the middle is answered at once', async () => {
    const startedAt = performance.now();
    expect((await world.npm('team').put('lib', 'nothing good')).status).toBe(400);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('of many megabytes that only says it is gzip sees the reason too', async () => {
    const upload = httpRequest(`${world.npm('team').endpoint}lib`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${world.token}`, 'content-encoding': 'gzip' },
    });
    const response = once(upload, 'response');
    const chunk = Buffer.alloc(1024 * 1024, 'a');
    for (let sent = 0; sent < 10; sent += 1) {
      if (!upload.write(chunk)) await once(upload, 'drain');
    }
    upload.end();
    const [answer] = await response;
    answer.resume();
    expect(answer.statusCode).toBe(400);
  });

  it('of many megabytes that is refused sees the reason, not a broken pipe', async () => {
    const upload = httpRequest(`${world.npm('team').endpoint}lib`, {
      method: 'PUT',
      headers: { authorization: 'Bearer nonsense' },
    });
    const response = once(upload, 'response');
    const chunk = Buffer.alloc(1024 * 1024, 'a');
    for (let sent = 0; sent < 20; sent += 1) {
      if (!upload.write(chunk)) await once(upload, 'drain');
    }
    upload.end();
    const [answer] = await response;
    answer.resume();
    expect(answer.statusCode).toBe(401);
  });
});

describe('A token', () => {
  it('in an address (npm logout) is neither logged nor shown', async () => {
    const response = await world.npm('team').fetch(`-/user/token/${world.token}`, { method: 'DELETE' });
    expect(await response.text()).not.toContain(world.token);
    expect(JSON.stringify(logged)).not.toContain(world.token);
    expect(JSON.stringify(logged)).toContain('/-/user/token/…');
  });
});

it('A refusal that finds its client gone is no answer broken off', async () => {
  const said: string[] = [];
  const write = (_: object, message: string) => void said.push(message);
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  let isWatching = false;
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    storage: {
      ...ports.storage,
      revision: async () => {
        if (isWatching) {
          asked.resolve();
          await left.promise;
        }
        return ports.storage.revision();
      },
    },
  });
  const log = { info: () => undefined, warn: write, error: write };
  await using quiet = await World.with({ team: [] }, {}, { log, wrap });
  isWatching = true;
  const leaving = new AbortController();
  const request = quiet.npm('team').fetch('nothing', { signal: leaving.signal });
  await asked.promise;
  leaving.abort();
  await expect(request).rejects.toThrow('aborted');
  // The server's end of the connection hears of it a moment later.
  await sleep(200);
  left.resolve();
  await sleep(200);
  expect(said).toEqual([]);
});
