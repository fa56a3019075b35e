import type { Selectable } from 'kysely';
import type { Asset, VersionContent, VersionQueries } from '../../ports/storage.ts';
import { compiled, compiledChange } from './compiled.ts';
import { packageKey } from './package-rows.ts';
import { hasPrefix } from './prefix.ts';
import type { AssetsTable, Database, RowOf } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** What belongs to a version's content: its assets and its readme. */
export function assetQueries(
  db: Database,
): Pick<VersionQueries, 'assets' | 'asset' | 'assetNames' | 'heldAsset' | 'readme' | 'grow' | 'assetCount'> {
  return {
    async grow(versionId, assets, { metadata, entry, revision }) {
      await inTransaction(db, async (db) => {
        const { package_id: packageId } = await db
          .updateTable('versions')
          .set({ metadata, entry, revision })
          .where('id', '=', versionId)
          .returning('package_id')
          .executeTakeFirstOrThrow();
        await insertAssets(db, { id: versionId, packageId }, assets);
      });
    },

    async assetCount(versionId) {
      const { count } = await db
        .selectFrom('assets')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('version_id', '=', versionId)
        .executeTakeFirstOrThrow();
      return count;
    },

    async assets(versionId, { after, limit }) {
      let query = db.selectFrom('assets').selectAll().where('version_id', '=', versionId);
      if (after !== undefined) query = query.where('name', '>', after);
      return (await query.orderBy('name').limit(limit).execute()).map(toAsset);
    },

    async asset(versionId, name) {
      const [row] = await findAsset(db, { versionId, name });
      return row && toAsset(row);
    },

    async assetNames(repositoryId, packageId, prefix) {
      return db
        .selectFrom('repository_versions as reference')
        .innerJoin('assets', 'assets.version_id', 'reference.version_id')
        .select(['reference.version', 'reference.status', 'assets.name'])
        .where('reference.repository_id', '=', repositoryId)
        .where('reference.package_id', '=', packageId)
        .where((eb) => hasPrefix(eb.ref('reference.version'), prefix))
        .execute();
    },

    async heldAsset(repositoryId, coordinate, version, asset) {
      const [row] = await findHeldAsset(db, { repositoryId, ...packageKey(coordinate), version, asset });
      return row && { status: row.status, asset: toAsset(row) };
    },

    async readme(versionId) {
      const row = await db
        .selectFrom('version_readmes')
        .select('readme')
        .where('version_id', '=', versionId)
        .executeTakeFirst();
      return row?.readme;
    },
  };
}

/** Adds a new content's assets. */
export async function insertAssets(
  db: Database,
  content: Pick<VersionContent, 'id' | 'packageId'>,
  assets: readonly Asset[],
): Promise<void> {
  for (const { name, size, hashes } of assets) {
    await insertAsset(db, { version_id: content.id, package_id: content.packageId, name, size, ...hashes });
  }
}

interface AssetRow extends Omit<RowOf<'assets'>, 'domain_id'> {
  readonly package_id: string;
}

const insertAsset = compiledChange((db, { package_id, ...row }: Pick<AssetRow, keyof AssetRow>) =>
  db.insertInto('assets').values((eb) => ({
    ...row,
    domain_id: eb.selectFrom('packages').select('domain_id').where('id', '=', package_id),
  })),
);

const findAsset = compiled((db, { versionId, name }: { versionId: string; name: string }) =>
  db.selectFrom('assets').selectAll().where('version_id', '=', versionId).where('name', '=', name),
);

interface HeldAsset extends ReturnType<typeof packageKey> {
  readonly repositoryId: string;
  readonly version: string;
  readonly asset: string;
}

const findHeldAsset = compiled(
  (db, { repositoryId, format, name, namespace, version, asset }: HeldAsset & Record<string, string>) =>
    db
      .selectFrom('repository_packages as package')
      .innerJoin('repository_versions as reference', (join) =>
        join
          .onRef('reference.repository_id', '=', 'package.repository_id')
          .onRef('reference.package_id', '=', 'package.package_id'),
      )
      .innerJoin('assets', 'assets.version_id', 'reference.version_id')
      .selectAll('assets')
      .select('reference.status')
      .where('package.repository_id', '=', repositoryId)
      .where('package.format', '=', format)
      .where('package.name', '=', name)
      .where('package.namespace', '=', namespace)
      .where('reference.version', '=', version)
      .where('assets.name', '=', asset),
);

function toAsset(row: Selectable<AssetsTable>): Asset {
  return {
    name: row.name,
    size: row.size,
    hashes: { md5: row.md5, sha1: row.sha1, sha256: row.sha256, sha512: row.sha512 },
  };
}
