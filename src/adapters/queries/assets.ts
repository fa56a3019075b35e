import type { Selectable } from 'kysely';
import type { Asset, VersionContent, VersionQueries } from '../../ports/storage.ts';
import { compiled } from './compiled.ts';
import type { AssetsTable, Database } from './schema.ts';
import { chunks } from './transaction.ts';

/** What belongs to a version's content: its assets and its readme. */
export function assetQueries(db: Database): Pick<VersionQueries, 'assets' | 'asset' | 'readme'> {
  return {
    async assets(versionId, { after, limit }) {
      let query = db.selectFrom('assets').selectAll().where('version_id', '=', versionId);
      if (after !== undefined) query = query.where('name', '>', after);
      return (await query.orderBy('name').limit(limit).execute()).map(toAsset);
    },

    async asset(versionId, name) {
      const [row] = await findAsset(db, { versionId, name });
      return row && toAsset(row);
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
export async function insertAssets(db: Database, content: VersionContent, assets: readonly Asset[]): Promise<void> {
  for (const some of chunks(assets, 100)) {
    await db
      .insertInto('assets')
      .values((eb) =>
        some.map((asset) => ({
          version_id: content.id,
          name: asset.name,
          domain_id: eb.selectFrom('packages').select('domain_id').where('id', '=', content.packageId),
          size: asset.size,
          md5: asset.hashes.md5,
          sha1: asset.hashes.sha1,
          sha256: asset.hashes.sha256,
          sha512: asset.hashes.sha512,
        })),
      )
      .execute();
  }
}

const findAsset = compiled((db, { versionId, name }: { versionId: string; name: string }) =>
  db.selectFrom('assets').selectAll().where('version_id', '=', versionId).where('name', '=', name),
);

function toAsset(row: Selectable<AssetsTable>): Asset {
  return {
    name: row.name,
    size: row.size,
    hashes: { md5: row.md5, sha1: row.sha1, sha256: row.sha256, sha512: row.sha512 },
  };
}
