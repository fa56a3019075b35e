import type { RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { invalid } from '../errors.ts';
import { storedDescription } from './create-repository.ts';
import { findRepository } from './find.ts';
import { describeRepository, type RepositoryDetails } from './repository-details.ts';
import { clearDanglingUpstreams, setUpstreams } from './upstreams.ts';

export interface RepositoryChange {
  /** Absent: kept. Empty: removed. */
  readonly description?: string | undefined;
  /** Absent: kept, without links to deleted repositories. Given: the whole new list. */
  readonly upstreams?: readonly string[] | undefined;
}

/**
 * Changes a repository's description and upstreams.
 *
 * Throws 404 for the repository or an upstream; ValidationException for upstreams against the rules, and for any
 * upstreams, even none, on a repository with an external connection (reference, 2.48).
 */
export async function updateRepository(
  ports: Ports,
  name: RepositoryName,
  change: RepositoryChange,
): Promise<RepositoryDetails> {
  return ports.storage.transaction(async (queries) => {
    const found = await findRepository(queries, name);
    await queries.repositories.touchTopology(found.domain.id);
    if (change.description !== undefined) {
      await queries.repositories.setDescription(found.repository.id, storedDescription(change.description));
    }
    if (change.upstreams === undefined) {
      await clearDanglingUpstreams(queries, found);
    } else {
      const [connection] = await queries.repositories.connections(found.repository.id);
      if (connection !== undefined) {
        throw invalid(
          `Repository '${name.repository}' has the external connection '${connection}' and cannot have upstreams. ` +
            'Disassociate the external connection first.',
        );
      }
      await setUpstreams(queries, found, change.upstreams, ports.quotas);
    }
    return describeRepository(queries, name);
  });
}
