import { createReadStream } from 'node:fs';
import { opendir, readdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Blobs } from '../../ports/blobs.ts';
import type { Ids } from '../../ports/ids.ts';
import { claimInFile } from './claim.ts';
import { DurableFolders, syncFolder } from './durable-folders.ts';
import { blobPath, isSha256 } from './paths.ts';
import { sendFile } from './send-file.ts';
import { readChunkBytes, type StagedFile, stagedBlob } from './staged-file.ts';
import { openStaging } from './staging.ts';

/**
 * Blobs as files below `folder`, which is made when it is missing. Several processes may have it open. Which databases
 * refer to them is noted in a file beside the folder.
 */
export async function openFileBlobs(folder: string, ids: Pick<Ids, 'next'>): Promise<Blobs> {
  const root = resolve(folder);
  const newStagedFile = await openStaging(root, ids);
  await syncFolder(dirname(root));
  const folders = new DurableFolders();
  await folders.ensure(join(root, 'sha256'), root);

  /** Moves a staged file to its place, for good. */
  async function keep(file: StagedFile, sha256: string): Promise<void> {
    const target = blobPath(root, sha256);
    const targetFolder = dirname(target);
    await Promise.all([file.sync(), folders.ensure(targetFolder, root)]);
    // Over a blob that is already there, too: the bytes are the same, and readers of the old file keep it.
    await file.moveTo(target);
    await syncFolder(targetFolder);
  }

  /** Sees to it that what has been kept before is still there. */
  async function keepAgain(file: StagedFile, sha256: string): Promise<void> {
    const target = blobPath(root, sha256);
    if ((await unlessMissing(stat(target))) !== undefined) return syncFolder(dirname(target));
    const copy = await newStagedFile();
    try {
      for await (const chunk of file.read({ start: 0, end: file.size - 1 })) await copy.write(chunk);
      await keep(copy, sha256);
    } finally {
      await copy.release();
    }
  }

  return {
    async stage() {
      const file = await newStagedFile();
      return stagedBlob(file, (sha256) => (file.isMoved ? keepAgain(file, sha256) : keep(file, sha256)));
    },

    async size(sha256) {
      const stats = await unlessMissing(stat(blobPath(root, sha256)));
      return stats?.size;
    },

    open: (sha256, range) => createReadStream(blobPath(root, sha256), { ...range, highWaterMark: readChunkBytes }),

    send: (sha256, to, range) => sendFile(blobPath(root, sha256), to, range),

    async delete(sha256) {
      await unlessMissing(unlink(blobPath(root, sha256)));
    },

    list: () => list(join(root, 'sha256')),

    directUrl: async () => undefined,

    claim: (databaseId) => claimInFile(join(dirname(root), 'packyard.databases'), databaseId),

    close: async () => undefined,
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
