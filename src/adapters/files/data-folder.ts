import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A folder that cannot be used; the message is one line for the person at the terminal. */
class DataFolderError extends Error {}

export interface DataFolder {
  readonly path: string;
  /** Lets another process have the folder. */
  release(): void;
}

/**
 * Takes a data folder for this process, made when it is new. The lock is the operating system's (through SQLite's
 * exclusive transaction on a file of its own), so it ends with the process, however that ends.
 *
 * @throws DataFolderError when it cannot be written, or when another process has it; the message names both.
 */
export function takeDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  const holder = join(path, 'packyard.pid');
  let lock: DatabaseSync | undefined;
  try {
    makeDurableFolder(path);
    lock = new DatabaseSync(join(path, 'packyard.lock'));
    lock.exec('PRAGMA journal_mode = memory; PRAGMA synchronous = off; BEGIN EXCLUSIVE');
    writeFileSync(holder, `${process.pid}\n`);
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: unknown }).errcode === 5) {
      throw new DataFolderError(
        `the data folder ${path} is in use by process ${holderOf(holder)}; stop it or choose another with --data`,
      );
    }
    throw new DataFolderError(`the data folder ${path} cannot be used: ${(error as Error).message}`);
  }
  const held = lock;
  return { path, release: () => held.close() };
}

/**
 * Makes a folder that survives power loss, and its parents. Not with mkdir's own `recursive`: it syncs nothing, and
 * below a folder like /proc, where nothing can be made, it never returns.
 */
function makeDurableFolder(path: string): void {
  if (isFolder(path)) return;
  makeDurableFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another start may have been faster.
    if (!isFolder(path)) throw error;
  }
  const parent = openSync(dirname(path), 'r');
  try {
    fsyncSync(parent);
  } finally {
    closeSync(parent);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || '(unknown)';
  } catch {
    return '(unknown)';
  }
}
