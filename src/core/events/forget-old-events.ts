import type { Ports } from '../core-ports.ts';
import { lastEventPosition } from './read-events.ts';

/** How long events are kept, for those who come back to read on. */
export const eventsKeptMs = 7 * 24 * 60 * 60_000;

/**
 * Forgets events that are older than `eventsKeptMs` and that each of the given consumers has got. Consumers that are no
 * longer configured do not count.
 */
export async function forgetOldEvents(
  { storage, clock }: Pick<Ports, 'storage' | 'clock'>,
  consumers: readonly string[],
): Promise<void> {
  // What nobody reads gets its place here, for only what has one is forgotten.
  let upTo = await lastEventPosition({ storage });
  for (const consumer of consumers) upTo = Math.min(upTo, (await storage.events.cursor(consumer)) ?? upTo);
  await storage.events.forget(clock.now() - eventsKeptMs, upTo);
}
