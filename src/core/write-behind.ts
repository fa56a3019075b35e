import type { Queries, TransactionalQueries } from '../ports/storage.ts';
import type { Log } from './core-ports.ts';
import { type BlobToKeep, withDurableBlobs } from './durable-blobs.ts';

/** Something to be written soon. */
export interface LateWrite {
  write(queries: Queries): Promise<void>;
  /** Bytes that the rows refer to; released when they are written or given up. */
  readonly blob?: BlobToKeep;
  /** What it holds in memory until then. */
  readonly bytes: number;
  /** Called when it is written or given up. */
  settled?(): void;
}

/** How long writes are gathered, and how many bytes may wait before the next caller waits for them. */
const gatheringMs = 20;
const maxWaitingBytes = 16 * 1024 * 1024;

/**
 * Writes what could be worked out or asked for again a moment later than it is used, many at once: nobody waits for it,
 * and a transaction for each would cost more than what it writes. What a process that dies had not written yet is asked
 * for again.
 */
export class WriteBehind {
  readonly #storage: TransactionalQueries;
  readonly #log: Log;
  #waiting: LateWrite[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param storage the relaxed one: no one is told that these writes are kept */
  constructor(storage: TransactionalQueries, log: Log) {
    this.#storage = storage;
    this.#log = log;
  }

  /** Adds a write. Resolves at once, unless too much is waiting already. */
  async add(late: LateWrite): Promise<void> {
    this.#waiting.push(late);
    this.#waitingBytes += late.bytes;
    if (this.#waitingBytes > maxWaitingBytes) await this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), gatheringMs);
  }

  /** Writes what is waiting; resolves when that and all before it is written or given up. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (batch.length > 0) this.#writing = this.#writing.then(() => this.#writeAll(batch));
    return this.#writing;
  }

  async #writeAll(batch: readonly LateWrite[]): Promise<void> {
    try {
      await this.#transaction(batch);
    } catch {
      // One that cannot be written (its repository was just deleted) must not take the others with it.
      for (const late of batch) {
        await this.#transaction([late]).catch((error: unknown) =>
          this.#log.warn({ err: error }, 'something that is only cached could not be written'),
        );
      }
    } finally {
      for (const { blob, settled } of batch) {
        settled?.();
        await blob?.staged.release();
      }
    }
  }

  async #transaction(batch: readonly LateWrite[]): Promise<void> {
    const blobs = batch.flatMap(({ blob }) => blob ?? []);
    await withDurableBlobs(this.#storage, blobs, async (queries) => {
      for (const { write } of batch) await write(queries);
    });
  }
}
