import { setImmediate } from 'node:timers/promises';
import { Mutex } from './mutex.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { untilFree } from './until-free.ts';
import type { WalSync } from './wal-sync.ts';

/** One transaction's part in a group, from `GroupCommit.begin` to one of its two ends. */
export interface Member {
  /**
   * Ends the member's turn with its work done; resolves when the group is committed and, unless `isRelaxed`, durable.
   * Rejects when nothing of it is kept, or when nobody can tell.
   */
  commit(options?: { readonly isRelaxed: boolean }): Promise<void>;
  /** Ends the member's turn and takes back its work alone. After a failed `commit` there is nothing left to do. */
  rollback(): void;
}

interface Waiting {
  readonly isRelaxed: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Lets transactions that come at the same time share one commit of SQLite's, and so one sync of the disk. Each is a
 * savepoint in the group's transaction: it sees what those before it wrote and can be taken back alone. None is
 * acknowledged before the whole group is committed and synced; when the commit fails, all of them fail.
 */
export class GroupCommit {
  readonly #writer: SqliteFile;
  readonly #turn = new Mutex();
  readonly #wal: WalSync;
  #members: Waiting[] = [];
  #syncing: Promise<void> | undefined;

  constructor(writer: SqliteFile, wal: WalSync) {
    this.#writer = writer;
    this.#wal = wal;
  }

  close(): Promise<void> {
    return this.#wal.close();
  }

  /** Waits for a turn at the writer and begins. Throws when another process holds the file for too long. */
  async begin(): Promise<Member> {
    await this.#turn.lock();
    try {
      // Immediate: a transaction that reads first and writes later must not find that another process wrote between.
      if (!this.#writer.isInTransaction) await untilFree(() => this.#writer.run('begin immediate'));
      this.#writer.run('savepoint member');
    } catch (error) {
      this.#turn.unlock();
      throw error;
    }
    let hasTurn = true;
    const end = (step: () => void) => {
      hasTurn = false;
      try {
        // After some faults (a full disk) SQLite has taken back everything by itself.
        if (!this.#writer.isInTransaction) throw this.#abandon();
        step();
      } finally {
        this.#turn.unlock();
      }
    };
    return {
      commit: async ({ isRelaxed } = { isRelaxed: false }) => {
        end(() => this.#writer.run('release member'));
        await this.#joined(isRelaxed);
      },
      rollback: () => {
        if (hasTurn) end(() => this.#takeBackMember());
      },
    };
  }

  /** Joins the group that is waiting for its commit. Its first member sees to that. */
  #joined(isRelaxed: boolean): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => this.#members.push({ isRelaxed, resolve, reject }));
    if (this.#members.length === 1) void this.#flush();
    return ended;
  }

  async #flush(): Promise<void> {
    // Whoever is ready in the same turn of the event loop goes along, and whoever comes while the disk is busy with the
    // group before. Nobody waits for that who does not wait for the disk.
    await setImmediate();
    if (this.#members.some(({ isRelaxed }) => !isRelaxed)) await this.#syncing;
    await this.#turn.lock();
    try {
      const members = this.#members;
      if (members.length === 0) return;
      this.#writer.commit();
      this.#members = [];
      const durable = members.filter(({ isRelaxed }) => !isRelaxed);
      if (durable.length > 0) this.#syncing = this.#settle(durable);
      for (const { isRelaxed, resolve } of members) if (isRelaxed) resolve();
    } catch (error) {
      if (this.#writer.isInTransaction) this.#writer.run('rollback');
      this.#abandon(error);
    } finally {
      this.#turn.unlock();
    }
  }

  /** Tells the members of a committed group when it is durable. */
  async #settle(members: readonly Waiting[]): Promise<void> {
    try {
      await this.#wal.sync();
      for (const { resolve } of members) resolve();
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  }

  #takeBackMember(): void {
    this.#writer.run('rollback to member');
    this.#writer.run('release member');
    // Nobody else would end a transaction that nobody commits.
    if (this.#members.length === 0) this.#writer.run('rollback');
  }

  /** Tells everyone who waits that nothing is kept. Returns what they are told. */
  #abandon(cause?: unknown): unknown {
    const error = cause ?? new Error('The database took back the transaction: the disk may be full or failing.');
    const members = this.#members;
    this.#members = [];
    for (const { reject } of members) reject(error);
    return error;
  }
}
