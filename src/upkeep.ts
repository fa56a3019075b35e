import { collectBlobs } from './core/collect-blobs.ts';
import type { Ports } from './core/core-ports.ts';

export interface UpkeepSettings {
  /** Milliseconds from the start to the first round. */
  readonly firstAfterMs: number;
  readonly everyMs: number;
}

export const defaultUpkeep: UpkeepSettings = { firstAfterMs: 5 * 60_000, everyMs: 6 * 60 * 60_000 };

/** Starts what a server does by itself from time to time. Returns how to end it; a round under way is cut short. */
export function startUpkeep(ports: Ports, { firstAfterMs, everyMs }: UpkeepSettings): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const ending = new AbortController();
  const schedule = (afterMs: number) => {
    timer = setTimeout(() => {
      round = tidy(ports, ending.signal).finally(() => schedule(everyMs));
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

async function tidy(ports: Ports, signal: AbortSignal): Promise<void> {
  try {
    await ports.storage.upstreamMetadata.forgetGone(ports.clock.now() - goneMs);
    const collected = await collectBlobs(ports, signal);
    if (collected > 0) ports.log.info({ collected }, 'deleted blobs that nothing refers to');
  } catch (error) {
    ports.log.error({ err: error }, 'the upkeep failed; it is tried again');
  }
}
