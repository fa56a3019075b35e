import type { PackageCoordinate } from './coordinates.ts';
import type { Ports } from './core-ports.ts';
import { PackyardError } from './errors.ts';
import type { RemoteChecksum, UnlistedAsset } from './format.ts';
import { readAll } from './read-all.ts';
import type { RemoteAsset, RemoteHashes, RemoteVersion } from './remote-document.ts';
import { SingleFlight } from './single-flight.ts';
import { WeightedCache } from './weighted-cache.ts';

/** More than any file of a checksum. */
const maxChecksumBytes = 4_096;
/** How long it is remembered that a registry lacks an asset which its listing does not speak of: every build asks again. */
const missingMs = 5 * 60_000;
const maxMissing = 20_000;
/** How long a checksum is remembered: who asks for its asset at the same time takes it, whoever comes later finds that here. */
const checksumMs = 10_000;
const maxChecksums = 10_000;

/** Where the assets of versions are that public registries list. */
export class RemoteAssets {
  readonly #ports: Pick<Ports, 'formats' | 'registries' | 'upstream' | 'clock'>;
  readonly #asking = new SingleFlight<RemoteHashes>();
  readonly #checksums = new WeightedCache<{ readonly hashes: RemoteHashes; readonly until: number }>(maxChecksums);
  /** Until when (ms since epoch) what is at an address counts as missing. */
  readonly #missing = new WeightedCache<number>(maxMissing);

  constructor(ports: Pick<Ports, 'formats' | 'registries' | 'upstream' | 'clock'>) {
    this.#ports = ports;
  }

  /**
   * An asset of a version that a registry lists, with its whole address: as the listing has it, or one that the listing
   * may not name. Undefined when the version cannot have it, or had not when it was asked for a moment ago.
   *
   * Throws BadGatewayException when nothing says where the registry is, or its checksum cannot be asked for.
   */
  async find(
    connection: string,
    coordinate: PackageCoordinate,
    remote: RemoteVersion,
    assetName: string,
  ): Promise<RemoteAsset | undefined> {
    const { formats, registries, clock } = this.#ports;
    const rules = formats.get(coordinate.format)?.remote;
    if (rules === undefined) return undefined;
    const registry = await registries.find(connection);
    if (registry === undefined) {
      throw new PackyardError('BadGatewayException', `Nothing says where the public registry of '${connection}' is.`);
    }
    const addressed = (asset: RemoteAsset): RemoteAsset => ({ ...asset, url: rules.assetUrl(registry, asset) });
    const listed = remote.assets.find(({ name }) => name === assetName);
    if (listed !== undefined) return addressed(listed);
    const unlisted = rules.unlistedAsset?.(coordinate, remote.version, assetName);
    if (unlisted === undefined) return undefined;
    const asset = addressed(unlisted.asset);
    if ((this.#missing.get(asset.url) ?? 0) > clock.now()) return undefined;
    const checksums = unlisted.checksums.map((each) => ({ ...each, url: addressed({ ...asset, url: each.url }).url }));
    return { ...asset, hashes: await this.#hashes(connection, asset, checksums) };
  }

  /** Notes that a registry answered 404 for an asset which its listing may not have named. */
  noteMissing({ url }: RemoteAsset): void {
    this.#missing.set(url, this.#ports.clock.now() + missingMs);
  }

  async #hashes(
    connection: string,
    { url }: RemoteAsset,
    checksums: UnlistedAsset['checksums'],
  ): Promise<RemoteHashes> {
    const known = this.#checksums.get(url);
    if (known !== undefined && known.until > this.#ports.clock.now()) return known.hashes;
    return this.#asking.run(url, async () => {
      const hashes = await this.#firstHash(connection, checksums);
      this.#checksums.set(url, { hashes, until: this.#ports.clock.now() + checksumMs });
      return hashes;
    });
  }

  async #firstHash(connection: string, checksums: UnlistedAsset['checksums']): Promise<RemoteHashes> {
    for (const checksum of checksums) {
      const hash = await this.#readHash(connection, checksum);
      if (hash !== undefined) return { [checksum.algorithm]: hash };
    }
    return {};
  }

  async #readHash(connection: string, { url, parse }: RemoteChecksum): Promise<string | undefined> {
    const response = await this.#ports.upstream.get({ url }).catch((cause: unknown) => {
      throw unavailable(connection, 'cannot be reached', cause);
    });
    try {
      if (response.status === 404 || response.status === 410) return undefined;
      if (response.status !== 200) throw unavailable(connection, `answered ${response.status} for a checksum`);
      const tooLarge = () => unavailable(connection, 'sent a checksum that is none');
      return parse(await readAll(response.body, maxChecksumBytes, tooLarge));
    } finally {
      response.discard();
    }
  }
}

function unavailable(connection: string, what: string, cause?: unknown): PackyardError {
  return new PackyardError('BadGatewayException', `The public registry of '${connection}' ${what}.`, { cause });
}
