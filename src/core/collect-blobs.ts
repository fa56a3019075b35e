import type { Ports } from './core-ports.ts';

/**
 * How long bytes are left alone after they were stored: a publish writes the rows that refer to them right after, and
 * a download that is still being read opens them again.
 */
const graceMs = 60 * 60 * 1_000;
const batchSize = 500;

/**
 * Deletes the blobs that nothing refers to: those of deleted repositories, of listings that changed, of publishes that
 * failed after their bytes were durable. Returns how many; an aborted collection is taken up by the next one.
 */
export async function collectBlobs(
  { storage, blobs, clock }: Pick<Ports, 'storage' | 'blobs' | 'clock'>,
  signal?: AbortSignal,
): Promise<number> {
  const storedBefore = clock.now() - graceMs;
  let collected = 0;
  const collect = async (batch: readonly string[]) => {
    for (const sha256 of await storage.blobReferences.unreferenced(batch)) {
      if (await blobs.delete(sha256, storedBefore)) collected += 1;
    }
  };
  let batch: string[] = [];
  for await (const { sha256, storedAt } of blobs.list()) {
    if (signal?.aborted) break;
    if (storedAt >= storedBefore) continue;
    batch.push(sha256);
    if (batch.length < batchSize) continue;
    await collect(batch);
    batch = [];
  }
  if (!signal?.aborted) await collect(batch);
  return collected;
}
