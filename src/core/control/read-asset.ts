import type { Writable } from 'node:stream';
import type { ByteRange } from '../../ports/blobs.ts';
import type { Asset, VersionStatus } from '../../ports/storage.ts';
import { type RangeHeaders, wantedRange } from '../byte-ranges.ts';
import type { Deps } from '../deps.ts';
import { assetNotFound } from '../errors.ts';
import type { FoundVersion } from './find.ts';

/** Archived versions keep their assets but do not give them out; disposed ones have none (reference, 3.5). */
const withheld: ReadonlySet<VersionStatus> = new Set<VersionStatus>(['Archived', 'Disposed']);

/** What is to be sent of an asset. */
export interface OpenedAsset {
  readonly asset: Asset;
  /** Which part; undefined where it is all of it. */
  readonly range: ByteRange | 'unsatisfiable' | undefined;
  /** Writes what is to be sent to a stream and ends that. Rejects when either breaks off. */
  send(to: Writable): Promise<void>;
}

/**
 * Opens an asset of a version, or the range of it that `headers` ask for.
 *
 * Throws 404 for an asset that is missing or withheld by the version's status, and when `revision` is given and not the
 * version's present one (reference, section 6; unverified).
 */
export async function readAsset(
  deps: Pick<Deps, 'storage' | 'blobs' | 'smallBlobs'>,
  found: FoundVersion,
  assetName: string,
  revision: string | undefined,
  headers: RangeHeaders = {},
): Promise<OpenedAsset> {
  const { version, displayName } = found;
  const asset = await deps.storage.versions.asset(version.versionId, assetName);
  const isCurrent = revision === undefined || revision === version.revision;
  if (asset === undefined || !isCurrent || withheld.has(version.status)) {
    throw assetNotFound(assetName, displayName, version.version);
  }
  const { size, hashes } = asset;
  const range = wantedRange(headers, `"${hashes.sha256}"`, size);
  if (range === 'unsatisfiable') return { asset, range, send: async (to) => void to.end() };
  return {
    asset,
    range,
    async send(to) {
      const { start, end } = range ?? { start: 0, end: size - 1 };
      const bytes = await deps.smallBlobs.read(hashes.sha256, size);
      if (bytes === undefined) await deps.blobs.send(hashes.sha256, to, { start, end });
      else to.end(bytes.subarray(start, end + 1));
    },
  };
}
