import type { Kysely, Migration } from 'kysely';
import { columnTypes } from './column-types.ts';

/**
 * What the spellings of a version have in common, of formats in which one version has several: a repository has each
 * once. Where a number is spelled in one way only there is no key, and nothing in the index.
 */
export const versionKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('repository_versions').addColumn('version_key', columnTypes(db).text).execute();
    await db.schema
      .createIndex('repository_versions_spelling')
      .on('repository_versions')
      .columns(['repository_id', 'package_id', 'version_key'])
      .unique()
      .where('version_key', 'is not', null)
      .execute();
  },
};
