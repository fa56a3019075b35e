import type { RepositoryPackage } from '../../ports/storage.ts';
import type { Ports } from '../core-ports.ts';
import { removeVersions } from '../delete-versions.ts';
import { packageNotFound } from '../errors.ts';
import type { PackageInRepository } from './find.ts';

const pageSize = 200;

/**
 * Deletes a package from a repository: its versions, each with an event, its tags and its origin configuration. Returns
 * what it was. Source: AWS API reference, DeletePackage.
 *
 * Throws ResourceNotFoundException when the repository lost the package meanwhile.
 */
export async function deletePackage(ports: Ports, found: PackageInRepository): Promise<RepositoryPackage> {
  const { domain, repository, coordinate, displayName } = found;
  return ports.storage.transaction(async (queries) => {
    const [record] = await queries.packages.findIn([repository.id], coordinate);
    if (record === undefined) throw packageNotFound(coordinate.format, displayName, repository.name);
    const { packageId } = record;
    await queries.packages.lock(repository.id, packageId);
    const at = { target: { domain, repository }, packageId, coordinate };
    for (;;) {
      const page = await queries.versions.list(repository.id, packageId, {}, { limit: pageSize });
      if (page.length === 0) break;
      await removeVersions(ports, queries, page, at);
    }
    await queries.packages.removeFrom(repository.id, packageId);
    // A later package of that name counts its changes from 0 again: nothing rendered before may pass for it.
    await queries.repositories.touchTopology(domain.id);
    return record;
  });
}
