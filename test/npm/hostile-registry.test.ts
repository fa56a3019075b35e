import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestClock } from '../support/clock.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { startServer } from '../support/server.ts';
import { type RepositorySketches, World } from '../support/world.ts';

let world: World | undefined;
afterEach(() => world?.[Symbol.asyncDispose]());

async function given(repositories: RepositorySketches) {
  const clock = new TestClock();
  world = await World.with(repositories, {}, { clock, remotePackages: { patienceMs: 1_000, timeoutMs: 20_000 } });
  return { world, clock, registry: world.publicRegistry };
}

/** The status of an answer that was read to its end. */
async function statusOf(response: Promise<Response>): Promise<number> {
  const answer = await response;
  await answer.arrayBuffer();
  return answer.status;
}

const staged = (w: World) => readdir(join(w.server.dataFolder, 'blobs', 'staging'));

describe('While the public registry hangs', () => {
  it('packages of our own are served: tarballs at once, listings after a short wait and then at once', async () => {
    const { world, registry } = await given({ ours: [], store: 'public:npmjs', team: ['ours', 'store'] });
    await world.npm('ours').publish({ name: 'own', version: '1.0.0' });
    registry.hangs = true;
    const timed = async (path: string) => {
      const start = performance.now();
      return [await statusOf(world.npm('team').fetch(path)), performance.now() - start];
    };
    expect(await timed('own/-/own-1.0.0.tgz')).toEqual([200, expect.toSatisfy((ms) => ms < 900)]);
    expect(await timed('own')).toEqual([200, expect.toSatisfy((ms) => ms < 10_000)]);
    expect(await timed('own')).toEqual([200, expect.toSatisfy((ms) => ms < 900)]);
    expect(await timed('unknown')).toEqual([502, expect.toSatisfy((ms) => ms < 900)]);
  });

  it('a server that is closed does not wait for it', async () => {
    const { world, registry } = await given({ team: 'public:npmjs' });
    registry.hangs = true;
    const gone = new AbortController();
    const asked = world.npm('team').fetch('lib', { signal: gone.signal });
    setTimeout(() => gone.abort(), 100);
    await expect(asked).rejects.toThrow();
    const start = performance.now();
    await world.server.close();
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('A public registry that lies', () => {
  it.each(['cut', 'not gzip'] as const)('with a listing that is %s gets 502, and is asked again', async (how) => {
    const { world, registry, clock } = await given({ team: 'public:npmjs' });
    await registry.publish({ name: 'lib', version: '1.0.0' });
    registry.spoilsListings = how;
    expect(await statusOf(world.npm('team').fetch('lib'))).toBe(502);
    registry.spoilsListings = undefined;
    clock.ahead += 11_000;
    expect(await statusOf(world.npm('team').fetch('lib'))).toBe(200);
  });

  it('about one version loses that version, not the package', async () => {
    const { world, registry } = await given({ team: 'public:npmjs' });
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await registry.publish({ name: 'lib', version });
    registry.rewrite('lib', '1.0.0', (manifest) => delete manifest['name']);
    registry.rewrite('lib', '2.0.0', (manifest) => delete manifest['dist']);
    expect(Object.keys((await world.npm('team').json('lib')).versions)).toEqual(['3.0.0']);
  });

  it('about two versions at one address cannot pass the bytes of one as the other', async () => {
    const { world, registry } = await given({ team: 'public:npmjs' });
    const files = { 'data.bin': randomBytes(100_000) };
    await registry.publish({ name: 'lib', version: '1.0.0', files });
    await registry.publish({ name: 'lib', version: '2.0.0', files });
    const address = `${registry.url}lib/-/lib-1.0.0.tgz`;
    registry.rewrite('lib', '2.0.0', (manifest) => Object.assign(manifest['dist'] as object, { tarball: address }));
    registry.tarballPauseMs = 100;
    const get = (version: string) => statusOf(world.npm('team').fetch(`lib/-/lib-${version}.tgz`));
    const [honest, wrong] = await Promise.allSettled([get('1.0.0'), get('2.0.0')]);
    expect([honest, wrong.status]).toEqual([{ status: 'fulfilled', value: 200 }, 'rejected']);
    await expect(get('2.0.0')).rejects.toThrow();
  });

  it('leaves no half file when clients go away before the first byte', async () => {
    const { world, registry } = await given({ team: 'public:npmjs' });
    await registry.publish({ name: 'lib', version: '1.0.0', files: { 'data.bin': randomBytes(200_000) } });
    await world.npm('team').json('lib');
    registry.delayMs = 50;
    registry.cutsTarballs = true;
    for (let round = 0; round < 10; round += 1) {
      const signal = AbortSignal.timeout(round * 8);
      await statusOf(world.npm('team').fetch('lib/-/lib-1.0.0.tgz', { signal })).catch(() => undefined);
    }
    for (let tries = 0; tries < 100 && (await staged(world)).length > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await staged(world)).toEqual([]);
  });
});

describe('A public registry that comes and goes', () => {
  it('never makes a listing forget what was retained meanwhile', async () => {
    const { world, registry, clock } = await given({ team: 'public:npmjs' });
    await registry.publish({ name: 'lib', version: '1.0.0' });
    await registry.publish({ name: 'lib', version: '2.0.0' });
    const get = (version: string) => statusOf(world.npm('team').fetch(`lib/-/lib-${version}.tgz`));
    const listed = async () => {
      clock.ahead += 6 * 60_000;
      return Object.keys((await world.npm('team').json('lib')).versions);
    };
    await get('1.0.0');
    registry.failWith = 404;
    expect(await listed()).toEqual(['1.0.0']);
    registry.failWith = undefined;
    expect(await listed()).toEqual(['1.0.0', '2.0.0']);
    await get('2.0.0');
    registry.failWith = 404;
    expect(await listed()).toEqual(['1.0.0', '2.0.0']);
  });

  it('is not missed for what a repository further on has retained', async () => {
    const { world, registry } = await given({ store: 'public:npmjs', other: 'public:npmjs', team: ['store', 'other'] });
    await registry.publish({ name: 'lib', version: '1.0.0' });
    expect(await statusOf(world.npm('other').fetch('lib/-/lib-1.0.0.tgz'))).toBe(200);
    await world.npm('store').json('lib');
    await registry.stop();
    expect(await statusOf(world.npm('team').fetch('lib/-/lib-1.0.0.tgz'))).toBe(200);
  });

  it('can be another one after a restart: what the former said is forgotten', async () => {
    await using second = await PublicRegistry.start();
    const { world, registry } = await given({ team: 'public:npmjs' });
    await registry.publish({ name: 'lib', version: '1.0.0' });
    await second.publish({ name: 'lib', version: '9.0.0' });
    await world.npm('team').json('lib');
    await world.server.close();
    await using restarted = await startServer({
      data: world.server.dataFolder,
      registry: { 'public:npmjs': second.url },
    });
    const endpoint = world.npm('team').endpoint.replace(world.server.url, restarted.url);
    const response = await fetch(`${endpoint}lib`, { headers: { authorization: `Bearer ${world.token}` } });
    expect(Object.keys(((await response.json()) as { versions: object }).versions)).toEqual(['9.0.0']);
  });
});
