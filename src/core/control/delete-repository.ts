import { repositoryArn } from '../arns.ts';
import type { RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { findRepository } from './find.ts';
import { type RepositoryDetails, readDetails } from './repository-details.ts';
import { holdTags } from './tags.ts';

/**
 * Deletes a repository with its contents and tags, and returns what it was. Repositories that list it as an upstream
 * keep a link that leads nowhere (reference, 2.11).
 *
 * Throws 404 for the domain or the repository.
 */
export async function deleteRepository(ports: Ports, name: RepositoryName): Promise<RepositoryDetails> {
  return ports.storage.transaction(async (queries) => {
    const found = await findRepository(queries, name);
    const details = await readDetails(queries, found);
    await queries.repositories.touchTopology(found.domain.id);
    await holdTags(queries, name);
    await queries.resourceTags.deleteAll(repositoryArn(name));
    await queries.repositories.delete(found.repository.id);
    return details;
  });
}
