import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { PackyardError } from './errors.ts';
import type { RemoteChecksum } from './format.ts';
import { readAll } from './read-all.ts';
import type { RemoteAsset, RemoteHashes, RemoteVersion } from './remote-document.ts';

/** More than any file of a checksum. */
const maxChecksumBytes = 4_096;

/**
 * An asset of a version that a registry lists, with its whole address: as the listing has it, or one that the listing
 * may not name. Undefined when the version cannot have it.
 *
 * Throws BadGatewayException when nothing says where the registry is, or its checksum cannot be asked for.
 */
export async function remoteAsset(
  deps: Deps,
  connection: string,
  coordinate: PackageCoordinate,
  remote: RemoteVersion,
  assetName: string,
): Promise<RemoteAsset | undefined> {
  const rules = deps.formats.get(coordinate.format)?.remote;
  if (rules === undefined) return undefined;
  const registry = await deps.registries.find(connection);
  if (registry === undefined) {
    throw new PackyardError('BadGatewayException', `Nothing says where the public registry of '${connection}' is.`);
  }
  const listed = remote.assets.find(({ name }) => name === assetName);
  if (listed !== undefined) return { ...listed, url: rules.assetUrl(registry, listed) };
  const unlisted = rules.unlistedAsset?.(coordinate, remote.version, assetName);
  if (unlisted === undefined) return undefined;
  const { asset, checksums } = unlisted;
  const addressed = checksums.map((each) => ({ ...each, url: rules.assetUrl(registry, { ...asset, url: each.url }) }));
  return { ...asset, url: rules.assetUrl(registry, asset), hashes: await firstHash(deps, connection, addressed) };
}

async function firstHash(
  { upstream }: Deps,
  connection: string,
  checksums: readonly RemoteChecksum[],
): Promise<RemoteHashes> {
  for (const { algorithm, url, parse } of checksums) {
    const response = await upstream.get({ url }).catch((cause: unknown) => {
      throw unavailable(connection, 'cannot be reached', cause);
    });
    if (response.status === 200) {
      const tooLarge = () => unavailable(connection, 'sent a checksum that is none');
      const body = await readAll(response.body, maxChecksumBytes, tooLarge).finally(() => response.discard());
      const hash = parse(body);
      if (hash !== undefined) return { [algorithm]: hash };
    } else {
      response.discard();
      if (response.status !== 404 && response.status !== 410) {
        throw unavailable(connection, `answered ${response.status} for a checksum`);
      }
    }
  }
  return {};
}

function unavailable(connection: string, what: string, cause?: unknown): PackyardError {
  return new PackyardError('BadGatewayException', `The public registry of '${connection}' ${what}.`, { cause });
}
