import type { Queries, RepositoryInDomain, VersionInRepository } from '../ports/storage.ts';
import type { PackageInRepository } from './control/find.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Ports } from './core-ports.ts';
import { packageNotFound } from './errors.ts';
import { type BatchResult, checkBatch, type VersionFailure } from './version-batch.ts';

/** How a batch changes versions of one package in one repository. */
export interface BatchChange {
  check(found: VersionInRepository): VersionFailure | undefined;
  /** Changes all of them; each passed the check. */
  apply(queries: Queries, found: readonly VersionInRepository[], at: ChangeContext): Promise<BatchResult['successful']>;
}

export interface ChangeContext {
  readonly target: RepositoryInDomain;
  readonly packageId: string;
  readonly coordinate: PackageCoordinate;
}

/**
 * Changes versions of a package in one transaction, all of them or, when one is missing or fails its check, none.
 *
 * Throws ResourceNotFoundException when the repository lost the package meanwhile.
 */
export async function changeVersions(
  { storage }: Ports,
  { domain, repository, coordinate, displayName }: PackageInRepository,
  versions: readonly string[],
  change: BatchChange,
): Promise<BatchResult> {
  return storage.transaction(async (queries) => {
    const [record] = await queries.packages.findIn([repository.id], coordinate);
    if (record === undefined) throw packageNotFound(coordinate.format, displayName, repository.name);
    const { packageId } = record;
    await queries.packages.lock(repository.id, packageId);
    const { found, failed } = await checkBatch(queries, record, versions, change.check);
    if (failed.size > 0) return { successful: new Map(), failed };
    const at = { target: { domain, repository }, packageId, coordinate };
    const successful = await change.apply(queries, found, at);
    if (found.length > 0) await queries.packages.touch(repository.id, packageId);
    return { successful, failed };
  });
}
