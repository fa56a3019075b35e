import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openFileBlobs } from '../../../src/adapters/files/blobs.ts';
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

  it('sweep what a process that died left in staging', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'staging'), { recursive: true });
    await writeFile(join(folder, 'staging', 'left-over'), 'half a tarball');
    const blobs = await openFileBlobs(folder, ids);
    expect(await readdir(join(folder, 'staging'))).toEqual([]);
    await (await blobs.stage()).release();
  });
});
