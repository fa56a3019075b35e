import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from '../ports/blobs.ts';
import type { Asset, AssetHashes, RepositoryInDomain, VersionStatus } from '../ports/storage.ts';
import { assetPlaces, type RegistryPlace } from './asset-places.ts';
import { type PackageCoordinate, unitOf } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { assetNotFound, PackyardError } from './errors.ts';
import type { Moment } from './present.ts';
import { retainFromRegistry, retainFromUpstream } from './retain-version.ts';
import { isSmall } from './small-blobs.ts';
import { isDownloadable } from './version-status.ts';

/** An asset that a client may have. */
export interface ResolvedAsset {
  /** Bytes; undefined while a registry that does not announce it is still sending. */
  readonly size: number | undefined;
  /** Lower-case hex; known once the asset is stored. */
  readonly sha256: string | undefined;
  /** Resolves when the asset is stored, or was. */
  hashes(): Promise<AssetHashes>;
  /** All bytes at once, of an asset that is small; undefined of any other. */
  small(): Promise<Buffer | undefined>;
  /** Where the client may fetch a large stored asset by itself; undefined where it is to be served. */
  directUrl(): Promise<string | undefined>;
  /** Writes the bytes, or a range of a stored asset's, to a stream and ends that. Rejects when either breaks off. */
  send(to: Writable, range?: ByteRange): Promise<void>;
}

/**
 * Finds an asset in search order; the first place that has the version decides, also by its status. Where versions of the
 * format grow, an asset that place lacks is looked for further on, among versions of the same origin. What is found
 * upstream is retained: see retain-version.ts. An asset of a public registry streams to the client while it is hashed
 * and stored.
 *
 * Throws ResourceNotFoundException when no one has it or the version's assets cannot be downloaded,
 * BadGatewayException when only an unreachable registry might have it.
 */
export async function resolveAsset(
  deps: Deps,
  moment: Moment,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
  assetName: string,
): Promise<ResolvedAsset> {
  const { repository } = target;
  const key = `asset ${repository.id} ${unitOf(coordinate)} ${version} ${assetName}`;
  const held = await moment.recall(key, async () => ({
    value: await deps.storage.versions.heldAsset(repository.id, coordinate, version, assetName),
  }));
  // Where it nearly always is, at the first place of the search.
  if (held !== undefined) return stored(deps, downloadable(held.status, held.asset, coordinate, version));
  return findAsset(deps, target, coordinate, version, assetName);
}

async function findAsset(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
  assetName: string,
): Promise<ResolvedAsset> {
  const faults: unknown[] = [];
  for await (const place of assetPlaces(deps, target, coordinate, version, assetName)) {
    if (place.kind === 'fault') faults.push(place.error);
    if (place.kind === 'repository') {
      if (place.record.repositoryId !== target.repository.id) {
        await retainFromUpstream(deps, target, coordinate, place.record, place.version.version, assetName);
      }
      return stored(deps, place.asset);
    }
    if (place.kind === 'registry') {
      // A registry that fails is not the last word: a repository further on may have retained the version.
      const attempt = fromRegistry(deps, target, coordinate, place, assetName);
      const resolved = await attempt.catch((error: unknown) => void faults.push(error));
      if (resolved !== undefined) return resolved;
    }
  }
  // A place that could not be looked at may have had it: say so rather than "not found".
  throw faults[0] ?? assetNotFound(assetName, coordinate.name, version);
}

/** Throws ResourceNotFoundException for an asset that the version's status keeps back. */
function downloadable(status: VersionStatus, asset: Asset, { name }: PackageCoordinate, version: string): Asset {
  if (isDownloadable(status)) return asset;
  throw assetNotFound(asset.name, name, version);
}

function stored(deps: Deps, asset: Asset): ResolvedAsset {
  return {
    size: asset.size,
    sha256: asset.hashes.sha256,
    hashes: async () => asset.hashes,
    small: () => deps.smallBlobs.read(asset.hashes.sha256, asset.size),
    directUrl: () => deps.blobs.directUrl(asset.hashes.sha256),
    send: (to, range) => deps.blobs.send(asset.hashes.sha256, to, range ?? { start: 0, end: asset.size - 1 }),
  };
}

async function fromRegistry(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { source, remote }: RegistryPlace,
  assetName: string,
): Promise<ResolvedAsset | undefined> {
  const asset = await deps.remoteAssets.find(source.connection, coordinate, remote, assetName);
  if (asset === undefined) return undefined;
  const { version } = remote;
  // Whoever retains it does so in the repository that has the connection as well.
  const isHere = async () =>
    (await deps.storage.versions.heldAsset(source.repositoryId, coordinate, version, assetName)) !== undefined;
  const download = await deps.downloads.fetch(asset, isHere).catch((error: unknown) => {
    const isMissing = error instanceof PackyardError && error.code === 'ResourceNotFoundException';
    if (isMissing && !remote.assets.some(({ name }) => name === assetName)) deps.remoteAssets.noteMissing(asset);
    throw error;
  });
  if (download === undefined) return findAsset(deps, target, coordinate, version, assetName);
  const retained = download.keptFor(target.repository.id, (received) =>
    retainFromRegistry(deps, target, coordinate, {
      connection: source.connection,
      repositoryId: source.repositoryId,
      remote: { ...remote, publishedAt: remote.publishedAt ?? download.lastModified },
      assets: [{ name: assetName, received }],
    }),
  );
  // The client may be gone by then; the reading below carries the fault to the one that is not.
  retained.catch((error: unknown) => deps.log.warn({ err: error, asset: asset.url }, 'asset was not retained'));
  return {
    size: download.size,
    sha256: undefined,
    async hashes() {
      const { hashes } = await download.done;
      await retained;
      return hashes;
    },
    small: async () => (isSmall(download.size) ? download.whole(retained) : undefined),
    directUrl: async () => undefined,
    send: (to) => pipeline(download.read(retained), to),
  };
}
