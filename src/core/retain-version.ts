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
import type { AssetSays, FormatRules, VersionTexts } from './format.ts';
import { type Growth, growVersion } from './grow-version.ts';
import { firstRestrictions } from './origin-controls.ts';
import { stagedBytes } from './random-access.ts';
import type { ReceivedAsset } from './receive-asset.ts';
import type { RemoteVersion } from './remote-document.ts';
import { revisionOf } from './revision.ts';
import { findSame, storedKey } from './same-version.ts';
import { recordChange } from './version-events.ts';
import { isDownloadable } from './version-status.ts';

/**
 * Keeps a version, one of whose assets was found in an upstream repository, in the repository a client asked. Only the
 * reference is written; it has the upstream's status, and no longer depends on the upstream. Where the repository has the
 * version without that asset, the asset joins it.
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
  assetName: string,
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
    if (await queries.versions.refer(reference)) {
      await recordCreation(deps, queries, target, coordinate, found);
      return;
    }
    await queries.packages.lock(repository.id, packageId);
    const asset = await queries.versions.asset(found.versionId, assetName);
    if (asset !== undefined)
      await joinIn(deps, queries, [target], coordinate, packageId, { ...found, assets: [asset] });
  });
}

/** What may join a version that a repository has: texts and assets of the whole version where it was found. */
interface Arrival extends Growth {
  readonly version: string;
  /** Whether the assets could be looked into; what another repository holds was, when it came. */
  readonly isReadable?: boolean;
}

/**
 * Adds the assets that a repository lacks of a version it has; others of the given repositories that have the very same
 * content keep sharing it. Call it in a transaction that holds the package's record in the first of them.
 */
async function joinIn(
  deps: Deps,
  queries: Queries,
  targets: readonly [RepositoryInDomain, ...RepositoryInDomain[]],
  coordinate: PackageCoordinate,
  packageId: string,
  { version, assets, isReadable = true, ...texts }: Arrival,
): Promise<void> {
  const [{ repository: first }] = targets;
  const rules = deps.formats.get(coordinate.format) ?? {};
  const held = await findSame(queries.versions, rules, first.id, packageId, version);
  // What was disposed stays so, and what is withheld does not grow (semantics 2.4).
  if (held === undefined || !isDownloadable(held.status)) return;
  const missing: Asset[] = [];
  for (const asset of assets) {
    if ((await queries.versions.asset(held.versionId, asset.name)) === undefined) missing.push(asset);
  }
  if (missing.length === 0) return;
  const growth = { ...narrowed(rules, texts, missing, isReadable), assets: missing };
  const ids = targets.map(({ repository }) => repository.id);
  const { revision, repositoryIds } = await growVersion(deps, queries, rules, held, ids, growth);
  for (const target of targets) {
    if (!repositoryIds.includes(target.repository.id)) continue;
    const { version: number, status } = held;
    const assetsAdded = missing.length;
    const change = { operation: 'Updated', version: number, status, revision, assetsAdded } as const;
    await recordChange(deps, queries, target, packageId, coordinate, change);
  }
}

/** The texts of a version as far as they are about some of its assets. */
function narrowed(
  { narrow }: Pick<FormatRules, 'narrow'>,
  texts: VersionTexts,
  assets: readonly Asset[],
  isReadable: boolean,
): VersionTexts {
  const { metadata, entry } = texts;
  return narrow?.({ metadata, entry }, assets, isReadable) ?? { metadata, entry };
}

/** A repository's own reference to a version that another one has, as it is there. */
export function referenceIn(
  repositoryId: string,
  { packageId, version, versionId, status, display, key }: VersionInRepository,
  publishedAt: number,
): VersionReference {
  return { repositoryId, packageId, version, versionId, status, publishedAt, display, key };
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

/** What the first asset that says anything says of its version. */
async function inspected(
  { formats }: Deps,
  coordinate: PackageCoordinate,
  assets: ExternalArrival['assets'],
): Promise<AssetSays | undefined> {
  for (const { name, received } of assets) {
    const bytes = stagedBytes(received.staged, received.size);
    const says = await formats.get(coordinate.format)?.inspect?.(coordinate, name, bytes);
    if (says !== undefined) return says;
  }
  return undefined;
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
  const { version, entry, display } = remote;
  const said = await inspected(deps, coordinate, arrived);
  const metadata = said?.metadata ?? remote.metadata;
  const assets = arrived.map(({ name, received }): Asset => ({ name, size: received.size, hashes: received.hashes }));
  const blobs = arrived.map(({ received: { hashes, staged } }) => ({ sha256: hashes.sha256, staged }));
  const { groups } = await deps.topologies.of(domain);
  const restrictions = firstRestrictions(groups, coordinate, 'retained');
  const rules = deps.formats.get(coordinate.format) ?? {};
  await withDurableBlobs(deps.storage, blobs, async (queries) => {
    const now = deps.clock.now();
    const packageId = await queries.packages.ensure(domain.id, coordinate, deps.ids.next());
    await queries.packages.ensureIn(repositoryId, packageId, coordinate, restrictions);
    await queries.packages.lock(repositoryId, packageId);
    const source = await queries.repositories.get(repositoryId);
    const isReadable = said !== undefined;
    const arrival = { version, metadata, entry, assets, isReadable };
    if (source !== undefined) {
      const targets = [
        { domain, repository: source },
        { domain, repository },
      ] as const;
      await joinIn(deps, queries, targets, coordinate, packageId, arrival);
    }
    const kept = await findSame(queries.versions, rules, repositoryId, packageId, version);
    const number = kept?.version ?? version;
    const versionId = kept?.versionId ?? deps.ids.next();
    const texts = narrowed(rules, { metadata, entry }, assets, isReadable);
    const revision = kept?.revision ?? revisionOf(texts.metadata, assets);
    if (kept === undefined) {
      const origin = { type: 'EXTERNAL', repositoryName: null, externalConnectionName: connection } as const;
      const firstPublishedAt = remote.publishedAt ?? now;
      await queries.versions.insert(
        { id: versionId, packageId, version: number, revision, origin, firstPublishedAt, ...texts },
        assets,
        said?.readme ?? null,
      );
    }
    const status = kept?.status ?? 'Published';
    for (const keeper of new Map([source, repository].map((each) => [each?.id, each])).values()) {
      if (keeper === undefined) continue;
      await queries.packages.ensureIn(keeper.id, packageId, coordinate, restrictions);
      const reference = { repositoryId: keeper.id, packageId, version: number, versionId, status, publishedAt: now };
      if (!(await queries.versions.refer({ ...reference, display, key: storedKey(rules, number) }))) {
        await joinIn(deps, queries, [{ domain, repository: keeper }], coordinate, packageId, arrival);
        continue;
      }
      await recordChange(deps, queries, { domain, repository: keeper }, packageId, coordinate, {
        operation: 'Created',
        version: number,
        status,
        revision,
        assetsAdded: kept === undefined ? assets.length : await queries.versions.assetCount(versionId),
        isMetadataUpdated: true,
        isStatusChanged: true,
      });
    }
  });
}
