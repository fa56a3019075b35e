import { assetPlaces } from '../../core/asset-places.ts';
import { type PackageCoordinate, unitOf } from '../../core/coordinates.ts';
import type { Deps } from '../../core/deps.ts';
import { assetNotFound, PackyardError } from '../../core/errors.ts';
import type { Prepared } from '../../core/prepared.ts';
import { storedBytes } from '../../core/random-access.ts';
import { readAll } from '../../core/read-all.ts';
import type { Asset, RepositoryInDomain } from '../../ports/storage.ts';
import { metadataHash, readDistribution } from './distribution.ts';
import { readEntry } from './entry.ts';
import { distributionLimits } from './limits.ts';
import { parseFileName } from './names.ts';

/** Behind a file's address, its METADATA alone. Source: PEP 658. */
export const metadataEnding = '.metadata';

const contentType = 'text/plain; charset=utf-8';

/**
 * The METADATA of a wheel: out of the wheel where one of our repositories has it, else from the public index, which is
 * asked for that alone. Nothing is retained by it. Bytes that a page announces otherwise are never given out.
 *
 * Throws ResourceNotFoundException where there is none, BadGatewayException when only an index that cannot be asked
 * might have it.
 */
export async function fileMetadata(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
  fileName: string,
): Promise<Prepared> {
  const key = {
    repositoryId: target.repository.id,
    unit: unitOf(coordinate),
    representation: `${fileName}${metadataEnding}`,
  };
  const faults: unknown[] = [];
  for await (const place of assetPlaces(deps, target, coordinate, version, fileName)) {
    if (place.kind === 'fault') {
      faults.push(place.error);
      continue;
    }
    const { entry } = place.kind === 'repository' ? place.version : place.remote;
    const announced = readEntry(entry).find(([name]) => name === fileName)?.[1].coreMetadata;
    const stamp = announced ?? (place.kind === 'repository' ? place.asset.hashes.sha256 : undefined);
    if (stamp === undefined) continue;
    const read =
      place.kind === 'repository'
        ? () => fromWheel(deps, coordinate, place.asset)
        : async () => {
            const wheel = await deps.remoteAssets.find(place.source.connection, coordinate, place.remote, fileName);
            return wheel && fromIndex(deps, fileName, `${wheel.url}${metadataEnding}`);
          };
    try {
      return await deps.prepared.of(key, stamp, '', async () => {
        const body = await read();
        if (body === undefined || (announced !== undefined && metadataHash(body) !== announced)) throw none(fileName);
        return { contentType, body };
      });
    } catch (error) {
      faults.push(error);
    }
  }
  throw faults[0] ?? none(fileName);

  function none(name: string) {
    return assetNotFound(`${name}${metadataEnding}`, coordinate.name, version);
  }
}

async function fromWheel({ blobs }: Deps, { name }: PackageCoordinate, asset: Asset): Promise<Buffer | undefined> {
  const file = parseFileName(asset.name, name);
  if (file?.kind !== 'wheel') return undefined;
  try {
    return (await readDistribution(storedBytes(blobs, asset.hashes.sha256, asset.size), asset.name, file))?.bytes;
  } catch (error) {
    // One that came from a public index may be broken.
    if (error instanceof PackyardError) return undefined;
    throw error;
  }
}

async function fromIndex({ upstream }: Deps, fileName: string, url: string): Promise<Buffer | undefined> {
  const unavailable = (what: string, cause?: unknown) =>
    new PackyardError('BadGatewayException', `The public index ${what} for the metadata of '${fileName}'.`, { cause });
  const response = await upstream.get({ url }).catch((cause: unknown) => {
    throw unavailable('cannot be reached', cause);
  });
  if (response.status === 200) {
    const { maxBytes } = distributionLimits;
    const tooLarge = () => unavailable(`sent more than ${maxBytes} bytes`);
    return readAll(response.body, maxBytes, tooLarge).finally(() => response.discard());
  }
  response.discard();
  if (response.status === 404 || response.status === 410) return undefined;
  throw unavailable(`answered ${response.status}`);
}
