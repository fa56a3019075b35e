import type { Readable } from 'node:stream';
import type { Asset, VersionStatus } from '../../ports/storage.ts';
import type { Ports } from '../core-ports.ts';
import { assetNotFound } from '../errors.ts';
import type { FoundVersion } from './find.ts';

/** Archived versions keep their assets but do not give them out; disposed ones have none (reference, 3.5). */
const withheld: ReadonlySet<VersionStatus> = new Set<VersionStatus>(['Archived', 'Disposed']);

/**
 * Opens an asset of a version.
 *
 * Throws 404 for an asset that is missing or withheld by the version's status, and when `revision` is given and not the
 * version's present one (reference, section 6; unverified).
 */
export async function readAsset(
  ports: Ports,
  found: FoundVersion,
  assetName: string,
  revision: string | undefined,
): Promise<{ asset: Asset; bytes: Readable }> {
  const { version, displayName } = found;
  const asset = await ports.storage.versions.asset(version.versionId, assetName);
  const isCurrent = revision === undefined || revision === version.revision;
  if (asset === undefined || !isCurrent || withheld.has(version.status)) {
    throw assetNotFound(assetName, displayName, version.version);
  }
  return { asset, bytes: ports.blobs.open(asset.hashes.sha256) };
}
