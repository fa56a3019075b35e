import type { RepositoryInDomain } from '../ports/storage.ts';
import type { Deps } from './deps.ts';
import { reachable } from './search-order.ts';

const pageSize = 1_000;

/**
 * Names of the packages of a format that the repository or its upstreams hold, in order. What only a public registry has
 * is not among them.
 */
export async function packageNames(
  deps: Deps,
  { domain, repository }: RepositoryInDomain,
  format: string,
): Promise<string[]> {
  const topology = await deps.topologies.of(domain);
  const repositoryIds = reachable(topology, repository.id);
  const names: string[] = [];
  for (;;) {
    const page = { offset: names.length, limit: pageSize };
    const { packages } = await deps.storage.packages.search(repositoryIds, format, '', page);
    names.push(...packages.map(({ name }) => name));
    if (packages.length < pageSize) return names;
  }
}
