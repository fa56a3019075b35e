import type { RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { PackyardError } from '../errors.ts';
import { findRepository } from './find.ts';
import { type RepositoryDetails, readDetails } from './repository-details.ts';

/**
 * Ends a repository's connection to a public registry; what came through it stays.
 *
 * Throws 404 for the domain, the repository, and a connection the repository does not have (reference, 2.18).
 */
export async function disassociateExternalConnection(
  ports: Ports,
  name: RepositoryName,
  connection: string,
): Promise<RepositoryDetails> {
  return ports.storage.transaction(async (queries) => {
    const found = await findRepository(queries, name);
    await queries.repositories.touchTopology(found.domain.id);
    if (!(await queries.repositories.removeConnection(found.repository.id, connection))) {
      throw new PackyardError(
        'ResourceNotFoundException',
        `Repository '${name.repository}' has no external connection '${connection}'.`,
        { resourceType: 'repository', resourceId: name.repository },
      );
    }
    return readDetails(queries, found);
  });
}
