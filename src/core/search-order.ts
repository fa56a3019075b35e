import type { Domain, Storage, UpstreamLink } from '../ports/storage.ts';
import { type GroupTree, groupTree } from './package-groups/tree.ts';
import { WeightedCache } from './weighted-cache.ts';

/** A domain's links, by repository, and its package groups. */
export interface DomainTopology {
  readonly groups: GroupTree;
  upstreams(repositoryId: string): readonly UpstreamLink[];
  connections(repositoryId: string): readonly string[];
}

/** Keeps each domain's topology in memory for as long as its revision is the current one. */
export class TopologyCache {
  readonly #cache = new WeightedCache<{ revision: number; topology: DomainTopology }>(1_000);
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async of(domain: Domain): Promise<DomainTopology> {
    const cached = this.#cache.get(domain.id);
    if (cached !== undefined && cached.revision === domain.topologyRevision) return cached.topology;
    const { upstreams, connections } = await this.#storage.repositories.topology(domain.id);
    const { groups, allowed } = await this.#storage.packageGroups.all(domain.id);
    const links = Map.groupBy(upstreams, (link) => link.repositoryId);
    const outside = Map.groupBy(connections, (connection) => connection.repositoryId);
    const topology: DomainTopology = {
      groups: groupTree(groups, allowed),
      upstreams: (repositoryId) => links.get(repositoryId) ?? [],
      connections: (repositoryId) => outside.get(repositoryId)?.map(({ connection }) => connection) ?? [],
    };
    this.#cache.set(domain.id, { revision: domain.topologyRevision, topology });
    return topology;
  }
}

/** Every repository that can be reached from `repositoryId`, itself first. */
export function reachable(topology: DomainTopology, repositoryId: string): string[] {
  const found = new Set([repositoryId]);
  for (const id of found) for (const link of topology.upstreams(id)) found.add(link.upstreamId);
  return [...found];
}

/** One place to look: a repository itself, or the external connection of one. */
export interface SearchStep {
  readonly repositoryId: string;
  readonly connection: string | null;
  /** The way here from the asked repository: the ids of the repositories in between and itself, then the connection. */
  readonly path: readonly string[];
  /** Why there is nothing to look at here: the upstream was deleted, or it lies beyond the limit of the search. */
  readonly isClosedOff?: 'deleted' | 'beyond limit';
}

/**
 * Where a package is looked for from `repositoryId`, in order: the repository, then each upstream depth first in list
 * order, a repository's connection last in its own branch; no repository twice, at most `maxRepositories` in all. Where `isClosed` says
 * so, a repository takes nothing in, from its upstreams or from its connection: nothing behind it is seen through it.
 * Source: AWS user guide, "Upstream repository priority order".
 */
export function* searchOrder(
  topology: DomainTopology,
  repositoryId: string,
  maxRepositories: number,
  isClosed: (repositoryId: string, towards: 'upstreams' | 'connection') => boolean,
): Generator<SearchStep> {
  const visited = new Set<string>();
  function* visit(id: string, way: readonly string[]): Generator<SearchStep> {
    if (visited.has(id)) return;
    const path = [...way, id];
    if (visited.size >= maxRepositories) {
      yield { repositoryId: id, connection: null, path, isClosedOff: 'beyond limit' };
      return;
    }
    visited.add(id);
    yield { repositoryId: id, connection: null, path };
    const links = isClosed(id, 'upstreams') ? [] : topology.upstreams(id);
    for (const link of links) {
      if (link.upstreamName !== null) yield* visit(link.upstreamId, path);
      else
        yield {
          repositoryId: link.upstreamId,
          connection: null,
          path: [...path, link.upstreamId],
          isClosedOff: 'deleted',
        };
    }
    const connections = isClosed(id, 'connection') ? [] : topology.connections(id);
    for (const connection of connections) yield { repositoryId: id, connection, path: [...path, connection] };
  }
  yield* visit(repositoryId, []);
}
