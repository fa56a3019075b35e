import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { AssetSays, RandomAccess, RemoteChecksum, RemoteRules } from '../../core/format.ts';
import type { RemotePackage } from '../../core/remote-document.ts';
import { parseChecksum } from './checksums.ts';
import { artifactOf } from './coordinates.ts';
import { storedMetadata } from './describe.ts';
import type { PluginEntry } from './metadata.ts';
import { pomLimits, readPom } from './pom.ts';
import { assetPath, listingLimits, listingUrl, parseListing } from './remote-listing.ts';

/** What a registry's listing says besides its versions. */
export interface ListingExtra {
  /** Milliseconds since 1970. */
  readonly lastUpdated: number | null;
  /** Those of the group that the artifact's path may name as well. */
  readonly plugins: readonly PluginEntry[];
}

/** What is asked for a file's sum: registries have these two for everything, resolver's and Gradle's first choices. */
const publishedSums = ['sha1', 'md5'] as const;

/**
 * How public Maven repositories are read: a listing names the versions, and their files are asked for by name. Source:
 * reference `formats/maven.md` section 4.
 */
export const mavenRemote: RemoteRules = {
  connections: [
    'public:maven-central',
    'public:maven-googleandroid',
    'public:maven-gradleplugins',
    'public:maven-commonsware',
    'public:maven-clojars',
  ],

  packageRequest: (registryUrl, coordinate) => ({
    url: listingUrl(registryUrl, artifactOf(coordinate)),
    headers: { accept: 'application/xml, text/xml, */*' },
  }),

  parsePackage(coordinate, body): RemotePackage {
    const { versions, lastUpdated, plugins } = parseListing(artifactOf(coordinate), body, listingLimits);
    return {
      tags: {},
      extra: JSON.stringify({ lastUpdated, plugins } satisfies ListingExtra),
      versions: versions.map((version) => ({
        version,
        publishedAt: null,
        metadata: storedMetadata(undefined),
        entry: '',
        display: null,
        assets: [],
      })),
    };
  },

  assetUrl: ({ url }, asset) => url + asset.url,

  unlistedAsset(coordinate, version, assetName) {
    const url = assetPath(artifactOf(coordinate), version, assetName);
    if (url === undefined) return undefined;
    const checksums = publishedSums.map(
      (algorithm): RemoteChecksum => ({
        algorithm,
        url: `${url}.${algorithm}`,
        // Here letters do not count: what a registry has is what it has.
        parse: (sum) => parseChecksum(sum, algorithm)?.toLowerCase(),
      }),
    );
    return { asset: { name: assetName, url, size: null, hashes: {} }, checksums };
  },
};

/** Reads a version's POM as it comes from a registry. */
export async function inspect(
  _coordinate: PackageCoordinate,
  assetName: string,
  { size, read }: RandomAccess,
): Promise<AssetSays | undefined> {
  if (!assetName.endsWith('.pom') || size === 0) return undefined;
  const pom = await readPom(read({ start: 0, end: size - 1 }), pomLimits);
  return pom && { metadata: storedMetadata(pom), readme: null };
}
