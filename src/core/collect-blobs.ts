import type { Ports } from './core-ports.ts';

/** How long a blob must have been without a reference before it is deleted. */
const graceMs = 60 * 60 * 1_000;
/**
 * After how long a deletion that nobody finished is taken up by another node. Longer than S3 takes the signature of a
 * request for, so that a deletion still on its way by then does nothing any more.
 */
const abandonedMs = 20 * 60 * 1_000;
const batchSize = 500;
/** Few, because those that are taken cannot be published until they are deleted, also when the store fails meanwhile. */
const takenAtOnce = 20;

/**
 * Looks through all blobs: condemns those that nothing refers to, and deletes those that were condemned an hour or more
 * ago and still have no reference: bytes of deleted repositories, of listings that changed, of publishes that failed
 * after their bytes were durable. Returns how many were deleted; an aborted collection is taken up by the next one.
 *
 * Nothing that is wanted goes. Whoever writes a reference (`withDurableBlobs`) takes the blob's mark away before it stores
 * the bytes, and again in the transaction of the reference. A blob condemned in between is not deleted for an hour, and
 * by then the reference shows or was never made. Who comes while it is being deleted waits and stores the bytes anew.
 */
export async function collectBlobs(
  { storage, blobs, clock }: Pick<Ports, 'storage' | 'blobs' | 'clock'>,
  signal?: AbortSignal,
): Promise<number> {
  const { blobReferences } = storage;
  const remove = async (sha256s: readonly string[]) => {
    const deleted: string[] = [];
    try {
      for (const sha256 of sha256s) {
        await blobs.delete(sha256);
        deleted.push(sha256);
      }
    } finally {
      // The others stay marked: a deletion that failed may still be on its way.
      await blobReferences.forget(deleted);
    }
    return deleted.length;
  };
  const collect = async (batch: readonly string[]) => {
    const now = clock.now();
    const unwanted = await blobReferences.unreferenced(batch);
    let removed = 0;
    for (let start = 0; start < unwanted.length; start += takenAtOnce) {
      const some = unwanted.slice(start, start + takenAtOnce);
      removed += await remove(await blobReferences.takeForDeletion(some, now - graceMs, now));
    }
    await blobReferences.condemn(unwanted, now);
    return removed;
  };
  const now = clock.now();
  let collected = await remove(await blobReferences.takeOverDeletions(now - abandonedMs, now));
  let batch: string[] = [];
  for await (const { sha256 } of blobs.list()) {
    if (signal?.aborted) return collected;
    batch.push(sha256);
    if (batch.length < batchSize) continue;
    collected += await collect(batch);
    batch = [];
  }
  return collected + (await collect(batch));
}
