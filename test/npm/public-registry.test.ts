import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ListPackageVersionsCommand } from '@aws-sdk/client-codeartifact';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { TestClock } from '../support/clock.ts';
import { tarballOf } from '../support/packages.ts';
import { World } from '../support/world.ts';

/** Random, so that it does not compress below what is held back until the whole is verified. */
const sketch = { name: 'lib', version: '1.0.0', files: { 'data.bin': randomBytes(300_000) } };
let world: World | undefined;
afterEach(() => world?.[Symbol.asyncDispose]());

async function given(options: { clock?: Clock; patienceMs?: number; timeoutMs?: number } = {}): Promise<World> {
  const { clock, ...remotePackages } = options;
  world = await World.with({ store: 'public:npmjs', team: ['store'] }, {}, { ...(clock && { clock }), remotePackages });
  await world.publicRegistry.publish(sketch);
  return world;
}

const get = (w: World) => w.npm('team').fetch('lib/-/lib-1.0.0.tgz');

/** The status of an answer that was read to its end. */
async function statusOf(response: Promise<Response>): Promise<number> {
  const answer = await response;
  await answer.arrayBuffer();
  return answer.status;
}
const staged = (w: World) => readdir(join(w.server.dataFolder, 'blobs', 'staging'));

async function retained({ aws, domain }: World): Promise<string[]> {
  const input = { domain, repository: 'team', format: 'npm' as const, package: 'lib' };
  const answer = await aws.send(new ListPackageVersionsCommand(input)).catch(() => ({ versions: [] }));
  return (answer.versions ?? []).map(({ version }) => version ?? '');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come about within 4 seconds');
}

describe('The first download of a public tarball', () => {
  it('streams to the client while the registry is still sending', async () => {
    const w = await given();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    w.publicRegistry.tarballGate = gate;
    const response = await get(w);
    expect(response.headers.get('content-length')).toBe(String((await tarballOf(sketch)).length));
    const reader = response.body?.getReader();
    // Would wait for ever if the client got nothing before the registry is done.
    expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
    open();
    while ((await reader?.read())?.done === false);
    expect(await retained(w)).toEqual(['1.0.0']);
  });

  it('costs one request upstream, however many clients ask at once', async () => {
    const w = await given();
    w.publicRegistry.tarballPauseMs = 200;
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async () => Buffer.from(await (await get(w)).arrayBuffer())),
    );
    const expected = await tarballOf(sketch);
    expect(bodies.every((body) => body.equals(expected))).toBe(true);
    expect(w.publicRegistry.count('GET /lib/-/lib-1.0.0.tgz')).toBe(1);
    expect(w.publicRegistry.count('GET /lib')).toBe(1);
  });

  it('is finished and kept when the client goes away in the middle, and leaves no half file', async () => {
    const w = await given();
    w.publicRegistry.tarballPauseMs = 200;
    const gone = new AbortController();
    const response = await w.npm('team').fetch('lib/-/lib-1.0.0.tgz', { signal: gone.signal });
    await response.body?.getReader().read();
    gone.abort();
    await until(async () => (await retained(w)).length === 1);
    expect(await staged(w)).toEqual([]);
    expect(Buffer.from(await (await get(w)).arrayBuffer()).equals(await tarballOf(sketch))).toBe(true);
    expect(w.publicRegistry.count('GET /lib/-/lib-1.0.0.tgz')).toBe(1);
  });

  it.each(['corruptsTarballs', 'cutsTarballs'] as const)(
    'never ends cleanly and stores nothing when the registry %s; the next one is asked anew',
    async (fault) => {
      const w = await given();
      w.publicRegistry[fault] = true;
      await expect(get(w).then((response) => response.arrayBuffer())).rejects.toThrow();
      expect([await retained(w), await staged(w)]).toEqual([[], []]);
      w.publicRegistry[fault] = false;
      expect(await statusOf(get(w))).toBe(200);
    },
  );

  it('answers 502 when the registry is out of order, and 404 when it has lost the file', async () => {
    const w = await given();
    await w.npm('team').json('lib');
    w.publicRegistry.failWith = 500;
    expect(await statusOf(get(w))).toBe(502);
    w.publicRegistry.failWith = 404;
    expect(await statusOf(get(w))).toBe(404);
    expect(await retained(w)).toEqual([]);
  });
});

describe('The metadata of a public package', () => {
  it('is asked for once while it is fresh, and revalidated by ETag when it is old', async () => {
    const clock = new TestClock();
    const w = await given({ clock });
    await w.npm('team').json('lib');
    await w.npm('store').json('lib');
    expect(w.publicRegistry.count('GET /lib')).toBe(1);
    clock.ahead += 6 * 60_000;
    const etag = (await w.npm('team').fetch('lib')).headers.get('etag');
    expect(w.publicRegistry.count('GET /lib')).toBe(2);
    await w.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    clock.ahead += 6 * 60_000;
    const changed = await w.npm('team').fetch('lib', { headers: { 'if-none-match': etag ?? '' } });
    expect([changed.status, Object.keys(((await changed.json()) as { versions: object }).versions)]).toEqual([
      200,
      ['1.0.0', '1.1.0'],
    ]);
  });

  it('keeps the public times, tags, integrity and readme', async () => {
    const w = await given();
    await w.publicRegistry.publish(
      { name: 'old', version: '0.1.0' },
      { time: '2015-05-05T05:05:05.000Z', readme: '# Old' },
    );
    const packument = await w.npm('team').json('old');
    expect(packument).toMatchObject({
      readme: '# Old',
      'dist-tags': { latest: '0.1.0' },
      time: { '0.1.0': '2015-05-05T05:05:05.000Z' },
    });
    await (await w.npm('team').fetch('old/-/old-0.1.0.tgz')).arrayBuffer();
    expect(await w.npm('team').json('old')).toEqual({ ...packument, _rev: expect.any(String) });
  });

  it('is served as it was known when the registry is broken, slow or gone', async () => {
    const clock = new TestClock();
    const w = await given({ clock, patienceMs: 300 });
    await w.npm('team').json('lib');
    clock.ahead += 6 * 60_000;
    w.publicRegistry.failWith = 503;
    expect(await statusOf(w.npm('team').fetch('lib'))).toBe(200);
    w.publicRegistry.failWith = undefined;
    w.publicRegistry.delayMs = 20_000;
    clock.ahead += 6 * 60_000;
    const start = performance.now();
    expect(await statusOf(w.npm('team').fetch('lib'))).toBe(200);
    expect(await statusOf(w.npm('store').fetch('lib'))).toBe(200);
    expect(performance.now() - start).toBeLessThan(10_000);
    await w.publicRegistry.stop();
    clock.ahead += 6 * 60_000;
    expect(await statusOf(w.npm('team').fetch('lib'))).toBe(200);
  });

  it('lets what is retained be installed when the registry is gone for good', async () => {
    const w = await given();
    await (await get(w)).arrayBuffer();
    await w.publicRegistry.stop();
    expect([await statusOf(w.npm('team').fetch('lib')), await statusOf(get(w))]).toEqual([200, 200]);
  });

  it('that nobody knows yet is 502 while the registry is gone, not a 404 that clients believe', async () => {
    const clock = new TestClock();
    const w = await given({ clock, timeoutMs: 1_000 });
    await w.publicRegistry.stop();
    expect(await statusOf(w.npm('team').fetch('unseen'))).toBe(502);
    await w.publicRegistry.listen();
    clock.ahead += 11_000;
    expect(await statusOf(w.npm('team').fetch('unseen'))).toBe(404);
  });

  it('does not hinder publishing when the registry is gone', async () => {
    const w = await given({ timeoutMs: 1_000 });
    await w.publicRegistry.stop();
    expect((await w.npm('team').publish({ name: 'ours', version: '1.0.0' })).status).toBe(200);
    expect(Object.keys((await w.npm('team').json('ours')).versions)).toEqual(['1.0.0']);
  });
});
