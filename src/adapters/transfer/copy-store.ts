import type { Blobs } from '../../ports/blobs.ts';
import type { Database } from '../queries/schema.ts';
import { copyBlob } from './blobs.ts';
import { copyTable } from './copy-table.ts';
import type { Faults } from './faults.ts';
import { inParallel } from './in-parallel.ts';
import { countBlobs, referencedBlobs } from './referenced-blobs.ts';
import { countRows } from './rows.ts';
import { inSnapshot } from './snapshot.ts';
import { movedTables } from './tables.ts';

/** One end of a copy. */
export interface Store {
  readonly db: Database;
  readonly blobs: Blobs;
}

/** A copy from one store to another; they may have one of the two parts in common. */
export interface Transfer {
  readonly source: Store;
  readonly target: Store;
  readonly movesRows: boolean;
  readonly movesBlobs: boolean;
  /** What is found to be wrong goes here. */
  readonly faults: Faults;
  /** Told often how much of a step is done. */
  progressed(step: string, done: number, total: number, unit: 'rows' | 'bytes'): void;
}

/** What one run copied. */
export interface Copied {
  rows: number;
  blobs: number;
  bytes: number;
}

/** How many files, or requests to S3, are under way at once: each is mostly waiting. */
export const blobWidth = 16;

/**
 * Copies what the target does not have yet, of the source as it is when this begins.
 *
 * All blobs go before the first row. No server may start on a target while it is copied to (`core/copy-mark.ts`), so
 * either order would do for whoever heeds that; this one is right without it too. A row whose bytes are missing is an
 * install that fails; bytes without a row are some space that is collected later. And what cannot end well ends early:
 * when the source's bytes are damaged or missing, no row is written at all.
 */
export function copyStore(transfer: Transfer): Promise<Copied> {
  return inSnapshot(transfer.source.db, async (snapshot) => {
    const copied = { rows: 0, blobs: 0, bytes: 0 };
    if (transfer.movesBlobs) await copyBlobs(transfer, snapshot, copied);
    if (transfer.movesRows && transfer.faults.count === 0) await copyRows(transfer, snapshot, copied);
    return copied;
  });
}

async function copyBlobs(transfer: Transfer, snapshot: Database, copied: Copied): Promise<void> {
  const { source, target, faults, progressed } = transfer;
  const { bytes } = await countBlobs(snapshot);
  let done = 0;
  await inParallel(referencedBlobs(snapshot), blobWidth, async (blob) => {
    let size = 0;
    const outcome = await copyBlob(source.blobs, target.blobs, blob, (passed) => {
      size += passed;
      done += passed;
      progressed('copying blobs:', done, Math.max(done, bytes), 'bytes');
    });
    if (outcome === 'copied') {
      copied.blobs += 1;
      copied.bytes += size;
    } else if (outcome !== 'present') {
      faults.add(`blob ${blob.sha256}: ${outcome.problem}`);
    }
  });
}

async function copyRows({ target, progressed }: Transfer, snapshot: Database, copied: Copied): Promise<void> {
  for (const table of movedTables) {
    const total = await countRows(snapshot, table);
    let done = await countRows(target.db, table);
    await copyTable(snapshot, target.db, table, (rows) => {
      copied.rows += rows;
      done += rows;
      progressed(`copying ${table.name}:`, done, total, 'rows');
    });
  }
}
