import type { Kysely, Migration } from 'kysely';

/** The packages of a namespace are found without a look at all others. */
export const namespaces: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createIndex('repository_packages_namespace')
      .on('repository_packages')
      .columns(['repository_id', 'format', 'namespace', 'name'])
      .execute();
  },
};
