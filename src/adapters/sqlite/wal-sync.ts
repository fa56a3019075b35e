import { type FileHandle, open } from 'node:fs/promises';
import { latest } from '../../core/latest.ts';

/**
 * Makes what was committed to an SQLite file in WAL mode survive power loss: what SQLite itself does at each commit with
 * `synchronous = full`, but without holding up the event loop for the disk, and once for all who wait.
 *
 * With `synchronous = normal` a commit has written its frames to the WAL, and SQLite syncs wherever the order of writes
 * matters (before a checkpoint, at a new WAL's header); only the commit's own sync is left to the caller. Source:
 * SQLite, "PRAGMA synchronous" and "Write-Ahead Logging".
 */
export class WalSync {
  readonly #file: string;
  #handle: Promise<FileHandle> | undefined;
  #failure: unknown;
  readonly #synced = latest(() => this.#datasync());

  /** @param file the database's; its WAL exists from the first commit on */
  constructor(file: string) {
    this.#file = `${file}-wal`;
  }

  /** Resolves when everything that was committed before the call is durable. */
  sync(): Promise<void> {
    return this.#synced();
  }

  async close(): Promise<void> {
    await (await this.#handle)?.close();
  }

  async #datasync(): Promise<void> {
    // After a failed sync a system may have dropped the pages: a later success would prove nothing.
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#handle ??= open(this.#file, 'r+');
      await (await this.#handle).datasync();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}
