import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { withSmallBlobs } from '../../../src/adapters/small-blobs/with-small-blobs.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import { describeBlobs, store } from './describe-blobs.ts';

async function newPlace() {
  const parent = await mkdtemp(join(tmpdir(), 'packyard-blobs-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, 'blobs');
  const open = async () => {
    const files = await openFileBlobs(folder, systemIds(systemClock));
    const blobs = withSmallBlobs(files, join(folder, 'small.db'), systemClock);
    onTestFinished(() => blobs.close());
    return { blobs, files };
  };
  return { folder, open };
}

describeBlobs('files, with the small ones in one file', async () => {
  const { open } = await newPlace();
  return { open: async () => (await open()).blobs };
});

describe('small blobs', () => {
  it('need no files of their own; those above 64 KB have one', async () => {
    const { folder, open } = await newPlace();
    const { blobs, files } = await open();
    const keys = [];
    for (const size of [0, 1, 65_536, 65_537, 200_000]) keys.push(await store(blobs, randomBytes(size)));
    expect((await Array.fromAsync(files.list())).map(({ sha256 }) => sha256).toSorted()).toEqual(
      keys.slice(3).toSorted(),
    );
    expect((await Array.fromAsync(blobs.list())).map(({ sha256 }) => sha256).toSorted()).toEqual(keys.toSorted());
    expect(await readdir(join(folder, 'staging'))).toEqual([]);
  });

  it('are read back while they are gathered, also when they grow out of it', async () => {
    const { blobs } = await (await newPlace()).open();
    const staged = await blobs.stage();
    const bytes = randomBytes(100_000);
    await staged.write(bytes.subarray(0, 50_000));
    const early = staged.read({ start: 10, end: 49_999 });
    await staged.write(bytes.subarray(50_000));
    expect((await buffer(early)).equals(bytes.subarray(10, 50_000))).toBe(true);
    expect((await buffer(staged.read({ start: 49_990, end: 99_999 }))).equals(bytes.subarray(49_990))).toBe(true);
    await staged.release();
  });

  it('are seen by every process that has the folder open', async () => {
    const { open } = await newPlace();
    const [one, other] = [await open(), await open()];
    const stored = Array.from({ length: 40 }, (_, n) => randomBytes(n * 100));
    const keys = await Promise.all(stored.map((bytes, n) => store((n % 2 === 0 ? one : other).blobs, bytes)));
    for (const [n, key] of keys.entries()) {
      expect((await buffer(one.blobs.open(key))).equals(stored[n] ?? Buffer.of())).toBe(true);
      expect(await other.blobs.size(key)).toBe(n * 100);
    }
  });
});
