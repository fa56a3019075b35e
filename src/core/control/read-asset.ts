import { Readable } from 'node:stream';
import type { ByteRange } from '../../ports/blobs.ts';
import type { Asset, VersionStatus } from '../../ports/storage.ts';
import { type RangeHeaders, wantedRange } from '../byte-ranges.ts';
import type { Ports } from '../core-ports.ts';
import { assetNotFound } from '../errors.ts';
import type { FoundVersion } from './find.ts';

/** Archived versions keep their assets but do not give them out; disposed ones have none (reference, 3.5). */
const withheld: ReadonlySet<VersionStatus> = new Set<VersionStatus>(['Archived', 'Disposed']);

/** What is to be sent of an asset. */
export interface OpenedAsset {
  readonly asset: Asset;
  readonly bytes: Readable;
  /** Of the asset; undefined where the bytes are all of it, and for a range that it does not have. */
  readonly range: ByteRange | 'unsatisfiable' | undefined;
}

/**
 * Opens an asset of a version, or the range of it that `headers` ask for.
 *
 * Throws 404 for an asset that is missing or withheld by the version's status, and when `revision` is given and not the
 * version's present one (reference, section 6; unverified).
 */
export async function readAsset(
  ports: Ports,
  found: FoundVersion,
  assetName: string,
  revision: string | undefined,
  headers: RangeHeaders = {},
): Promise<OpenedAsset> {
  const { version, displayName } = found;
  const asset = await ports.storage.versions.asset(version.versionId, assetName);
  const isCurrent = revision === undefined || revision === version.revision;
  if (asset === undefined || !isCurrent || withheld.has(version.status)) {
    throw assetNotFound(assetName, displayName, version.version);
  }
  const { sha256 } = asset.hashes;
  const range = wantedRange(headers, `"${sha256}"`, asset.size);
  const bytes = range === 'unsatisfiable' ? Readable.from([]) : ports.blobs.open(sha256, range);
  return { asset, bytes, range };
}
