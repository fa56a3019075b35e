import type {
  Asset,
  Queries,
  RepositoryInDomain,
  RepositoryPackage,
  VersionInRepository,
  VersionReference,
} from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { withDurableBlobs } from './durable-blobs.ts';
import { versionNotFound } from './errors.ts';
import { firstRestrictions } from './origin-controls.ts';
import type { ReceivedAsset } from './receive-asset.ts';
import type { RemoteVersion } from './remote-document.ts';
import { revisionOf } from './revision.ts';
import { recordChange } from './version-events.ts';
import { isDownloadable } from './version-status.ts';

/**
 * Keeps a version that was found in an upstream repository in the repository a client asked. Only the reference is
 * written; it has the upstream's status, and no longer depends on the upstream.
 *
 * Neither kind of retention raises the change counter: clients see the same version as before, now from nearer.
 * Throws ResourceNotFoundException when the upstream lost the version meanwhile.
 */
export async function retainFromUpstream(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  upstream: RepositoryPackage,
  version: string,
): Promise<void> {
  const { domain, repository } = target;
  const { groups } = await deps.topologies.of(domain);
  await deps.storage.transaction(async (queries) => {
    // Disposing and deleting there wait for this, or have happened.
    await queries.packages.lock(upstream.repositoryId, upstream.packageId);
    const found = await queries.versions.find(upstream.repositoryId, upstream.packageId, version);
    if (found === undefined || !isDownloadable(found.status)) {
      throw versionNotFound(coordinate.format, coordinate.name, version, repository.name);
    }
    const packageId = await queries.packages.ensure(domain.id, coordinate, deps.ids.next());
    const restrictions = firstRestrictions(groups, coordinate, 'retained');
    await queries.packages.ensureIn(repository.id, packageId, coordinate, restrictions);
    const reference = referenceIn(repository.id, found, deps.clock.now());
    if (!(await queries.versions.refer(reference))) return;
    await recordCreation(deps, queries, target, coordinate, found);
  });
}

/** A repository's own reference to a version that another one has, as it is there. */
export function referenceIn(
  repositoryId: string,
  { packageId, version, versionId, status, display }: VersionInRepository,
  publishedAt: number,
): VersionReference {
  return { repositoryId, packageId, version, versionId, status, publishedAt, display };
}

/** Records that a version came into a repository with all it has. Call it in the transaction that brings it. */
export async function recordCreation(
  deps: Deps,
  queries: Queries,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { packageId, version, versionId, status, revision }: VersionInRepository,
): Promise<void> {
  await recordChange(deps, queries, target, packageId, coordinate, {
    operation: 'Created',
    version,
    status,
    revision,
    assetsAdded: await queries.versions.assetCount(versionId),
    isMetadataUpdated: true,
    isStatusChanged: true,
  });
}

/** What came from a public registry, and through which connection of which repository. */
export interface ExternalArrival {
  readonly connection: string;
  /** The repository that has the connection. */
  readonly repositoryId: string;
  readonly remote: RemoteVersion;
  /** Complete and verified. */
  readonly assets: readonly { readonly name: string; readonly received: ReceivedAsset }[];
}

/**
 * Keeps a version that came from a public registry: in the repository that has the connection and in the one a client
 * asked, not in those between. Source: AWS user guide, "Package retention from upstream repositories".
 */
export async function retainFromRegistry(
  deps: Deps,
  { domain, repository }: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { connection, repositoryId, remote, assets: arrived }: ExternalArrival,
): Promise<void> {
  const { version, metadata, entry, display } = remote;
  const assets = arrived.map(({ name, received }): Asset => ({ name, size: received.size, hashes: received.hashes }));
  const blobs = arrived.map(({ received: { hashes, staged } }) => ({ sha256: hashes.sha256, staged }));
  const { groups } = await deps.topologies.of(domain);
  const restrictions = firstRestrictions(groups, coordinate, 'retained');
  await withDurableBlobs(deps.storage, blobs, async (queries) => {
    const now = deps.clock.now();
    const packageId = await queries.packages.ensure(domain.id, coordinate, deps.ids.next());
    await queries.packages.ensureIn(repositoryId, packageId, coordinate, restrictions);
    await queries.packages.lock(repositoryId, packageId);
    const kept = await queries.versions.find(repositoryId, packageId, version);
    const versionId = kept?.versionId ?? deps.ids.next();
    const revision = kept?.revision ?? revisionOf(metadata, assets);
    if (kept === undefined) {
      const origin = { type: 'EXTERNAL', repositoryName: null, externalConnectionName: connection } as const;
      const firstPublishedAt = remote.publishedAt ?? now;
      await queries.versions.insert(
        { id: versionId, packageId, version, revision, origin, firstPublishedAt, metadata, entry },
        assets,
        null,
      );
    }
    const status = kept?.status ?? 'Published';
    for (const keeperId of new Set([repositoryId, repository.id])) {
      const keeper = keeperId === repository.id ? repository : await queries.repositories.get(keeperId);
      if (keeper === undefined) continue;
      await queries.packages.ensureIn(keeperId, packageId, coordinate, restrictions);
      const reference = { repositoryId: keeperId, packageId, version, versionId, status, publishedAt: now, display };
      if (!(await queries.versions.refer(reference))) continue;
      await recordChange(deps, queries, { domain, repository: keeper }, packageId, coordinate, {
        operation: 'Created',
        version,
        status,
        revision,
        assetsAdded: assets.length,
        isMetadataUpdated: true,
        isStatusChanged: true,
      });
    }
  });
}
