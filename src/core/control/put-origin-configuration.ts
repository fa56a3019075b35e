import type { Restrictions } from '../../ports/storage.ts';
import type { PackageCoordinate, RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { findRepository, normalizeCoordinate } from './find.ts';

/**
 * Sets a package's restrictions in a repository. A package that is not there gets a record without versions, so that
 * rules can stand before anything arrives. Source: AWS user guide, "Editing package origin controls".
 *
 * Throws 404 for the domain or the repository.
 */
export async function putOriginConfiguration(
  ports: Ports,
  name: RepositoryName,
  given: PackageCoordinate,
  restrictions: Restrictions,
): Promise<void> {
  const coordinate = normalizeCoordinate(ports, given);
  await ports.storage.transaction(async (queries) => {
    const { domain, repository } = await findRepository(queries, name);
    const packageId = await queries.packages.ensure(domain.id, coordinate, ports.ids.next());
    await queries.packages.ensureIn(repository.id, packageId, coordinate, restrictions);
    await queries.packages.setRestrictions(repository.id, packageId, restrictions);
    await queries.packages.touch(repository.id, packageId);
  });
}
