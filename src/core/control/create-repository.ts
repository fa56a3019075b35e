import type { Repository } from '../../ports/storage.ts';
import type { Caller } from '../caller.ts';
import type { RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { conflict, quotaExceeded } from '../errors.ts';
import { findDomain } from './find.ts';
import { type RepositoryDetails, readDetails } from './repository-details.ts';
import { type ResourceTag, tagNewResource } from './tags.ts';
import { setUpstreams } from './upstreams.ts';

export interface NewRepository {
  readonly description?: string | undefined;
  /** Names in search order. */
  readonly upstreams?: readonly string[] | undefined;
  readonly tags?: readonly ResourceTag[] | undefined;
}

/**
 * Creates a repository administered by the caller's account, with its upstreams and tags.
 *
 * Throws 404 for the domain or an upstream, ConflictException for a name that is taken, quota exceeded, and
 * ValidationException for upstreams or tags against the rules.
 */
export async function createRepository(
  ports: Ports,
  caller: Caller,
  name: RepositoryName,
  input: NewRepository,
): Promise<RepositoryDetails> {
  const id = ports.ids.next();
  const createdAt = ports.clock.now();
  return ports.storage.transaction(async (queries) => {
    const domain = await findDomain(queries, name);
    await queries.repositories.touchTopology(domain.id);
    const repository: Repository = {
      id,
      domainId: domain.id,
      name: name.repository,
      administratorAccount: caller.account,
      description: storedDescription(input.description),
      createdAt,
    };
    const count = await queries.domains.repositoryCount(domain.id);
    if (!(await queries.repositories.insert(repository))) {
      throw conflict(
        `Repository '${name.repository}' in domain '${name.domain}' owned by account '${name.owner}' already exists.`,
        'repository',
        name.repository,
      );
    }
    if (count >= ports.quotas.repositoriesPerDomain) {
      throw quotaExceeded(
        `Domain '${name.domain}' has ${count} repositories; the quota is ${ports.quotas.repositoriesPerDomain}.`,
        'repository',
        name.repository,
      );
    }
    const found = { domain, repository };
    await setUpstreams(queries, found, input.upstreams ?? [], ports.quotas);
    await tagNewResource(queries, { kind: 'repository', ...name }, input.tags ?? [], ports.quotas);
    return readDetails(queries, found);
  });
}

/** An empty description is none: Terraform sends one to clear it (reference, 2.48; unverified). */
export function storedDescription(description: string | undefined): string | null {
  return description === undefined || description === '' ? null : description;
}
