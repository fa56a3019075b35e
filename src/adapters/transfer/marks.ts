import { type CopyMark, copyMarkName, readCopyMark } from '../../core/copy-mark.ts';
import type { Database } from '../queries/schema.ts';
import { settingQueries } from '../queries/settings.ts';
import { lastKey } from './rows.ts';
import { movedTables } from './tables.ts';

/** What a copy is known by when it is taken up again. */
interface Begun {
  readonly databaseId: string;
  /** The source as the person at the terminal knows it. */
  readonly from: string;
}

/** The id that a server gives its database when it first starts on it; undefined before. */
export function databaseIdOf(db: Database): Promise<string | undefined> {
  return settingQueries(db).find('database-id');
}

/**
 * Refuses a source that is not worth copying: an unfinished copy, or one that was moved away, whose blobs the other
 * database has gone on with. One that was just moved, by a run that was cut off before it said so to its target, is
 * taken.
 */
export async function refuseUnusable(
  source: Database,
  target: Database | undefined,
  sourceName: string,
): Promise<void> {
  const mark = await readCopyMark(settingQueries(source));
  if (mark?.state === 'incomplete') throw new Error(`${sourceName} is itself an unfinished copy, of ${mark.from}`);
  const isResumed = target !== undefined && (await readCopyMark(settingQueries(target)))?.state === 'incomplete';
  if (mark?.state === 'moved' && !isResumed)
    throw new Error(`${sourceName} was moved to ${mark.to} and is out of date: copy from there`);
}

/**
 * Marks a target as incomplete, before anything else is written to it.
 *
 * @returns whether an earlier run of the same copy had begun already
 * @throws Error, in one line, when the target holds anything that this copy did not put there
 */
export async function beginCopy(target: Database, targetName: string, { databaseId, from }: Begun): Promise<boolean> {
  return target.transaction().execute(async (db) => {
    const settings = settingQueries(db);
    const mark = await readCopyMark(settings);
    if (mark?.state === 'moved') {
      throw new Error(
        `${targetName} holds what was moved to ${mark.to} and is out of date: copy into an empty database`,
      );
    }
    if (mark !== undefined) {
      if (mark.databaseId === databaseId && mark.from === from) return true;
      throw new Error(
        `${targetName} holds an unfinished copy of ${mark.from}: finish that one, or take an empty database`,
      );
    }
    const found = await databaseIdOf(db);
    if (found === databaseId)
      throw new Error(`${targetName} holds this very database, and no copy into it is unfinished`);
    if (found !== undefined) throw new Error(`${targetName} holds another database already: copy into an empty one`);
    for (const table of movedTables) {
      if ((await lastKey(db, table)) !== undefined)
        throw new Error(`${targetName} has rows in ${table.name} that no copy put there: copy into an empty database`);
    }
    await write(db, { state: 'incomplete', databaseId, from });
    return false;
  });
}

/** Takes the mark off a target that is complete. */
export async function finishCopy(target: Database): Promise<void> {
  await target.deleteFrom('settings').where('name', '=', copyMarkName).execute();
}

/** Marks a source whose blobs the target goes on with: no server may start on it any more. */
export async function retireSource(source: Database, to: string): Promise<void> {
  await write(source, { state: 'moved', to });
}

async function write(db: Database, mark: CopyMark): Promise<void> {
  await settingQueries(db).insert(copyMarkName, JSON.stringify(mark));
}
