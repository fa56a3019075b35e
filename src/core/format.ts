import type { Readable } from 'node:stream';
import type { RegistryAddress } from '../ports/upstream.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { RemoteAsset, RemotePackage } from './remote-document.ts';

export interface License {
  readonly name?: string;
  readonly url?: string;
}

/** What a version's own metadata says of it; absent where it says nothing. */
export interface VersionDescription {
  readonly displayName: string;
  readonly summary?: string;
  readonly homePage?: string;
  readonly sourceCodeRepository?: string;
  readonly licenses: readonly License[];
}

export interface Dependency {
  readonly namespace?: string;
  readonly package: string;
  readonly dependencyType?: string;
  readonly versionRequirement?: string;
}

/** How a format's public registry is read. */
export interface RemoteRules {
  /** The external connections whose registries speak this format. */
  readonly connections: readonly string[];
  /** The address of a package's listing below the registry's address, and the headers to ask for it with. */
  packageRequest(registryUrl: string, coordinate: PackageCoordinate): { url: string; headers: Record<string, string> };
  /** Reads the registry's listing. Throws when the bytes are not one for this package. */
  parsePackage(coordinate: PackageCoordinate, body: Uint8Array): RemotePackage;
  /** Where an asset of the listing is fetched when the registry is asked at `registry.url`. */
  assetUrl(registry: RegistryAddress, asset: RemoteAsset): string;
}

/**
 * What the domain rules need to know of a format. Everything else (resolution, retention, origin control, statuses,
 * authorization, caching, limits) is the core's and the same for all formats.
 */
export interface FormatRules {
  readonly name: string;
  /** The stored spelling of a coordinate given to the API. */
  normalize(coordinate: PackageCoordinate): PackageCoordinate;
  /** The name as the format's own users write it (npm: `@scope/name`). */
  displayName(coordinate: PackageCoordinate): string;
  /** The tag whose version is the default display version; null where the most recently published one is. */
  readonly defaultDisplayTag: string | null;
  describe(coordinate: PackageCoordinate, metadata: string): VersionDescription;
  /** Direct dependencies in the order of the metadata. */
  dependencies(metadata: string): Dependency[];
  /** The asset that may hold a readme, and how it is found in it; undefined when the format has none. */
  readonly readme?: {
    readonly assetName: string;
    read(asset: Readable): Promise<string | undefined>;
  };
  readonly remote?: RemoteRules;
  /**
   * When a version that is there takes assets of new names: never, until it is finished, or always. Source: AWS user
   * guide, "Republishing package versions".
   */
  readonly takesAssets: 'never' | 'while unfinished' | 'always';
  /**
   * Throws ValidationException for names that may not be published by the API's PublishPackageVersion; absent where
   * that operation does not take the format.
   */
  checkApiPublish?(coordinate: PackageCoordinate, version: string, assetName: string): void;
  /** Whether its packages are only looked for in the repository itself, never in upstreams. */
  readonly isIsolated?: boolean;
}
