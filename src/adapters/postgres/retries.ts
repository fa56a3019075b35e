import { setTimeout } from 'node:timers/promises';
import { rideOut } from './outages.ts';

/**
 * What PostgreSQL says to a transaction that lost against another and may win when it is run again: serialization
 * failure, deadlock, and a foreign key whose row the other removed after this one had seen it.
 */
const lostRaces: ReadonlySet<unknown> = new Set(['40001', '40P01', '23503']);

const maxAttempts = 8;

/**
 * Runs `transaction`, again when it lost a race, a few times, or when the database went away before its commit. Throws
 * its last error.
 */
export async function withRetries<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rideOut(transaction);
    } catch (error) {
      if (attempt === maxAttempts || !lostRaces.has((error as { code?: unknown }).code)) throw error;
      await setTimeout(attempt * attempt * 2);
    }
  }
}
