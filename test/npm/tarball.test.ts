import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tarballOf } from '../support/packages.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.with({ team: [] });
});
afterAll(() => world[Symbol.asyncDispose]());

// A large tarball streams from disk and a small one comes from memory; nobody shall see a difference.
describe.each([
  ['small', 100],
  ['large', 300_000],
])('GET /{package}/-/{file}.tgz of a %s one', (name, size) => {
  let tarball: Buffer;
  beforeAll(async () => {
    const sketch = { name: `@acme/${name}`, version: '1.0.0', files: { 'data.bin': randomBytes(size) } };
    tarball = await tarballOf(sketch);
    await world.npm('team').publish(sketch);
  });

  const get = (headers: Record<string, string> = {}, path = `@acme/${name}/-/${name}-1.0.0.tgz`) =>
    world.npm('team').fetch(path, { headers });

  it('gives the bytes that were published, for ever', async () => {
    const response = await get();
    expect(Buffer.from(await response.arrayBuffer()).equals(tarball)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(tarball.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'accept-ranges': 'bytes',
      etag: `"${createHash('sha256').update(tarball).digest('hex')}"`,
    });
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  it.each([`@acme%2f${name}/-/${name}-1.0.0.tgz`, `@acme/${name}/-/@acme/${name}-1.0.0.tgz`])(
    'is found at %s too',
    async (path) => {
      expect((await get({}, path)).status).toBe(200);
    },
  );

  it.each([
    ['bytes=0-9', 206, [0, 10]],
    ['bytes=100-', 206, [100, undefined]],
    ['bytes=-5', 206, [-5, undefined]],
    ['bytes=5-1', 200, [0, undefined]],
    ['bytes=0-1,5-6', 200, [0, undefined]],
    ['lines=1-2', 200, [0, undefined]],
  ] as const)('answers the range %s with %i', async (range, status, [start, end]) => {
    const response = await get({ range });
    expect(response.status).toBe(status);
    expect(Buffer.from(await response.arrayBuffer()).equals(tarball.subarray(start, end))).toBe(true);
  });

  it('answers 416 for a range behind the end', async () => {
    const response = await get({ range: `bytes=${tarball.length}-` });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${tarball.length}`]);
  });

  it('answers 304 for its ETag, and the whole for a range of other bytes', async () => {
    const etag = (await get()).headers.get('etag') ?? '';
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    expect((await get({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200);
    expect((await get({ range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await world.npm('team').fetch(`@acme/${name}/-/${name}-1.0.0.tgz`, { method: 'HEAD' });
    expect([response.headers.get('content-length'), await response.text()]).toEqual([String(tarball.length), '']);
  });

  it.each([`${name}-9.9.9.tgz`, 'other-1.0.0.tgz', `${name}-1.0.0.zip`, `${name}-.tgz`, `..%2f..%2f${name}-1.0.0.tgz`])(
    'has no %s',
    async (file) => {
      expect([400, 404]).toContain((await get({}, `@acme/${name}/-/${file}`)).status);
    },
  );
});
