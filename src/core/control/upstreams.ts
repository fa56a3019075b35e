import type { Queries, RepositoryInDomain } from '../../ports/storage.ts';
import { invalid, quotaExceeded, repositoryNotFound } from '../errors.ts';
import type { Quotas } from '../quotas.ts';

/**
 * Replaces a repository's upstreams, in search order. All are of the repository's own domain. Call it in the
 * transaction of the change, after `touchTopology`, which keeps a second change of the domain from crossing this one.
 *
 * Throws ValidationException for the repository itself, a name given twice and a cycle; quota exceeded; 404
 * for an upstream that does not exist (reference, section 6; all unverified).
 */
export async function setUpstreams(
  queries: Queries,
  { domain, repository }: RepositoryInDomain,
  names: readonly string[],
  quotas: Quotas,
): Promise<void> {
  if (names.length > quotas.directUpstreams) {
    throw quotaExceeded(
      `A repository can have at most ${quotas.directUpstreams} upstreams.`,
      'repository',
      repository.name,
    );
  }
  if (names.includes(repository.name)) throw invalid(`Repository '${repository.name}' cannot be its own upstream.`);
  const upstreams = new Map<string, string>();
  for (const name of names) {
    if (upstreams.has(name)) throw invalid(`Upstream repository '${name}' is given more than once.`);
    const upstream = await queries.repositories.find(domain.id, name);
    if (upstream === undefined) throw repositoryNotFound(name, domain.name, domain.owner);
    upstreams.set(name, upstream.id);
  }
  const ids = [...upstreams.values()];
  const reached = await reachedFrom(queries, domain.id, ids);
  if (reached.has(repository.id)) {
    throw invalid(`These upstreams would lead from repository '${repository.name}' back to itself.`);
  }
  await queries.repositories.setUpstreams(repository.id, ids);
}

async function reachedFrom(queries: Queries, domainId: string, ids: readonly string[]): Promise<Set<string>> {
  const reached = new Set(ids);
  if (reached.size === 0) return reached;
  const { upstreams } = await queries.repositories.topology(domainId);
  const links = Map.groupBy(upstreams, (link) => link.repositoryId);
  for (const id of reached) for (const link of links.get(id) ?? []) reached.add(link.upstreamId);
  return reached;
}

/** Forgets links to repositories that no longer exist. AWS does so on any UpdateRepository (reference, 2.48). */
export async function clearDanglingUpstreams(queries: Queries, { repository }: RepositoryInDomain): Promise<void> {
  const links = await queries.repositories.upstreams(repository.id);
  const alive = links.filter(({ upstreamName }) => upstreamName !== null);
  if (alive.length === links.length) return;
  await queries.repositories.setUpstreams(
    repository.id,
    alive.map(({ upstreamId }) => upstreamId),
  );
}
