import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable-folders.ts';

/**
 * Notes in `file`, a line each, which databases refer to the blobs beside it. Returns whether `databaseId` is the only
 * one. Several processes may note theirs at once.
 */
export async function claimInFile(file: string, databaseId: string): Promise<boolean> {
  if (!(await readLines(file)).has(databaseId)) {
    const handle = await open(file, 'a');
    try {
      await handle.write(`${databaseId}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(dirname(file));
  }
  // Read again: another process may have written meanwhile, its database's id or the same one a second time.
  return (await readLines(file)).size === 1;
}

async function readLines(file: string): Promise<Set<string>> {
  try {
    return new Set((await readFile(file, 'utf8')).split('\n').filter(Boolean));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
    throw error;
  }
}
