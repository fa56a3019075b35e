import type { RepositoryInDomain, VersionInRepository } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import { defaultDisplayVersion } from './default-display-version.ts';
import type { Deps } from './deps.ts';
import { seenRecords } from './package-sources.ts';
import { reachable } from './search-order.ts';

export interface FoundPackage {
  readonly coordinate: PackageCoordinate;
  /** The version that stands for the package. */
  readonly version: VersionInRepository;
}

/**
 * Packages of a format that the repository or its upstreams hold, as far as they are seen there, and whose name contains
 * `text`, by name. What only a public registry has is not searched; `total` counts what is not seen, too.
 */
export async function searchPackages(
  deps: Deps,
  { domain, repository }: RepositoryInDomain,
  query: { format: string; text: string; defaultTag: string | null; offset: number; limit: number },
): Promise<{ found: FoundPackage[]; total: number }> {
  const topology = await deps.topologies.of(domain);
  const { format, text, defaultTag, offset, limit } = query;
  const repositoryIds = reachable(topology, repository.id);
  const { packages, total } = await deps.storage.packages.search(repositoryIds, format, text, { offset, limit });
  const found: FoundPackage[] = [];
  for (const { format, namespace, name } of packages) {
    const coordinate = { format, namespace, name };
    const held = await deps.storage.packages.findIn(repositoryIds, coordinate);
    const [record] = seenRecords(deps, topology, repository.id, coordinate, held);
    if (record === undefined) continue;
    const version = await defaultDisplayVersion(deps.storage, record, defaultTag);
    if (version !== undefined) found.push({ coordinate, version });
  }
  return { found, total };
}
