import type { SettingQueries } from '../ports/storage.ts';

/** The setting under which a database says that a copy forbids serving it. Never copied itself. */
export const copyMarkName = 'copy';

/**
 * What `packyard copy` notes in a database. A target is `incomplete` from before its first row until all is copied and
 * verified. A source becomes `moved`, for good, when the target goes on with its very blobs: with the same id as the
 * target it would take itself for the only database that refers to them, and delete what was published since.
 */
export type CopyMark =
  | { readonly state: 'incomplete'; readonly databaseId: string; readonly from: string }
  | { readonly state: 'moved'; readonly to: string };

/** The mark of a database, if it has one. */
export async function readCopyMark(settings: Pick<SettingQueries, 'find'>): Promise<CopyMark | undefined> {
  const value = await settings.find(copyMarkName);
  return value === undefined ? undefined : (JSON.parse(value) as CopyMark);
}

/** Why a server must not start on this database, in one line for the person at the terminal; undefined when it may. */
export async function whyNotToServe(settings: Pick<SettingQueries, 'find'>): Promise<string | undefined> {
  const mark = await readCopyMark(settings);
  if (mark === undefined) return undefined;
  return mark.state === 'incomplete'
    ? `the database is an unfinished copy of ${mark.from}: run the same packyard copy again to finish it`
    : `the database was moved to ${mark.to}, and its blobs belong to that one now: start with it instead`;
}
