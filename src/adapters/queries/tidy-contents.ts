import type { Database } from './schema.ts';
import { chunks } from './transaction.ts';

/**
 * Deletes those of the given contents that no repository refers to, and the assets of those that are Disposed wherever
 * they are referred to. Call it in the transaction that took the references away.
 */
export async function tidyContents(db: Database, versionIds: readonly string[]): Promise<void> {
  const ids = [...new Set(versionIds)].sort();
  for (const some of chunks(ids, 500)) {
    // Two who each let go of one of the last references look one after the other: the second sees what the first did.
    await db
      .updateTable('versions')
      .set((eb) => ({ revision: eb.ref('revision') }))
      .where('id', 'in', some)
      .execute();
    const references = await db
      .selectFrom('repository_versions')
      .select(['version_id', 'status'])
      .where('version_id', 'in', some)
      .execute();
    const referred = new Set(references.map(({ version_id }) => version_id));
    const alive = new Set(references.filter(({ status }) => status !== 'Disposed').map(({ version_id }) => version_id));
    const unreferred = some.filter((id) => !referred.has(id));
    const disposed = some.filter((id) => referred.has(id) && !alive.has(id));
    // A reference that someone makes meanwhile makes the database refuse.
    if (unreferred.length > 0) await db.deleteFrom('versions').where('id', 'in', unreferred).execute();
    if (disposed.length > 0) await db.deleteFrom('assets').where('version_id', 'in', disposed).execute();
  }
}
