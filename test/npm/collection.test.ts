import { DeleteRepositoryCommand } from '@aws-sdk/client-codeartifact';
import { afterEach, describe, expect, it } from 'vitest';
import { collectBlobs } from '../../src/core/collect-blobs.ts';
import type { Ports } from '../../src/core/core-ports.ts';
import { TestClock } from '../support/clock.ts';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { startServer } from '../support/server.ts';
import { type RepositorySketches, World } from '../support/world.ts';

const hourMs = 60 * 60_000;
const twoHoursMs = 2 * hourMs;
let world: World | undefined;
afterEach(() => world?.[Symbol.asyncDispose]());

/** A world whose ports a test can look behind, and whose clock it can move on. */
async function given(repositories: RepositorySketches) {
  const clock = new TestClock();
  let ports: Ports | undefined;
  const wrap = (given: Ports) => {
    ports = given;
    return given;
  };
  world = await World.with(repositories, {}, { clock, wrap });
  if (ports === undefined) throw new Error('the server started without ports');
  return { world, clock, ports };
}

const stored = async ({ blobs }: Ports) => (await Array.fromAsync(blobs.list())).length;

describe('The collection of unused blobs', () => {
  it('deletes bytes when the last repository that has them has been gone for an hour', async () => {
    const { world, clock, ports } = await given({ one: [], two: [] });
    await world.npm('one').publish({ name: 'lib', version: '1.0.0' });
    await world.npm('two').publish({ name: 'lib', version: '1.0.0' });
    expect(await stored(ports)).toBe(1);
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'one' }));
    expect(await collectBlobs(ports)).toBe(0);
    clock.ahead = twoHoursMs;
    expect(await collectBlobs(ports)).toBe(0);
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'two' }));
    expect(await collectBlobs(ports)).toBe(0);
    clock.ahead = twoHoursMs + hourMs / 2;
    expect([await collectBlobs(ports), await stored(ports)]).toEqual([0, 1]);
    clock.ahead = 2 * twoHoursMs;
    expect([await collectBlobs(ports), await stored(ports)]).toEqual([1, 0]);
  });

  it('keeps bytes that are published again before it deletes them, and starts anew when they go again', async () => {
    const { world, clock, ports } = await given({ one: [], two: [] });
    await world.npm('one').publish({ name: 'lib', version: '1.0.0' });
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'one' }));
    expect(await collectBlobs(ports)).toBe(0);
    await world.npm('two').publish({ name: 'lib', version: '1.0.0' });
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'two' }));
    clock.ahead = twoHoursMs;
    expect(await collectBlobs(ports)).toBe(0);
    clock.ahead = 2 * twoHoursMs;
    expect([await collectBlobs(ports), await stored(ports)]).toEqual([1, 0]);
  });

  it('lets a publish of bytes that are just being deleted store them anew', async () => {
    const { world, clock, ports } = await given({ one: [], two: [] });
    await world.npm('one').publish({ name: 'lib', version: '1.0.0' });
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'one' }));
    await collectBlobs(ports);
    clock.ahead = twoHoursMs;
    const publishes: Promise<Response>[] = [];
    const blobs = {
      ...ports.blobs,
      async delete(sha256: string) {
        publishes.push(world.npm('two').publish({ name: 'lib', version: '1.0.0' }));
        await new Promise((resolve) => setTimeout(resolve, 200));
        await ports.blobs.delete(sha256);
      },
    };
    expect(await collectBlobs({ ...ports, blobs })).toBe(1);
    expect((await Promise.all(publishes)).map(({ status }) => status)).toEqual([200]);
    const download = await world.npm('two').fetch('lib/-/lib-1.0.0.tgz');
    expect([download.status, (await download.arrayBuffer()).byteLength > 100]).toEqual([200, true]);
  });

  it('finishes what a collection that died had begun to delete', async () => {
    const { world, clock, ports } = await given({ one: [] });
    await world.npm('one').publish({ name: 'lib', version: '1.0.0' });
    await world.aws.send(new DeleteRepositoryCommand({ domain: world.domain, repository: 'one' }));
    await collectBlobs(ports);
    clock.ahead = twoHoursMs;
    const dies = async () => {
      throw new Error('power loss');
    };
    await expect(collectBlobs({ ...ports, blobs: { ...ports.blobs, delete: dies } })).rejects.toThrow('power loss');
    expect(await collectBlobs(ports)).toBe(0);
    clock.ahead = twoHoursMs + hourMs;
    expect([await collectBlobs(ports), await stored(ports)]).toEqual([1, 0]);
  });

  it('keeps the listing that is known of a public package and deletes the one before', async () => {
    const { world, clock, ports } = await given({ team: 'public:npmjs' });
    await world.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await world.npm('team').json('lib');
    await expect.poll(() => stored(ports)).toBe(1);
    await world.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    clock.ahead = twoHoursMs;
    await world.npm('team').json('lib');
    // A listing is written a moment after it is answered from.
    await expect.poll(() => stored(ports)).toBe(2);
    expect(await collectBlobs(ports)).toBe(0);
    clock.ahead = 2 * twoHoursMs;
    expect([await collectBlobs(ports), await stored(ports)]).toEqual([1, 1]);
    await world.publicRegistry.stop();
    expect(Object.keys((await world.npm('team').json('lib')).versions)).toEqual(['1.0.0', '1.1.0']);
  });

  it('takes place by itself', async () => {
    let ports: Ports | undefined;
    const wrap = (given: Ports) => {
      ports = given;
      return given;
    };
    const clock = new TestClock();
    clock.ahead = twoHoursMs;
    await using _server = await startServer({}, { wrap, clock, upkeep: { firstAfterMs: 50, everyMs: 50 } });
    const staged = await ports?.blobs.stage();
    await staged?.write(Buffer.from('nobody refers to this'));
    await staged?.commit('a'.repeat(64));
    await staged?.release();
    for (let tries = 0; tries < 100 && (await ports?.blobs.size('a'.repeat(64))) !== undefined; tries += 1) {
      clock.ahead += hourMs;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await ports?.blobs.size('a'.repeat(64))).toBeUndefined();
  });

  it.skipIf(!hasPostgres())('deletes nothing in a folder that another database refers to as well', async () => {
    const postgres = await startPostgres();
    const { world } = await given({ team: [] });
    await world.npm('team').publish({ name: 'lib', version: '1.0.0' });
    const data = world.server.dataFolder;
    await world.server.close();
    const clock = new TestClock();
    clock.ahead = twoHoursMs;
    const upkeep = { firstAfterMs: 1, everyMs: 1 };
    const other = await startServer({ data, database: await postgres.newDatabase() }, { clock, upkeep });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.close();
    await postgres.stop();
    await using again = await startServer({ data });
    const response = await fetch(
      `${world.npm('team').endpoint.replace(world.server.url, again.url)}lib/-/lib-1.0.0.tgz`,
      {
        headers: { authorization: `Bearer ${world.token}` },
      },
    );
    expect([response.status, (await response.arrayBuffer()).byteLength > 100]).toEqual([200, true]);
  });
});
