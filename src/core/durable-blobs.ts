import { setTimeout } from 'node:timers/promises';
import type { StagedBlob } from '../ports/blobs.ts';
import type { Queries, TransactionalQueries } from '../ports/storage.ts';
import { PackyardError } from './errors.ts';

/** Bytes that wait for their rows. */
export interface BlobToKeep {
  readonly sha256: string;
  readonly staged: StagedBlob;
}

/** How long bytes are waited for that someone is deleting at this moment, and between two looks. */
const maxWaitMs = 30_000;
const pauseMs = 50;

/**
 * Makes bytes durable, then runs a transaction that writes rows which refer to them: a row never points to bytes that
 * power loss, or the collection of unused blobs, could take. `work` may run more than once.
 *
 * Throws ServiceUnavailableException when the same bytes are being deleted and that does not come to an end.
 */
export async function withDurableBlobs<T>(
  storage: TransactionalQueries,
  blobs: readonly BlobToKeep[],
  work: (queries: Queries) => Promise<T>,
): Promise<T> {
  const sha256s = blobs.map(({ sha256 }) => sha256);
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      // Before the bytes are stored: what was condemned long ago could be deleted right after. From here on that takes
      // another hour.
      await keep(storage, sha256s);
      await Promise.all(blobs.map(({ sha256, staged }) => staged.commit(sha256)));
      return await storage.transaction(async (queries) => {
        await keep(queries, sha256s);
        return work(queries);
      });
    } catch (error) {
      if (!(error instanceof BeingDeleted) || waitedMs >= maxWaitMs) throw error;
      await setTimeout(pauseMs);
    }
  }
}

async function keep({ blobReferences }: Queries, sha256s: readonly string[]): Promise<void> {
  if ((await blobReferences.keep(sha256s)).length > 0) throw new BeingDeleted();
}

/** The transaction came while the very bytes it is about were being deleted: they are stored anew afterwards. */
class BeingDeleted extends PackyardError {
  constructor() {
    super('ServiceUnavailableException', 'The same content is just being removed from the store. Try again later.');
  }
}
