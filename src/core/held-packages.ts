import type { PackageListFilter, RepositoryInDomain, RepositoryPackage } from '../ports/storage.ts';
import type { Deps } from './deps.ts';
import { reachable } from './search-order.ts';

const pageSize = 1_000;

/** All packages that a repository itself holds, by format, then name, then namespace. */
export async function* packagesOf(
  { storage }: Deps,
  repositoryId: string,
  filter: PackageListFilter,
): AsyncGenerator<RepositoryPackage> {
  let after: RepositoryPackage | undefined;
  do {
    const page = { ...(after !== undefined && { after }), limit: pageSize };
    const packages = await storage.packages.list(repositoryId, filter, page);
    yield* packages;
    after = packages.length === pageSize ? packages.at(-1) : undefined;
  } while (after !== undefined);
}

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
  const names = new Set<string>();
  for (const repositoryId of reachable(topology, repository.id)) {
    for await (const { name } of packagesOf(deps, repositoryId, { format })) names.add(name);
  }
  return [...names].sort();
}
