import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ListPackagesCommand } from '@aws-sdk/client-codeartifact';
import { describe, expect, test } from 'vitest';
import { Chance } from '../support/load/chance.ts';
import { World } from '../support/world.ts';
import { type Around, wrapPorts } from '../support/wrapped-ports.ts';

const diskFull = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
const leftPad = { name: 'left-pad', version: '1.0.0', files: { data: Buffer.alloc(100_000, 'pad') } };

const failures: Record<string, Around> = {
  'the disk is full while the tarball comes in': { write: () => Promise.reject(diskFull) },
  'the disk is full when the tarball is synced': { commit: () => Promise.reject(diskFull) },
  'the transaction cannot begin': { transaction: () => Promise.reject(diskFull) },
  'the transaction cannot be committed': {
    beforeCommit: () => {
      throw diskFull;
    },
  },
};

describe.each(Object.entries(failures))('A publish that fails because %s', (_, failure) => {
  test('leaves nothing that can be seen and nothing staged, and can be repeated', async () => {
    const around: Around = {};
    await using world = await World.with({ team: [] }, {}, { wrap: wrapPorts(around) });
    const user = world.npm('team');

    Object.assign(around, failure);
    const failed = await user.publish(leftPad);
    expect(failed.status).toBe(500);
    // What went wrong inside is for the log.
    expect(await failed.text()).not.toContain('ENOSPC');
    for (const step of Object.keys(failure)) delete around[step as keyof Around];

    expect((await user.fetch('left-pad')).status).toBe(404);
    expect((await user.fetch('left-pad/-/left-pad-1.0.0.tgz')).status).toBe(404);
    const listed = await world.aws.send(new ListPackagesCommand({ domain: world.domain, repository: 'team' }));
    expect(listed.packages).toEqual([]);
    expect(await readdir(join(world.server.dataFolder, 'blobs', 'staging'))).toEqual([]);

    expect((await user.publish(leftPad)).status).toBe(200);
    expect((await user.json('left-pad'))['dist-tags']).toEqual({ latest: '1.0.0' });
  });
});

test('A second version that fails leaves the first as it was', async () => {
  const around: Around = {};
  await using world = await World.with({ team: [] }, {}, { wrap: wrapPorts(around) });
  const user = world.npm('team');
  await user.publish(leftPad);
  const before = await user.json('left-pad');

  around.beforeCommit = () => {
    throw diskFull;
  };
  expect((await user.publish({ ...leftPad, version: '2.0.0' })).status).toBe(500);

  expect(await user.json('left-pad')).toEqual(before);
});

/** By size: a small one is answered when all of it is there, of a large one the answer has begun by then. */
const downloads = {
  'small tarball': { data: Buffer.alloc(1_000), ends: { status: 500 } },
  'large tarball': { data: new Chance(1).bytes(200_000), ends: 'broken off' },
};

test.each(Object.entries(downloads))(
  'A download whose %s cannot be stored leaves nothing staged',
  async (_, sketch) => {
    const around: Around = {};
    await using world = await World.with({ store: 'public:npmjs' }, {}, { wrap: wrapPorts(around) });
    await world.publicRegistry.publish({ ...leftPad, files: { data: sketch.data } });
    const user = world.npm('store');
    await user.json('left-pad');

    around.commit = () => Promise.reject(diskFull);
    const path = 'left-pad/-/left-pad-1.0.0.tgz';
    const read = async (response: Response) => {
      await response.arrayBuffer();
      return { status: response.status };
    };
    expect(
      await user
        .fetch(path)
        .then(read)
        .catch(() => 'broken off'),
    ).toEqual(sketch.ends);
    delete around.commit;

    await expect.poll(() => readdir(join(world.server.dataFolder, 'blobs', 'staging'))).toEqual([]);
    expect(await user.fetch(path).then(read)).toEqual({ status: 200 });
  },
);
