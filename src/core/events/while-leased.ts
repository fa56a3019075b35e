import type { Ports } from '../core-ports.ts';
import { pause } from './until-changed.ts';

export interface LeaseTimes {
  /** How long the lease of a node that died is waited for. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** How often those without the lease ask for it. */
  readonly askEveryMs: number;
}

/** With these, a node that died is replaced within 20 seconds. */
export const defaultLeaseTimes: LeaseTimes = { leaseMs: 15_000, renewEveryMs: 4_000, askEveryMs: 3_000 };

/** A lease, as long as it is ours. */
export interface Held {
  /** Aborts when the lease is lost, or when everything ends. */
  readonly signal: AbortSignal;
  /** Whether no other node can have it by now: one that was not run for a while (a suspended machine) looks here. */
  isOurs(): boolean;
}

/**
 * Runs `work` on one of the nodes over a database at a time, for as long as `ending` is not aborted. Work that fails is
 * begun again a moment later, by whoever gets the lease then.
 *
 * @param holder what this node is called
 */
export async function whileLeased(
  { storage, clock, log }: Pick<Ports, 'storage' | 'clock' | 'log'>,
  name: string,
  holder: string,
  { leaseMs, renewEveryMs, askEveryMs }: LeaseTimes,
  ending: AbortSignal,
  work: (held: Held) => Promise<void>,
): Promise<void> {
  const { leases } = storage.relaxed;
  let until = 0;
  let hasFailed = false;
  const take = async () => {
    const now = clock.now();
    if (!(await leases.take(name, holder, { now, until: now + leaseMs }))) return false;
    until = now + leaseMs;
    hasFailed = false;
    return true;
  };
  while (!ending.aborted) {
    try {
      if (await take()) await workUntilLost();
    } catch (error) {
      // Once for as long as the database is away.
      if (!hasFailed) log.error({ err: error }, 'delivering events failed; it is tried again');
      hasFailed = true;
    }
    await pause(askEveryMs, ending);
  }

  async function workUntilLost(): Promise<void> {
    const lost = new AbortController();
    let renewal: Promise<void> = Promise.resolve();
    const renew = async () => {
      try {
        if (!(await take())) lost.abort();
      } catch {
        // The next one may succeed. Until the lease ends, it is ours all the same.
        if (clock.now() >= until) lost.abort();
      }
    };
    const renewing = setInterval(() => {
      renewal = renew();
    }, renewEveryMs).unref();
    try {
      await work({ signal: AbortSignal.any([ending, lost.signal]), isOurs: () => clock.now() < until });
    } finally {
      clearInterval(renewing);
      // Overtaken by the release, it would hold the lease for nobody.
      await renewal;
      await leases.release(name, holder).catch(() => undefined);
    }
  }
}
