import { takeDataFolder } from '../adapters/files/data-folder.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import type { Transfer } from '../adapters/transfer/copy-store.ts';
import { Faults } from '../adapters/transfer/faults.ts';
import { type Moved, moveStore } from '../adapters/transfer/move-store.ts';
import { SettingsError } from '../settings.ts';
import { sweepBlobs } from '../stores.ts';
import { checkSource, connectDatabase, openBlobsAt } from './open-store.ts';
import { foldersOf, isSamePlace, readPlaces, type StorePlaces } from './places.ts';
import { bytesText, grouped, type Progress, progressOn } from './progress.ts';
import { sayError } from './say-error.ts';

/** Steps that give back what was taken, to be run from last to first. */
type Undo = (() => unknown)[];

/**
 * `packyard copy`: moves a store to other places and proves that all of it arrived. A part whose place is the same on
 * both sides stays there: the blobs when only the database moves, the database when only the blobs do. Exit code 1
 * when something is missing, different or refused. Run again with the same arguments, it goes on where it was.
 */
export async function copy(flags: Record<string, unknown>): Promise<void> {
  const { from, to, verify } = flags as { from: string[]; to: string[]; verify: boolean };
  const progress = progressOn(process.stderr, systemClock);
  const undo: Undo = [];
  try {
    const source = readPlaces('--from', from);
    const target = readPlaces('--to', to);
    checkSource(source);
    const transfer = await open(source, target, progress, undo);
    const startedAt = systemClock.now();
    const moved = await moveStore(transfer, { from: source.database.name, to: target.database.name }, verify);
    progress.end();
    if (transfer.faults.count > 0) sayFaults(transfer);
    else saySummary(moved, systemClock.now() - startedAt);
  } catch (error) {
    progress.end();
    sayError(error);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** Locks the folders and opens both ends; what they have in common is opened once. */
async function open(from: StorePlaces, to: StorePlaces, progress: Progress, undo: Undo): Promise<Transfer> {
  const movesRows = !isSamePlace(from.database, to.database);
  const movesBlobs = !isSamePlace(from.blobs, to.blobs);
  if (!movesRows && !movesBlobs) throw new SettingsError('--from and --to are the same store');
  for (const folder of foldersOf(from, to)) {
    undo.push(takeDataFolder(folder).release);
    await sweepBlobs(folder);
  }

  const ids = systemIds(systemClock);
  const database = async (place: StorePlaces['database']) => {
    const db = await connectDatabase(place);
    undo.push(() => db.destroy());
    return db;
  };
  const blobs = async (place: StorePlaces['blobs']) => {
    const opened = await openBlobsAt(place, ids);
    undo.push(() => opened.close());
    return opened;
  };
  const source = { db: await database(from.database), blobs: await blobs(from.blobs) };
  const target = {
    db: movesRows ? await database(to.database) : source.db,
    blobs: movesBlobs ? await blobs(to.blobs) : source.blobs,
  };
  return {
    source,
    target,
    movesRows,
    movesBlobs,
    faults: new Faults(),
    progressed(step, done, total, unit) {
      const text = unit === 'bytes' ? bytesText : grouped;
      progress.tell(() => `${step} ${text(done)} of ${text(total)}`);
    },
  };
}

function sayFaults({ faults, movesRows }: Transfer): void {
  for (const line of faults.lines) process.stderr.write(`packyard: ${line}\n`);
  const consequence = movesRows ? '; no server starts on the target' : '';
  sayError(new Error(`${grouped(faults.count)} ${faults.count === 1 ? 'fault' : 'faults'}${consequence}`));
}

function saySummary({ rows, blobs, bytes, compared, isSourceRetired }: Moved, ms: number): void {
  const copied = `copied ${grouped(rows)} rows and ${grouped(blobs)} blobs (${bytesText(bytes)})`;
  const verified = compared.length === 0 ? 'nothing' : compared.map((what) => `every ${what}`).join(' and ');
  const retired = isSourceRetired ? '; servers refuse the old database from now on' : '';
  process.stdout.write(`${copied} in ${(ms / 1000).toFixed(1)} s, compared ${verified}${retired}\n`);
}
