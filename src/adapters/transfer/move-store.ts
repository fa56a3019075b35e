import { migrate, newestSchema, schemaOf } from '../migrations/migrate.ts';
import type { Database } from '../queries/schema.ts';
import { type Copied, copyStore, type Transfer } from './copy-store.ts';
import { beginCopy, databaseIdOf, finishCopy, refuseUnusable, retireSource } from './marks.ts';
import { verifyBlobs, verifyRows } from './verify-store.ts';

/** How the databases are called in marks and messages. */
export interface Names {
  readonly from: string;
  readonly to: string;
}

export interface Moved extends Copied {
  /** What was compared after it was copied. */
  readonly compared: readonly ('row' | 'blob')[];
  /** Whether servers refuse the source from now on, because the target goes on with its blobs. */
  readonly isSourceRetired: boolean;
}

/**
 * Copies a store, compares, and lets the target be served when nothing is wrong; what is wrong is in `faults`
 * otherwise, and the target stays marked as incomplete. It may be cut off at any moment and run again.
 *
 * The target gets the source's database id along with the other rows: it is the same database in another place, its
 * claim on the blobs (`Blobs.claim`) is the one that is noted already, and unused blobs are collected as before. With
 * an id of its own it would be a second claimant, and nothing would ever be collected again. The price is that two
 * databases with one id must not use the same blobs: each would take itself for the only one. So where the blobs stay,
 * the source is retired, and before the target may be served.
 *
 * Rows are compared even if that is not asked for when an earlier run was cut off: the source may have been in use
 * since, and what was copied before is older than the rest.
 */
export async function moveStore(transfer: Transfer, names: Names, verify: boolean): Promise<Moved> {
  const { source, target, movesRows, movesBlobs, faults } = transfer;
  await checkSchema(source.db, names.from);
  const databaseId = await databaseIdOf(source.db);
  if (databaseId === undefined) throw new Error(`${names.from}: no server has used this database yet`);
  if (movesRows) await migrate(target.db);
  await refuseUnusable(source.db, movesRows ? target.db : undefined, names.from);
  const isResumed = movesRows && (await beginCopy(target.db, names.to, { databaseId, from: names.from }));
  // Before the first blob: another database that uses the place collects nothing from when it knows of this one.
  await target.blobs.claim(databaseId);

  const copied = await copyStore(transfer);
  const compared: ('row' | 'blob')[] = [];
  if (faults.count === 0) {
    if (movesRows && (verify || isResumed)) compared.push('row');
    if (verify) compared.push('blob');
  }
  if (compared.includes('row')) await verifyRows(transfer);
  if (compared.includes('blob')) await verifyBlobs(transfer);
  const isSourceRetired = faults.count === 0 && movesRows && !movesBlobs;
  if (isSourceRetired) await retireSource(source.db, names.to);
  if (faults.count === 0 && movesRows) await finishCopy(target.db);
  return { ...copied, compared, isSourceRetired };
}

/** A copy changes nothing in its source, not even its schema; and rows of another schema than the target's do not fit. */
async function checkSchema(source: Database, name: string): Promise<void> {
  const schema = await schemaOf(source);
  if (schema === undefined) throw new Error(`${name} is no database of Packyard`);
  if (schema < newestSchema)
    throw new Error(`${name} has the older schema ${schema}: run packyard migrate on it first`);
  if (schema > newestSchema)
    throw new Error(`${name} has the schema ${schema} of a newer Packyard: copy it with that one`);
}
