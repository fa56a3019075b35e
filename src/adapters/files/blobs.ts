import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, opendir, readdir, rm, stat, unlink } from 'node:fs/promises';
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
export async function openFileBlobs(folder: string, ids?: Pick<Ids, 'next'>): Promise<Blobs> {
  const root = resolve(folder);
  const staging = join(root, 'staging');
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await syncFolder(dirname(root));
  const folders = new DurableFolders();
  await folders.ensure(join(root, 'sha256'), root);

  return {
    stage: () => StagedFile.create(root, join(staging, ids?.next() ?? randomUUID()), folders),

    async size(sha256) {
      const stats = await unlessMissing(stat(blobPath(root, sha256)));
      return stats?.size;
    },

    open: (sha256, range) => createReadStream(blobPath(root, sha256), { ...range, highWaterMark: readChunkBytes }),

    async delete(sha256) {
      await unlessMissing(unlink(blobPath(root, sha256)));
    },

    list: () => list(join(root, 'sha256')),
  };
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
