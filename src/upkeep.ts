import { collectBlobs } from './core/collect-blobs.ts';
import type { Ports } from './core/core-ports.ts';

export interface UpkeepSettings {
  /** Milliseconds from the start to the first round. */
  readonly firstAfterMs: number;
  readonly everyMs: number;
}

export const defaultUpkeep: UpkeepSettings = { firstAfterMs: 5 * 60_000, everyMs: 6 * 60 * 60_000 };

/** Starts what a server does by itself from time to time. Returns how to end it; that waits for a round under way. */
export function startUpkeep(ports: Ports, { firstAfterMs, everyMs }: UpkeepSettings): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const schedule = (afterMs: number) => {
    timer = setTimeout(() => {
      round = collect(ports).finally(() => schedule(everyMs));
    }, afterMs).unref();
  };
  schedule(firstAfterMs);
  return async () => {
    clearTimeout(timer);
    await round;
    clearTimeout(timer);
  };
}

async function collect(ports: Ports): Promise<void> {
  try {
    const collected = await collectBlobs(ports);
    if (collected > 0) ports.log.info({ collected }, 'deleted blobs that nothing refers to');
  } catch (error) {
    ports.log.error({ err: error }, 'the collection of unused blobs failed; it is tried again');
  }
}
