import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { sweepStaging } from '../../../src/adapters/files/staging.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import { describeBlobs, store } from './describe-blobs.ts';

const ids = systemIds(systemClock);

async function newFolder(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'packyard-blobs-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  return join(parent, 'blobs');
}

describeBlobs('files', async () => {
  const folder = await newFolder();
  return { open: () => openFileBlobs(folder, ids) };
});

describe('blobs in files', () => {
  it('lie at sha256/ab/cd/abcd…, and staging is empty after commit and release', async () => {
    const folder = await newFolder();
    const key = await store(await openFileBlobs(folder, ids), Buffer.from('bytes'));
    const file = join(folder, 'sha256', key.slice(0, 2), key.slice(2, 4), key);
    expect((await stat(file)).size).toBe(5);
    expect(await readdir(join(folder, 'staging'))).toEqual([]);
  });

  it('name staged files after the id source', async () => {
    const folder = await newFolder();
    const blobs = await openFileBlobs(folder, { next: () => '01J00000000000000000000000' });
    const staged = await blobs.stage();
    expect(await readdir(join(folder, 'staging'))).toEqual(['01J00000000000000000000000']);
    await staged.release();
    expect(await readdir(join(folder, 'staging'))).toEqual([]);
  });

  it('leave in staging what other processes have there; the sweep takes it', async () => {
    const folder = await newFolder();
    const staged = await (await openFileBlobs(folder, ids)).stage();
    await openFileBlobs(folder, ids);
    expect(await readdir(join(folder, 'staging'))).toHaveLength(1);
    await staged.release();

    await writeFile(join(folder, 'staging', 'left-over'), 'half a tarball');
    await sweepStaging(folder);
    const blobs = await openFileBlobs(folder, ids);
    expect(await readdir(join(folder, 'staging'))).toEqual([]);
    expect(await store(blobs, Buffer.from('bytes'))).toHaveLength(64);
  });

  it('are swept where nothing is', async () => {
    await sweepStaging(await newFolder());
  });

  it('offer no addresses of their own', async () => {
    const blobs = await openFileBlobs(await newFolder(), ids);
    expect(await blobs.directUrl(await store(blobs, Buffer.from('bytes')))).toBeUndefined();
  });

  it('note in the data folder which databases use them', async () => {
    const folder = await newFolder();
    const blobs = await openFileBlobs(folder, ids);
    await blobs.claim('database-1');
    await blobs.claim('database-2');
    expect(await readFile(join(folder, '..', 'packyard.databases'), 'utf8')).toBe('database-1\ndatabase-2\n');
  });
});
