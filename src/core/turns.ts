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

/** Turns as leases in the database. A node waits for its own turns as for those of others. */
export function leasedTurns(leases: LeaseQueries, node: string, clock: Clock): Turns {
  let turns = 0;
  const take = (name: string, holder: string) => {
    const now = clock.now();
    return leases.take(name, holder, { now, until: now + leaseMs });
  };
  const turn = (name: string, holder: string): Turn => {
    let renewal: Promise<unknown> = Promise.resolve();
    // A renewal that fails is made up for by the next; without any, another node may do the same work once more.
    const renewing = setInterval(() => {
      renewal = take(name, holder).catch(() => undefined);
    }, renewMs);
    renewing.unref();
    return {
      async end() {
        clearInterval(renewing);
        // Overtaken by the release, it would hold the lease for nobody.
        await renewal;
        await leases.release(name, holder).catch(() => undefined);
      },
    };
  };
  return {
    async take(name) {
      turns += 1;
      const holder = `${node} ${turns}`;
      let pauseMs = firstPauseMs;
      for (let waitedMs = 0; ; waitedMs += pauseMs) {
        if (waitedMs >= maxWaitMs) return { end: async () => undefined };
        if (await take(name, holder)) {
          if (waitedMs === 0) return turn(name, holder);
          await leases.release(name, holder);
          return undefined;
        }
        pauseMs = Math.min(2 * pauseMs, maxPauseMs);
        await setTimeout(pauseMs);
      }
    },
  };
}
