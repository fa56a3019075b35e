import type { RepositoryInDomain, RepositoryPackage } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { PackyardError } from './errors.ts';
import type { RemoteDocument } from './remote-document.ts';
import { type DomainTopology, reachable, type SearchStep, searchOrder } from './search-order.ts';

/** A repository's own record of a package. */
export interface RepositorySource {
  readonly kind: 'repository';
  readonly path: readonly string[];
  readonly record: RepositoryPackage;
}

/** A public registry that lists the package. */
export interface RegistrySource {
  readonly kind: 'registry';
  readonly path: readonly string[];
  /** The repository that has the connection. */
  readonly repositoryId: string;
  readonly connection: string;
  document(): Promise<RemoteDocument>;
}

/** What looking at one place brought. */
export type SourceStep =
  | RepositorySource
  | RegistrySource
  /** A registry was asked, whether it lists the package or not. */
  | { readonly kind: 'asked'; readonly connection: string; readonly state: string; readonly freshUntil: number }
  /** The search ended before it had seen everything. */
  | { readonly kind: 'limit' }
  /** A place that may know more of the package could not be looked at. */
  | { readonly kind: 'fault'; readonly error: unknown; readonly isLasting: boolean };

/**
 * Looks for a package, place after place in search order, no further than the caller asks: what a nearer repository
 * answers costs no look at a registry behind it.
 *
 * @param asksRegistries whether public registries are places too
 */
export async function* packageSources(
  deps: Deps,
  { domain, repository }: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { asksRegistries = true }: { readonly asksRegistries?: boolean } = {},
): AsyncGenerator<SourceStep> {
  const topology = await deps.topologies.of(domain);
  const records = await deps.storage.packages.findIn(reachable(topology, repository.id), coordinate);
  const byRepository = new Map(records.map((record) => [record.repositoryId, record]));
  const steps = packageSearch(deps, topology, repository.id, coordinate, byRepository);
  for (const { repositoryId, connection, path, isClosedOff } of steps) {
    const record = byRepository.get(repositoryId);
    if (isClosedOff === 'deleted') {
      yield { kind: 'fault', error: danglingUpstream(), isLasting: true };
    } else if (isClosedOff === 'beyond limit') {
      yield { kind: 'limit' };
    } else if (connection === null) {
      if (record !== undefined) yield { kind: 'repository', path, record };
    } else if (asksRegistries) {
      try {
        // Who can be answered from elsewhere need not wait long for a registry.
        const listing = await deps.remotePackages.find(connection, coordinate, { isUrgent: records.length > 0 });
        if (listing === undefined) continue;
        yield { kind: 'asked', connection, state: listing.state, freshUntil: listing.freshUntil };
        const { document } = listing;
        if (document !== undefined) yield { kind: 'registry', path, repositoryId, connection, document };
      } catch (error) {
        yield { kind: 'fault', error, isLasting: false };
      }
    }
  }
}

/**
 * Where a package is looked for from a repository. `records` are what the repositories that can be reached have of it: a
 * package's own restrictions close what is behind a repository, and so do those of its group.
 */
function packageSearch(
  { formats, quotas }: Pick<Deps, 'formats' | 'quotas'>,
  topology: DomainTopology,
  repositoryId: string,
  coordinate: PackageCoordinate,
  records: ReadonlyMap<string, RepositoryPackage>,
): Generator<SearchStep> {
  const isIsolated = formats.get(coordinate.format)?.isIsolated === true;
  // Group restrictions are about where a version would be retained: in the asked repository and in the connection's.
  const mayTakeIn = (id: string, towards: 'upstreams' | 'connection') =>
    towards === 'connection'
      ? topology.groups.allows(coordinate, 'EXTERNAL_UPSTREAM', id)
      : id !== repositoryId || topology.groups.allows(coordinate, 'INTERNAL_UPSTREAM', id);
  const isClosed = (id: string, towards: 'upstreams' | 'connection') =>
    isIsolated || records.get(id)?.restrictions.upstream === 'BLOCK' || !mayTakeIn(id, towards);
  return searchOrder(topology, repositoryId, quotas.repositoriesSearched, isClosed);
}

/**
 * Those of a package's records, in search order, that are seen from a repository. `records` are all that the
 * repositories have that can be reached from there.
 */
export function seenRecords(
  deps: Pick<Deps, 'formats' | 'quotas'>,
  topology: DomainTopology,
  repositoryId: string,
  coordinate: PackageCoordinate,
  records: readonly RepositoryPackage[],
): RepositoryPackage[] {
  const byRepository = new Map(records.map((record) => [record.repositoryId, record]));
  const seen: RepositoryPackage[] = [];
  for (const step of packageSearch(deps, topology, repositoryId, coordinate, byRepository)) {
    const record = step.connection === null ? byRepository.get(step.repositoryId) : undefined;
    if (record !== undefined && step.isClosedOff === undefined) seen.push(record);
  }
  return seen;
}

/** AWS's behaviour: the link is to a repository's identity, so a new one of the same name does not mend it. */
function danglingUpstream(): PackyardError {
  return new PackyardError(
    'ResourceNotFoundException',
    'A repository in the upstream graph no longer exists. Call UpdateRepository on the repository that lists it to ' +
      'set its upstreams anew.',
    { resourceType: 'repository' },
  );
}
