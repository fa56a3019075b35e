import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metadataText } from '../support/pypi.ts';
import { sdistFile, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

let world: PypiWorld;
const wheel = wheelFile('demo', '1.0', ['Requires-Dist: six']);
const path = `simple/demo/1.0/${wheel.fileName}`;
beforeAll(async () => {
  world = await PypiWorld.with({ team: [], app: ['team'] });
  await world.pypi('team').upload('demo', '1.0', wheel);
  await world.pypi('team').upload('demo', '1.0', await sdistFile('demo', '1.0'));
});
afterAll(() => world[Symbol.asyncDispose]());

const get = (address: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
  world.pypi('team').fetch(address, init);

describe('GET /simple/{project}/{version}/{file}', () => {
  it('is the file, which never changes', async () => {
    const response = await get(path);
    const sha256 = createHash('sha256').update(wheel.bytes).digest('hex');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(wheel.bytes.length),
      etag: `"${sha256}"`,
      'accept-ranges': 'bytes',
      'cache-control': expect.stringContaining('immutable'),
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(wheel.bytes)).toBe(true);
  });

  it('says by HEAD how large it is, and gives its end to who reads a zip from there', async () => {
    const head = await get(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual([
      200,
      String(wheel.bytes.length),
      'bytes',
    ]);
    const end = await get(path, { headers: { range: 'bytes=-22' } });
    expect(end.status).toBe(206);
    expect(Buffer.from(await end.arrayBuffer()).equals(wheel.bytes.subarray(-22))).toBe(true);
    expect((await get(path, { headers: { range: `bytes=${wheel.bytes.length}-` } })).status).toBe(416);
  });

  it.each([
    `simple/demo/2.0/${wheel.fileName}`,
    `simple/other/1.0/${wheel.fileName}`,
    `${path}.asc`,
    'simple/demo/1.0/',
    'simple/demo/1.0/..%2f..%2fdemo',
    'simple/demo/1.0/%00',
  ])('is not at %s', async (address) => {
    expect([400, 404]).toContain((await get(address)).status);
  });
});

describe('GET /simple/{project}/{version}/{wheel}.metadata', () => {
  const expected = metadataText('demo', '1.0', ['Requires-Dist: six'], '# demo \n');

  it.each(['team', 'app'])(
    'is the METADATA in the wheel, with the hash that the page of %s announces',
    async (name) => {
      const response = await world.pypi(name).fetch(`${path}.metadata`);
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toBe(expected);
      const { files } = await world.pypi(name).page('demo');
      const announced = files.find(({ filename }: { filename: string }) => filename === wheel.fileName);
      expect(announced['core-metadata'].sha256).toBe(createHash('sha256').update(text).digest('hex'));
      // Reading about a version is not using it.
      expect(await world.held('app', 'demo')).toEqual([]);
    },
  );

  it('is not there for source distributions, and not announced for them', async () => {
    expect((await get('simple/demo/1.0/demo-1.0.tar.gz.metadata')).status).toBe(404);
    const { files } = await world.pypi('team').page('demo');
    expect(files.find(({ filename }: { filename: string }) => filename === 'demo-1.0.tar.gz')).not.toHaveProperty(
      'core-metadata',
    );
  });
});
