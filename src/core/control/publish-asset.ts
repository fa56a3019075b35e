import type { Readable } from 'node:stream';
import type { Asset } from '../../ports/storage.ts';
import type { PackageCoordinate, RepositoryName } from '../coordinates.ts';
import type { Deps } from '../deps.ts';
import { invalid } from '../errors.ts';
import { type PublishedVersion, publishVersion } from '../publish-version.ts';
import { AssetReceiver } from '../receive-asset.ts';
import { findRepository } from './find.ts';

export interface NewAsset {
  readonly version: string;
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: Readable;
  /** Whether more assets are to follow. */
  readonly isUnfinished: boolean;
}

/** Metadata of a version whose format reads none out of its assets. */
const noMetadata = '{}';

/**
 * Publishes one asset of a version by the API; the version is made with its first and finished with its last asset.
 * Bytes that do not hash to what was announced leave nothing behind.
 *
 * Throws ValidationException for a format that is not published this way, names it forbids, and another hash; 404 for
 * the repository; and as `publishVersion`. Source: AWS API reference, PublishPackageVersion.
 */
export async function publishAsset(
  deps: Deps,
  name: RepositoryName,
  coordinate: PackageCoordinate,
  { version, name: assetName, sha256, bytes, isUnfinished }: NewAsset,
): Promise<PublishedVersion & { readonly asset: Asset }> {
  const rules = deps.formats.get(coordinate.format);
  if (rules?.checkApiPublish === undefined) {
    throw invalid(
      `Packages of format ${coordinate.format} cannot be published by PublishPackageVersion; generic ones can.`,
    );
  }
  rules.checkApiPublish(coordinate, version, assetName);
  const target = await findRepository(deps.storage, name);
  const receiver = await AssetReceiver.start(deps);
  try {
    for await (const chunk of bytes) await receiver.write(chunk as Buffer);
    const received = receiver.finish();
    if (received.hashes.sha256 !== sha256) throw otherHash(sha256, received.hashes.sha256);
    const published = await publishVersion(deps, target, rules, coordinate, {
      version,
      metadata: noMetadata,
      entry: noMetadata,
      display: null,
      readme: null,
      tags: [],
      assets: [{ name: assetName, received }],
      isUnfinished,
    });
    return { ...published, asset: { name: assetName, size: received.size, hashes: received.hashes } };
  } finally {
    await receiver.staged.release();
  }
}

/** AWS's text, from recordings of the service. */
function otherHash(expected: string, calculated: string) {
  return invalid(
    'The provided content hashes do not match the calculated content hashes. ' +
      `Hash algorithm 'SHA-256', Expected hash '${expected}', Calculated hash '${calculated}'`,
  );
}
