import { collectBlobs } from './core/collect-blobs.ts';
import type { Ports } from './core/core-ports.ts';
import { forgetOldEvents } from './core/events/forget-old-events.ts';

export interface UpkeepSettings {
  /** Milliseconds from the start to the first round. */
  readonly firstAfterMs: number;
  readonly everyMs: number;
}

export const defaultUpkeep: UpkeepSettings = { firstAfterMs: 5 * 60_000, everyMs: 2 * 60 * 60_000 };

/**
 * Starts what a server does by itself from time to time; of several nodes over one database, one does it each time.
 * Returns how to end it; a round under way is cut short.
 *
 * @param consumers whom events are kept for until they have got them
 */
export function startUpkeep(
  ports: Ports,
  { firstAfterMs, everyMs }: UpkeepSettings,
  consumers: readonly string[] = [],
): () => Promise<void> {
  const node = ports.ids.next();
  // Held, not given back: the others come by in the same interval.
  const isOurTurn = () => {
    const now = ports.clock.now();
    return ports.storage.leases.take('upkeep', node, { now, until: now + Math.floor(0.9 * everyMs) });
  };
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const ending = new AbortController();
  const schedule = (afterMs: number) => {
    timer = setTimeout(() => {
      round = tidy(ports, consumers, isOurTurn, ending.signal).finally(() => schedule(everyMs));
    }, afterMs).unref();
  };
  schedule(firstAfterMs);
  return async () => {
    ending.abort();
    clearTimeout(timer);
    await round;
    clearTimeout(timer);
  };
}

/** How long it is remembered that a public registry had no package of some name. */
const goneMs = 24 * 60 * 60_000;

async function tidy(
  ports: Ports,
  consumers: readonly string[],
  isOurTurn: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (!(await isOurTurn())) return;
    await ports.storage.upstreamMetadata.forgetGone(ports.clock.now() - goneMs);
    await forgetOldEvents(ports, consumers);
    const collected = await collectBlobs(ports, signal);
    if (collected > 0) ports.log.info({ collected }, 'deleted blobs that nothing refers to');
  } catch (error) {
    ports.log.error({ err: error }, 'the upkeep failed; it is tried again');
  }
}
