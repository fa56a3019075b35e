import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from '../core-ports.ts';

/** How often someone who waits for events looks whether there may be any. */
const lookEveryMs = 250;

/**
 * Resolves when something was committed, by whatever node, since the database was in the state `revision`, or when
 * `signal` aborts.
 */
export async function untilChanged(
  { storage }: Pick<Ports, 'storage'>,
  revision: string,
  signal: AbortSignal,
): Promise<void> {
  do {
    await pause(lookEveryMs, signal);
  } while (!signal.aborted && (await storage.revision()) === revision);
}

/** Waits for so long, or until `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
