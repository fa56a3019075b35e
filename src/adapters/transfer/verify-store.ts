import { faultAtAGlance, faultOf } from './blobs.ts';
import { differences } from './compare-table.ts';
import { blobWidth, type Transfer } from './copy-store.ts';
import { inParallel } from './in-parallel.ts';
import { countBlobs, referencedBlobs } from './referenced-blobs.ts';
import { countRows } from './rows.ts';
import { inSnapshot } from './snapshot.ts';
import { movedTables } from './tables.ts';

/**
 * Compares every row of the target with the source's as it is now, so that a source which has changed since it was
 * copied is found out. What differs is added to the `faults`.
 */
export function verifyRows({ source, target, faults, progressed }: Transfer): Promise<void> {
  return inSnapshot(source.db, async (snapshot) => {
    for (const table of movedTables) {
      const total = await countRows(snapshot, table);
      let done = 0;
      const found = differences(snapshot, target.db, table, (rows) => {
        done += rows;
        progressed(`comparing ${table.name}:`, done, total, 'rows');
      });
      for await (const line of found) faults.add(line);
    }
  });
}

/**
 * Reads back every blob that the target's rows refer to and holds it against its name. Blobs that stayed where they
 * are were not written, and are only asked for their size. What is wrong is added to the `faults`.
 */
export async function verifyBlobs({ target, movesBlobs, faults, progressed }: Transfer): Promise<void> {
  const { bytes } = await countBlobs(target.db);
  let done = 0;
  const passed = (more: number) => {
    done += more;
    progressed('reading back blobs:', done, Math.max(done, bytes), 'bytes');
  };
  await inParallel(referencedBlobs(target.db), blobWidth, async (blob) => {
    const fault = movesBlobs ? await faultOf(target.blobs, blob, passed) : await faultAtAGlance(target.blobs, blob);
    if (fault !== undefined) faults.add(`blob ${blob.sha256}: ${fault}`);
  });
}
