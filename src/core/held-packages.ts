import type { PackageListFilter, RepositoryInDomain, RepositoryPackage } from '../ports/storage.ts';
import type { Deps } from './deps.ts';
import { seenRecords } from './package-sources.ts';
import { reachable } from './search-order.ts';

const pageSize = 1_000;

/** All packages that a repository itself holds, by format, then name, then namespace. */
async function* packagesOf(
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
 * Names of the packages of a format without namespaces that the repository or its upstreams hold, as far as they are
 * seen there, in order. What only a public registry has is not among them.
 */
export async function packageNames(
  deps: Deps,
  { domain, repository }: RepositoryInDomain,
  format: string,
): Promise<string[]> {
  const topology = await deps.topologies.of(domain);
  const records = new Map<string, RepositoryPackage[]>();
  for (const repositoryId of reachable(topology, repository.id)) {
    for await (const record of packagesOf(deps, repositoryId, { format })) {
      const known = records.get(record.name);
      if (known === undefined) records.set(record.name, [record]);
      else known.push(record);
    }
  }
  const isSeen = (name: string) => {
    const held = records.get(name) ?? [];
    const coordinate = { format, namespace: null, name };
    return (
      held.some(({ repositoryId }) => repositoryId === repository.id) ||
      seenRecords(deps, topology, repository.id, coordinate, held).length > 0
    );
  };
  return [...records.keys()].filter(isSeen).sort();
}
