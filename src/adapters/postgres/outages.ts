import { setTimeout } from 'node:timers/promises';
import { StoreUnavailable } from '../../core/errors.ts';

/** How long a server that restarts, or a network that breaks, is waited for. */
const patienceMs = 15_000;
const maxPauseMs = 1_000;

/** What PostgreSQL and Node say when there is no connection (any more). Source: PostgreSQL, appendix A, class 08 and 57P. */
const outageCodes: ReadonlySet<unknown> = new Set([
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
]);

/** `pg` has no codes for these. */
const outageTexts =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout)/;

/** Whether an error says that the connection is gone, or could not be had. */
export function isOutage(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return outageCodes.has(code) || (typeof message === 'string' && outageTexts.test(message));
}

/**
 * Runs `work`, again while the database is away. `work` must have changed nothing when it fails that way. Throws
 * StoreUnavailable when that lasts too long.
 */
export async function rideOut<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (performance.now() + pauseMs <= deadline) await setTimeout(pauseMs);
      else throw new StoreUnavailable('the database cannot be reached', { cause: error });
    }
  }
}

/** The connection broke in a place from which nobody can tell whether the change was made. */
export function unclear(cause: unknown): StoreUnavailable {
  return new StoreUnavailable('the database broke off while a change was being made: it may be made or not', { cause });
}
