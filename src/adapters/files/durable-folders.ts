import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes folders whose existence survives power loss. */
export class DurableFolders {
  /**
   * Folders that are durable or about to be. A folder that exists need not be: whoever made it, another call or a
   * process that was killed, may not have come to syncing its parent. So each is synced once in a process's life.
   */
  readonly #ensured = new Map<string, Promise<void>>();

  /** Makes `folder` and its parents up to `root`, which exists; resolves when all of them are durable. */
  async ensure(folder: string, root: string): Promise<void> {
    if (folder === root) return;
    let ensured = this.#ensured.get(folder);
    if (ensured === undefined) {
      ensured = this.#make(folder, root);
      this.#ensured.set(folder, ensured);
      ensured.catch(() => this.#ensured.delete(folder));
    }
    await ensured;
  }

  async #make(folder: string, root: string): Promise<void> {
    await this.ensure(dirname(folder), root);
    try {
      await mkdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    await syncFolder(dirname(folder));
  }
}

/** Makes the present entries of a folder survive power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
