import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';
import type { LeaseQueries } from '../ports/storage.ts';

/** A right to do something that only one node does at a time. */
export interface Turn {
  end(): Promise<void>;
}

/** Who does what, among all nodes over one database. */
export interface Turns {
  /**
   * Takes the turn for `name`. Undefined when another node had it and has ended: what it was taken for may be done, so
   * look again.
   */
  take(name: string): Promise<Turn | undefined>;
}

/** For a server that has its database to itself: within a process, single flights see to the same. */
export const aloneTurns: Turns = { take: async () => ({ end: async () => undefined }) };

/** A node that stops renewing has died, or is cut off from the database. */
const leaseMs = 15_000;
const renewMs = 4_000;
const firstPauseMs = 20;
const maxPauseMs = 250;
/** Then the caller goes ahead beside the other: a client does not wait forever for a node that neither ends nor dies. */
const maxWaitMs = 60_000;

/** Turns as leases in the database. */
export function leasedTurns(leases: LeaseQueries, holder: string, clock: Clock): Turns {
  const take = (name: string) => {
    const now = clock.now();
    return leases.take(name, holder, { now, until: now + leaseMs });
  };
  const turn = (name: string): Turn => {
    // A renewal that fails is made up for by the next; without any, another node may do the same work once more.
    const renewing = setInterval(() => void take(name).catch(() => undefined), renewMs);
    renewing.unref();
    return {
      async end() {
        clearInterval(renewing);
        await leases.release(name, holder).catch(() => undefined);
      },
    };
  };
  return {
    async take(name) {
      let pauseMs = firstPauseMs;
      for (let waitedMs = 0; ; waitedMs += pauseMs) {
        if (waitedMs >= maxWaitMs) return { end: async () => undefined };
        if (await take(name)) {
          if (waitedMs === 0) return turn(name);
          await leases.release(name, holder);
          return undefined;
        }
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
        await setTimeout(pauseMs);
      }
    },
  };
}
