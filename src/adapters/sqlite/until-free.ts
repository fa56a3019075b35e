import { setTimeout } from 'node:timers/promises';

const busy = 5;
const maxPauseMs = 16;
const maxWaitMs = 10_000;

/**
 * Runs a write, again while another process holds the file's write lock. SQLite could wait by itself, but would
 * block all of this process meanwhile, its readers too. Throws SQLite's error when the lock is held for too long.
 */
export async function untilFree<T>(write: () => T): Promise<T> {
  let pauseMs = 1;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      return write();
    } catch (error) {
      const { errcode } = error as { errcode?: number };
      // The low byte: there are kinds of busy.
      if (errcode === undefined || (errcode & 0xff) !== busy || waitedMs >= maxWaitMs) throw error;
    }
    pauseMs = Math.min(2 * pauseMs, maxPauseMs);
    await setTimeout(pauseMs);
  }
}
