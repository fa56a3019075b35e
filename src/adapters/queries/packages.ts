import type { PackageCoordinate } from '../../core/coordinates.ts';
import { variantKey } from '../../core/package-groups/variants.ts';
import type { PackageListFilter, PackageQueries, RepositoryPackage } from '../../ports/storage.ts';
import { compiled, compiledChange } from './compiled.ts';
import { packageKey, toRepositoryPackage } from './package-rows.ts';
import { searchPackages } from './package-search.ts';
import { hasPrefix } from './prefix.ts';
import type { Database, RowOf } from './schema.ts';

/** Packages of a domain and of its repositories, on any engine. */
export function packageQueries(db: Database): PackageQueries {
  return {
    async ensure(domainId, coordinate, newId) {
      // Most packages exist: ask before writing. After a lost race the winner's row is there to be read.
      const known = await findPackageId(db, domainId, coordinate);
      if (known !== undefined) return known;
      const row = { ...packageKey(coordinate), variant: variantKey(coordinate), event_sequence: 0 };
      if ((await insertPackage(db, { id: newId, domain_id: domainId, ...row })) === 1) return newId;
      const winner = await findPackageId(db, domainId, coordinate);
      if (winner === undefined) throw new Error('A package was removed while it was being added.');
      return winner;
    },

    async findIn(repositoryIds, coordinate) {
      if (repositoryIds.length === 0) return [];
      const { format, namespace, name } = packageKey(coordinate);
      const rows = await findRows(db, { repositoryIds, format, namespace, name });
      return rows.map(toRepositoryPackage);
    },

    async ensureIn(repositoryId, packageId, coordinate, restrictions) {
      const inserted = await insertRecord(db, {
        repository_id: repositoryId,
        package_id: packageId,
        ...packageKey(coordinate),
        folded: folded(coordinate),
        publish: restrictions.publish,
        upstream: restrictions.upstream,
        change_counter: 0,
      });
      return inserted === 1;
    },

    async list(repositoryId, filter, { after, limit }) {
      if (filter.format !== undefined || filter.namePrefix === undefined)
        return listPackages(db, repositoryId, filter, { after, limit });
      // The index begins with the format: a prefix of the name is sought within one format after the other.
      const found: RepositoryPackage[] = [];
      let format = after?.format ?? (await nextFormat(db, repositoryId, ''));
      while (format !== undefined && found.length < limit) {
        const page = { after: after?.format === format ? after : undefined, limit: limit - found.length };
        found.push(...(await listPackages(db, repositoryId, { ...filter, format }, page)));
        format = await nextFormat(db, repositoryId, format);
      }
      return found;
    },

    search: (repositoryIds, format, text, page) => searchPackages(db, repositoryIds, format, text, page),

    async touch(repositoryId, packageId) {
      await raiseCounter(db, { repositoryId, packageId, by: 1 });
    },

    async lock(repositoryId, packageId) {
      await raiseCounter(db, { repositoryId, packageId, by: 0 });
    },

    async setRestrictions(repositoryId, packageId, { publish, upstream }) {
      await db
        .updateTable('repository_packages')
        .set({ publish, upstream })
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .execute();
    },

    async removeFrom(repositoryId, packageId) {
      await db
        .deleteFrom('repository_packages')
        .where('repository_id', '=', repositoryId)
        .where('package_id', '=', packageId)
        .execute();
    },
  };
}

const findRows = compiled(
  (db, coordinate: { repositoryIds: readonly string[]; format: string; namespace: string; name: string }) =>
    db
      .selectFrom('repository_packages')
      .selectAll()
      .where('repository_id', 'in', coordinate.repositoryIds)
      .where('format', '=', coordinate.format)
      .where('name', '=', coordinate.name)
      .where('namespace', '=', coordinate.namespace),
);

const raiseCounter = compiledChange(
  (db, { repositoryId, packageId, by }: { repositoryId: string; packageId: string; by: number }) =>
    db
      .updateTable('repository_packages')
      .set((eb) => ({ change_counter: eb('change_counter', '+', by) }))
      .where('repository_id', '=', repositoryId)
      .where('package_id', '=', packageId),
);

async function findPackageId(
  db: Database,
  domainId: string,
  coordinate: PackageCoordinate,
): Promise<string | undefined> {
  const [row] = await findId(db, { domainId, ...packageKey(coordinate) });
  return row?.id;
}

const findId = compiled(
  (db, { domainId, format, name, namespace }: { domainId: string; format: string; name: string; namespace: string }) =>
    db
      .selectFrom('packages')
      .select('id')
      .where('domain_id', '=', domainId)
      .where('format', '=', format)
      .where('name', '=', name)
      .where('namespace', '=', namespace),
);

const insertPackage = compiledChange((db, row: RowOf<'packages'>) =>
  db
    .insertInto('packages')
    .values(row)
    .onConflict((conflict) => conflict.columns(['domain_id', 'format', 'name', 'namespace']).doNothing()),
);

const insertRecord = compiledChange((db, row: RowOf<'repository_packages'>) =>
  db
    .insertInto('repository_packages')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

async function listPackages(
  db: Database,
  repositoryId: string,
  filter: PackageListFilter,
  { after, limit }: { readonly after: PackageCoordinate | undefined; readonly limit: number },
): Promise<RepositoryPackage[]> {
  let query = filtered(db, repositoryId, filter, after);
  if (after !== undefined) {
    const { format, name, namespace } = packageKey(after);
    // Implied by the next condition; said because an index can use it together with the format.
    if (filter.format === format) query = query.where('name', '>=', name);
    query = query.where((eb) => eb(eb.refTuple('format', 'name', 'namespace'), '>', eb.tuple(format, name, namespace)));
  }
  const rows = await query.orderBy('format').orderBy('name').orderBy('namespace').limit(limit).execute();
  return rows.map(toRepositoryPackage);
}

/** The first format after `format` of which the repository has packages. */
async function nextFormat(db: Database, repositoryId: string, format: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('repository_packages')
    .select('format')
    .where('repository_id', '=', repositoryId)
    .where('format', '>', format)
    .orderBy('format')
    .limit(1)
    .executeTakeFirst();
  return row?.format;
}

function filtered(db: Database, repositoryId: string, filter: PackageListFilter, after?: PackageCoordinate) {
  const { format, publish, upstream, namePrefix, namespacePrefix } = filter;
  let query = db.selectFrom('repository_packages').selectAll().where('repository_id', '=', repositoryId);
  if (format !== undefined) query = query.where('format', '=', format);
  if (publish !== undefined) query = query.where('publish', '=', publish);
  if (upstream !== undefined) query = query.where('upstream', '=', upstream);
  if (namePrefix !== undefined) {
    query = query.where((eb) =>
      hasPrefix(eb.ref('name'), namePrefix, format === after?.format ? after?.name : undefined),
    );
  }
  if (namespacePrefix !== undefined) query = query.where((eb) => hasPrefix(eb.ref('namespace'), namespacePrefix));
  return query;
}

function folded(coordinate: PackageCoordinate): string {
  return `${coordinate.namespace ?? ''}/${coordinate.name}`.toLowerCase();
}
