import type { VersionInRepository, VersionListFilter, VersionQueries } from '../../ports/storage.ts';
import { assetQueries, insertAssets } from './assets.ts';
import { compiled, compiledChange } from './compiled.ts';
import type { Database, RowOf } from './schema.ts';
import { tidyContents } from './tidy-contents.ts';
import { chunks, inTransaction } from './transaction.ts';
import { documentColumns, toSummary, toVersion, versionColumns } from './version-rows.ts';

/** Version contents and the repositories' references to them, on any engine. */
export function versionQueries(db: Database): VersionQueries {
  return {
    ...assetQueries(db),

    async insert(content, assets, readme) {
      await inTransaction(db, async (db) => {
        await insertVersion(db, {
          id: content.id,
          package_id: content.packageId,
          version: content.version,
          revision: content.revision,
          origin_type: content.origin.type,
          origin_repository: content.origin.repositoryName,
          origin_connection: content.origin.externalConnectionName,
          first_published_at: content.firstPublishedAt,
          entry: content.entry,
          metadata: content.metadata,
        });
        await insertAssets(db, content, assets);
        if (readme !== null) {
          await insertReadme(db, { version_id: content.id, readme });
        }
      });
    },

    async refer(reference) {
      const inserted = await insertReference(db, {
        repository_id: reference.repositoryId,
        package_id: reference.packageId,
        version: reference.version,
        version_id: reference.versionId,
        status: reference.status,
        published_at: reference.publishedAt,
        display: reference.display,
        version_key: reference.key,
      });
      return inserted === 1;
    },

    async find(repositoryId, packageId, version) {
      const [row] = await findRow(db, { repositoryId, packageId, version });
      return row && toVersion(row);
    },

    async findByKey(repositoryId, packageId, key) {
      const row = await references(db, repositoryId, packageId, {})
        .select(documentColumns)
        .where('reference.version_key', '=', key)
        .executeTakeFirst();
      return row && toVersion(row);
    },

    async list(repositoryId, packageId, filter, { after, limit }) {
      let query = references(db, repositoryId, packageId, filter);
      if (after !== undefined) query = query.where('reference.version', '>', after);
      return (await query.orderBy('reference.version').limit(limit).execute()).map(toSummary);
    },

    async listByPublishedTime(repositoryId, packageId, filter, { after, limit }) {
      let query = references(db, repositoryId, packageId, filter);
      if (after !== undefined) {
        query = query.where((eb) =>
          eb(
            eb.refTuple('reference.published_at', 'reference.version'),
            '<',
            eb.tuple(after.publishedAt, after.version),
          ),
        );
      }
      const rows = await query
        .orderBy('reference.published_at', 'desc')
        .orderBy('reference.version', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toSummary);
    },

    async all(repositoryId, packageId) {
      const rows = await references(db, repositoryId, packageId, {})
        .select(documentColumns)
        .orderBy('reference.version')
        .execute();
      return rows.map(toVersion);
    },

    async setDisplay(repositoryId, packageId, version, display) {
      await db
        .updateTable('repository_versions')
        .set({ display })
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .where('version', '=', version)
        .execute();
    },

    async findAll(repositoryId, packageId, versions) {
      const rows: VersionInRepository[] = [];
      for (const some of chunks(versions, 500)) {
        const found = await references(db, repositoryId, packageId, {})
          .select(documentColumns)
          .where('reference.version', 'in', some)
          .execute();
        rows.push(...found.map(toVersion));
      }
      return rows;
    },

    async setStatus(repositoryId, packageId, version, status) {
      await db
        .updateTable('repository_versions')
        .set({ status })
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .where('version', '=', version)
        .execute();
    },

    async replace({ repositoryId, packageId, version, versionId, status, publishedAt, display }) {
      await db
        .updateTable('repository_versions')
        .set({ version_id: versionId, status, published_at: publishedAt, display })
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .where('version', '=', version)
        .execute();
    },

    async remove(repositoryId, packageId, versions) {
      for (const some of chunks(versions, 500)) {
        await db
          .deleteFrom('tags')
          .where('repository_id', '=', repositoryId)
          .where('package_id', '=', packageId)
          .where('version', 'in', some)
          .execute();
        await db
          .deleteFrom('repository_versions')
          .where('repository_id', '=', repositoryId)
          .where('package_id', '=', packageId)
          .where('version', 'in', some)
          .execute();
      }
    },

    async holders(versionId) {
      const rows = await db
        .selectFrom('repository_versions')
        .select('repository_id')
        .where('version_id', '=', versionId)
        .execute();
      return rows.map((row) => row.repository_id);
    },

    async fork(versionId, newId, repositoryIds) {
      await inTransaction(db, async (db) => {
        await copyContent(db, versionId, newId);
        await db
          .updateTable('repository_versions')
          .set({ version_id: newId })
          .where('version_id', '=', versionId)
          .where('repository_id', 'in', repositoryIds)
          .execute();
      });
    },

    tidy: (versionIds) => inTransaction(db, (db) => tidyContents(db, versionIds)),
  };
}

async function copyContent(db: Database, versionId: string, newId: string): Promise<void> {
  const content = await db.selectFrom('versions').selectAll().where('id', '=', versionId).executeTakeFirstOrThrow();
  await insertVersion(db, { ...content, id: newId });
  const assets = await db.selectFrom('assets').selectAll().where('version_id', '=', versionId).execute();
  for (const some of chunks(assets, 50)) {
    const rows = some.map((asset) => ({ ...asset, version_id: newId }));
    await db.insertInto('assets').values(rows).execute();
  }
  const readmes = await db.selectFrom('version_readmes').selectAll().where('version_id', '=', versionId).execute();
  for (const { readme } of readmes) await insertReadme(db, { version_id: newId, readme });
}

/** References of one package in one repository, with what the listings show of their contents. */
function references(db: Database, repositoryId: string, packageId: string, filter: VersionListFilter) {
  let query = db
    .selectFrom('repository_versions as reference')
    .innerJoin('versions as content', 'content.id', 'reference.version_id')
    .select(versionColumns)
    .where('reference.repository_id', '=', repositoryId)
    .where('reference.package_id', '=', packageId);
  if (filter.status !== undefined) query = query.where('reference.status', '=', filter.status);
  if (filter.originType !== undefined) query = query.where('content.origin_type', '=', filter.originType);
  return query;
}

const insertVersion = compiledChange((db, row: RowOf<'versions'>) => db.insertInto('versions').values(row));

const insertReadme = compiledChange((db, row: RowOf<'version_readmes'>) =>
  db.insertInto('version_readmes').values(row),
);

const insertReference = compiledChange((db, row: RowOf<'repository_versions'>) =>
  db
    .insertInto('repository_versions')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const findRow = compiled(
  (db, { repositoryId, packageId, version }: { repositoryId: string; packageId: string; version: string }) =>
    references(db, repositoryId, packageId, {}).select(documentColumns).where('reference.version', '=', version),
);
