import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Notes in a data folder which databases refer to its blobs, by their ids. Returns whether `databaseId` is the only
 * one: only then is a blob without a reference in it one that nobody needs (a folder may have been used with another
 * `--database` before).
 */
export async function isOnlyOwner(dataFolder: string, databaseId: string): Promise<boolean> {
  const file = join(dataFolder, 'packyard.databases');
  const known = readLines(file);
  if (!known.includes(databaseId)) {
    const handle = await open(file, 'a');
    try {
      await handle.write(`${databaseId}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    known.push(databaseId);
  }
  return known.length === 1;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
