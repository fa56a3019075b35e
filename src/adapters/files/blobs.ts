import { createReadStream } from 'node:fs';
import { mkdir, opendir, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Blobs } from '../../ports/blobs.ts';
import type { Ids } from '../../ports/ids.ts';
import { DurableFolders, syncFolder } from './durable-folders.ts';
import { blobPath, isSha256 } from './paths.ts';
import { readChunkBytes, StagedFile } from './staged-file.ts';

/**
 * Blobs as files below `folder`, which is made when it is missing. What a process that died left in staging is
 * removed, so only one process at a time may open a folder.
 */
export async function openFileBlobs(folder: string, ids: Pick<Ids, 'next'>): Promise<Blobs> {
  const root = resolve(folder);
  const staging = join(root, 'staging');
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await syncFolder(dirname(root));
  const folders = new DurableFolders();
  await folders.ensure(join(root, 'sha256'), root);
  await restoreLeaving(root);

  return {
    stage: () => StagedFile.create(root, join(staging, ids.next()), folders),

    async size(sha256) {
      const stats = await unlessMissing(stat(blobPath(root, sha256)));
      return stats?.size;
    },

    open: (sha256, range) => createReadStream(blobPath(root, sha256), { ...range, highWaterMark: readChunkBytes }),

    delete: (sha256, storedBefore) => deleteOld(root, sha256, storedBefore),

    list: () => list(join(root, 'sha256')),
  };
}

/**
 * Deletes a blob that is older than `storedBefore`. It is moved away first: if it was stored anew after its age was
 * looked at, the move has caught the new file, and that goes back.
 */
async function deleteOld(root: string, sha256: string, storedBefore: number): Promise<boolean> {
  const path = blobPath(root, sha256);
  const leaving = join(root, 'leaving', sha256);
  const before = await unlessMissing(stat(path));
  if (before === undefined || before.mtimeMs >= storedBefore) return false;
  await rename(path, leaving);
  if ((await stat(leaving)).mtimeMs >= storedBefore) {
    await rename(leaving, path);
    return false;
  }
  await unlink(leaving);
  return true;
}

/** Puts back what a process that died was deleting: it may have been caught by mistake. */
async function restoreLeaving(root: string): Promise<void> {
  const folder = join(root, 'leaving');
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (isSha256(name)) await rename(join(folder, name), blobPath(root, name));
}

async function* list(folder: string): AsyncGenerator<{ sha256: string; storedAt: number }> {
  for (const first of await readdir(folder)) {
    for (const second of await readdir(join(folder, first))) {
      for await (const { name } of await opendir(join(folder, first, second))) {
        if (!isSha256(name)) continue;
        const stats = await unlessMissing(stat(join(folder, first, second, name)));
        if (stats !== undefined) yield { sha256: name, storedAt: Math.floor(stats.mtimeMs) };
      }
    }
  }
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
