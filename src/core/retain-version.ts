import type { Asset, RepositoryInDomain, VersionInRepository, VersionReference } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { withDurableBlobs } from './durable-blobs.ts';
import { firstRestrictions } from './origin-controls.ts';
import type { ReceivedAsset } from './receive-asset.ts';
import type { RemoteVersion } from './remote-document.ts';
import { revisionOf } from './revision.ts';

/**
 * Keeps a version that was found in an upstream repository in the repository a client asked. Only the reference is
 * written; it has the upstream's status, and no longer depends on the upstream.
 *
 * Neither kind of retention raises the change counter: clients see the same version as before, now from nearer.
 */
export async function retainFromUpstream(
  deps: Deps,
  { domain, repository }: RepositoryInDomain,
  coordinate: PackageCoordinate,
  found: VersionInRepository,
): Promise<void> {
  const { versionId, version, status, display } = found;
  await deps.storage.transaction(async (queries) => {
    const packageId = await queries.packages.ensure(domain.id, coordinate, deps.ids.next());
    await queries.packages.ensureIn(repository.id, packageId, coordinate, firstRestrictions.retained);
    const publishedAt = deps.clock.now();
    const reference: VersionReference = {
      repositoryId: repository.id,
      packageId,
      version,
      versionId,
      status,
      publishedAt,
      display,
    };
    await queries.versions.refer(reference);
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
  await withDurableBlobs(deps.storage, blobs, async (queries) => {
    const now = deps.clock.now();
    const packageId = await queries.packages.ensure(domain.id, coordinate, deps.ids.next());
    await queries.packages.ensureIn(repositoryId, packageId, coordinate, firstRestrictions.retained);
    await queries.packages.lock(repositoryId, packageId);
    const kept = await queries.versions.find(repositoryId, packageId, version);
    const versionId = kept?.versionId ?? deps.ids.next();
    if (kept === undefined) {
      const origin = { type: 'EXTERNAL', repositoryName: null, externalConnectionName: connection } as const;
      const firstPublishedAt = remote.publishedAt ?? now;
      const revision = revisionOf(metadata, assets);
      await queries.versions.insert(
        { id: versionId, packageId, version, revision, origin, firstPublishedAt, metadata, entry },
        assets,
        null,
      );
    }
    for (const keeper of new Set([repositoryId, repository.id])) {
      await queries.packages.ensureIn(keeper, packageId, coordinate, firstRestrictions.retained);
      const reference: VersionReference = {
        repositoryId: keeper,
        packageId,
        version,
        versionId,
        status: kept?.status ?? 'Published',
        publishedAt: now,
        display,
      };
      await queries.versions.refer(reference);
    }
  });
}
