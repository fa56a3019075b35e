import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { type RepositorySketches, World } from '../support/world.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

async function given(repositories: RepositorySketches, quota: Record<string, number>): Promise<void> {
  world = await World.with(repositories, { quota });
}

/** A package whose tarball has at least `size` bytes. */
const large = (size: number, version = '1.0.0') => ({
  name: 'large',
  version,
  files: { 'noise.bin': randomBytes(size) },
});

it('searches as many repositories as the quota says', async () => {
  await given({ far: [], near: ['far'], team: ['near'] }, { repositoriesSearched: 2 });
  await world.npm('near').publish({ name: 'near', version: '1.0.0' });
  await world.npm('far').publish({ name: 'far', version: '1.0.0' });
  expect((await world.npm('team').fetch('near')).status).toBe(200);
  expect((await world.npm('team').fetch('far')).status).toBe(404);
  expect((await world.npm('near').fetch('far')).status).toBe(200);
});

it('refuses an asset that is larger than the quota, and keeps nothing of it', async () => {
  await given({ team: [] }, { assetBytes: 100_000 });
  const refusal = await world.npm('team').publish(large(100_001));
  expect([refusal.status, await refusal.json()]).toEqual([
    402,
    expect.objectContaining({ error: 'The asset is larger than the limit of 100000 bytes for one file.' }),
  ]);
  expect((await world.npm('team').fetch('large')).status).toBe(404);
  expect((await world.npm('team').publish(large(50_000))).status).toBe(200);
});

it('keeps no larger asset of a public registry either', async () => {
  await given({ team: 'public:npmjs' }, { assetBytes: 100_000 });
  await world.publicRegistry.publish(large(100_001));
  await world.publicRegistry.publish(large(50_000, '1.0.1'));
  const tooLarge = world.npm('team').fetch('large/-/large-1.0.0.tgz');
  await expect(tooLarge.then((answer) => answer.arrayBuffer())).rejects.toThrow();
  expect((await world.npm('team').fetch('large/-/large-1.0.1.tgz')).status).toBe(200);
});

it('refuses a publish request that is larger than the quota', async () => {
  await given({ team: [] }, { npmPublishRequestBytes: 100_000 });
  // base64 makes four bytes of three.
  const refusal = await world.npm('team').publish(large(75_000));
  expect([refusal.status, await refusal.text()]).toEqual([413, expect.stringContaining('100000 bytes')]);
  expect((await world.npm('team').publish(large(70_000))).status).toBe(200);
});
