import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from '../ports/blobs.ts';
import type { Asset, RepositoryInDomain, RepositoryPackage, VersionStatus } from '../ports/storage.ts';
import { type PackageCoordinate, unitOf } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { assetNotFound, PackyardError } from './errors.ts';
import type { RemoteRules } from './format.ts';
import { packageSources, type RegistrySource } from './package-sources.ts';
import type { Moment } from './present.ts';
import type { RemoteVersion } from './remote-document.ts';
import { retainFromRegistry, retainFromUpstream } from './retain-version.ts';
import { isSmall } from './small-blobs.ts';
import { isDownloadable } from './version-status.ts';

/** An asset that a client may have. */
export interface ResolvedAsset {
  /** Bytes; undefined while a registry that does not announce it is still sending. */
  readonly size: number | undefined;
  /** Lower-case hex; known once the asset is stored. */
  readonly sha256: string | undefined;
  /** All bytes at once, of an asset that is small; undefined of any other. */
  small(): Promise<Buffer | undefined>;
  /** Where the client may fetch a large stored asset by itself; undefined where it is to be served. */
  directUrl(): Promise<string | undefined>;
  /** Writes the bytes, or a range of a stored asset's, to a stream and ends that. Rejects when either breaks off. */
  send(to: Writable, range?: ByteRange): Promise<void>;
}

/**
 * Finds an asset in search order; the first place that has the version decides, also by its status. What is found
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
  for await (const step of packageSources(deps, target, coordinate)) {
    if (step.kind === 'fault') faults.push(step.error);
    if (step.kind === 'repository') {
      const resolved = await fromRepository(deps, target, coordinate, step.record, version, assetName);
      if (resolved !== undefined) return resolved;
    }
    if (step.kind === 'registry') {
      // A registry that fails is not the last word: a repository further on may have retained the version.
      const attempt = fromRegistry(deps, target, coordinate, step, version, assetName);
      const resolved = await attempt.catch((error: unknown) => void faults.push(error));
      if (resolved !== undefined) return resolved;
    }
  }
  // A place that could not be looked at may have had it: say so rather than "not found".
  throw faults[0] ?? assetNotFound(assetName, coordinate.name, version);
}

async function fromRepository(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  record: RepositoryPackage,
  version: string,
  assetName: string,
): Promise<ResolvedAsset | undefined> {
  const { repositoryId, packageId } = record;
  const found = await deps.storage.versions.find(repositoryId, packageId, version);
  if (found === undefined) return undefined;
  const asset = await deps.storage.versions.asset(found.versionId, assetName);
  if (asset === undefined) throw assetNotFound(assetName, coordinate.name, version);
  downloadable(found.status, asset, coordinate, version);
  if (repositoryId !== target.repository.id) await retainFromUpstream(deps, target, coordinate, record, version);
  return stored(deps, asset);
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
    small: () => deps.smallBlobs.read(asset.hashes.sha256, asset.size),
    directUrl: () => deps.blobs.directUrl(asset.hashes.sha256),
    send: (to, range) => deps.blobs.send(asset.hashes.sha256, to, range ?? { start: 0, end: asset.size - 1 }),
  };
}

async function fromRegistry(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  source: RegistrySource,
  version: string,
  assetName: string,
): Promise<ResolvedAsset | undefined> {
  const remote = await (await source.document()).version(version);
  const listed = remote?.assets.find(({ name }) => name === assetName);
  const rules = deps.formats.get(coordinate.format)?.remote;
  if (remote === undefined || listed === undefined || rules === undefined) return undefined;
  const url = await assetUrl(deps, rules, source.connection, listed);
  // Whoever retains it does so in the repository that has the connection as well.
  const isHere = async () =>
    (await deps.storage.versions.heldAsset(source.repositoryId, coordinate, version, assetName)) !== undefined;
  const download = await deps.downloads.fetch({ ...listed, url }, isHere);
  if (download === undefined) return findAsset(deps, target, coordinate, version, assetName);
  const retained = download.keptFor(target.repository.id, (received) =>
    retainFromRegistry(deps, target, coordinate, {
      connection: source.connection,
      repositoryId: source.repositoryId,
      remote,
      assets: [{ name: assetName, received }],
    }),
  );
  // The client may be gone by then; the reading below carries the fault to the one that is not.
  retained.catch((error: unknown) => deps.log.warn({ err: error, asset: listed.url }, 'asset was not retained'));
  return {
    size: download.size,
    sha256: undefined,
    small: async () => (isSmall(download.size) ? download.whole(retained) : undefined),
    directUrl: async () => undefined,
    send: (to) => pipeline(download.read(retained), to),
  };
}

async function assetUrl(
  deps: Deps,
  rules: RemoteRules,
  connection: string,
  asset: RemoteVersion['assets'][number],
): Promise<string> {
  const registry = await deps.registries.find(connection);
  if (registry !== undefined) return rules.assetUrl(registry, asset);
  throw new PackyardError('BadGatewayException', `Nothing says where the public registry of '${connection}' is.`);
}
