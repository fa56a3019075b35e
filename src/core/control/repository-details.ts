import type { Queries, RepositoryInDomain } from '../../ports/storage.ts';
import type { RepositoryName } from '../coordinates.ts';
import { findRepository } from './find.ts';

/** A repository with what it draws packages from. */
export interface RepositoryDetails extends RepositoryInDomain {
  /** Names in search order; links to repositories that no longer exist are left out (reference, 2.17; unverified). */
  readonly upstreams: readonly string[];
  readonly connections: readonly string[];
}

/** Adds upstreams and connections to a repository that was found. */
export async function readDetails(queries: Queries, found: RepositoryInDomain): Promise<RepositoryDetails> {
  const links = await queries.repositories.upstreams(found.repository.id);
  const upstreams = links.flatMap(({ upstreamName }) => (upstreamName === null ? [] : [upstreamName]));
  const connections = await queries.repositories.connections(found.repository.id);
  return { ...found, upstreams, connections };
}

/** Throws AWS's 404 for the domain or the repository. */
export async function describeRepository(queries: Queries, name: RepositoryName): Promise<RepositoryDetails> {
  return readDetails(queries, await findRepository(queries, name));
}
