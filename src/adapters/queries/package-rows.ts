import type { Selectable } from 'kysely';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { RepositoryPackage } from '../../ports/storage.ts';
import type { RepositoryPackagesTable } from './schema.ts';

/** A coordinate as the tables keep it. */
export function packageKey({ format, namespace, name }: PackageCoordinate) {
  return { format, namespace: namespace ?? '', name };
}

/** The port's shape of a row. */
export function toRepositoryPackage(row: Selectable<RepositoryPackagesTable>): RepositoryPackage {
  return {
    repositoryId: row.repository_id,
    packageId: row.package_id,
    format: row.format,
    namespace: row.namespace === '' ? null : row.namespace,
    name: row.name,
    restrictions: { publish: row.publish, upstream: row.upstream },
    changeCounter: row.change_counter,
  };
}
