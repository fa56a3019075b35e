import type { Readable } from 'node:stream';
import type { Asset, AssetHashes } from '../../ports/storage.ts';
import type { PackageCoordinate, RepositoryName } from '../coordinates.ts';
import type { Deps } from '../deps.ts';
import { invalid } from '../errors.ts';
import { type PublishedVersion, publishVersion } from '../publish-version.ts';
import { AssetReceiver } from '../receive-asset.ts';
import { findRepository } from './find.ts';

export interface NewAsset {
  readonly version: string;
  readonly name: string;
  /** What the bytes must hash to, as far as it was announced. */
  readonly hashes: Partial<AssetHashes>;
  readonly bytes: Readable;
  /** Whether more assets are to follow. */
  readonly isUnfinished: boolean;
}

/** Metadata of a version whose format reads none out of its assets. */
const noMetadata = '{}';

/**
 * Publishes one asset of a version as it comes; the version is made with its first and finished with its last asset.
 * Bytes that do not hash to what was announced leave nothing behind.
 *
 * Throws ValidationException for a format that is not published this way, names it forbids, and another hash; 404 for
 * the repository; and as `publishVersion`. Source: AWS API reference, PublishPackageVersion.
 */
export async function publishAsset(
  deps: Deps,
  name: RepositoryName,
  coordinate: PackageCoordinate,
  { version, name: assetName, hashes, bytes, isUnfinished }: NewAsset,
): Promise<PublishedVersion & { readonly asset: Asset }> {
  const rules = deps.formats.get(coordinate.format);
  if (rules?.checkApiPublish === undefined) {
    const others = [...deps.formats.values()].filter(({ checkApiPublish }) => checkApiPublish !== undefined);
    const names = others.map(({ name }) => name).join(', ');
    throw invalid(
      `Packages of format ${coordinate.format} cannot be published by PublishPackageVersion, only those of: ${names}.`,
    );
  }
  rules.checkApiPublish(coordinate, version, assetName);
  const target = await findRepository(deps.storage, name);
  const receiver = await AssetReceiver.start(deps);
  try {
    // A request that is refused while it comes in must be left as it is: its rest is read, and it is answered.
    for await (const chunk of bytes.iterator({ destroyOnReturn: false })) await receiver.write(chunk as Buffer);
    const received = receiver.finish();
    checkHashes(hashes, received.hashes);
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

const algorithms = [
  ['sha256', 'SHA-256'],
  ['sha512', 'SHA-512'],
  ['sha1', 'SHA-1'],
  ['md5', 'MD5'],
] as const;

/** Throws with AWS's text, from recordings of the service. */
function checkHashes(expected: Partial<AssetHashes>, calculated: AssetHashes): void {
  for (const [hash, name] of algorithms) {
    if (expected[hash] === undefined || expected[hash] === calculated[hash]) continue;
    throw invalid(
      'The provided content hashes do not match the calculated content hashes. ' +
        `Hash algorithm '${name}', Expected hash '${expected[hash]}', Calculated hash '${calculated[hash]}'`,
    );
  }
}
