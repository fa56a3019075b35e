import type { RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { invalid } from '../errors.ts';
import { externalConnections } from '../external-connections.ts';
import { findRepository } from './find.ts';
import { type RepositoryDetails, readDetails } from './repository-details.ts';
import { clearDanglingUpstreams } from './upstreams.ts';

/**
 * Connects a repository to a public registry. A repository has one connection, or upstreams, or neither.
 *
 * Throws ValidationException for an unknown connection, a second one (AWS's text, the same one again included) and a
 * repository with upstreams; 404 for the domain or the repository. Reference, 2.1.
 */
export async function associateExternalConnection(
  ports: Ports,
  name: RepositoryName,
  connection: string,
): Promise<RepositoryDetails> {
  if (!externalConnections.has(connection)) {
    throw invalid(
      `External connection '${connection}' does not exist. Known ones: ${[...externalConnections.keys()].join(', ')}.`,
    );
  }
  return ports.storage.transaction(async (queries) => {
    const found = await findRepository(queries, name);
    await queries.repositories.touchTopology(found.domain.id);
    const before = await readDetails(queries, found);
    if (before.connections.length > 0) {
      throw invalid('ExternalConnections for repositories are currently limited to 1');
    }
    if (before.upstreams.length > 0) {
      throw invalid(
        `Repository '${name.repository}' has upstream repositories and cannot have an external connection. ` +
          'Remove its upstreams first.',
      );
    }
    await clearDanglingUpstreams(queries, found);
    await queries.repositories.addConnection(found.repository.id, connection);
    return readDetails(queries, found);
  });
}
