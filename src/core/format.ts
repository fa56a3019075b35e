import type { Readable } from 'node:stream';
import type { ByteRange } from '../ports/blobs.ts';
import type { Asset } from '../ports/storage.ts';
import type { RegistryAddress } from '../ports/upstream.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { RemoteAsset, RemoteHashes, RemotePackage } from './remote-document.ts';

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
  /**
   * Reads the registry's listing, which was found at `url`, after redirects. Throws when the bytes are not one for this package.
   */
  parsePackage(coordinate: PackageCoordinate, body: Uint8Array, url: string): RemotePackage;
  /** Where an asset of the listing is fetched when the registry is asked at `registry.url`. */
  assetUrl(registry: RegistryAddress, asset: RemoteAsset): string;
  /**
   * An asset that the listing does not name and that a listed version may have all the same, where listings tell of
   * versions only; undefined for a name that cannot be one.
   */
  unlistedAsset?(coordinate: PackageCoordinate, version: string, assetName: string): UnlistedAsset | undefined;
}

/** An asset that may be there, and where the registry says what its hash is. */
export interface UnlistedAsset {
  readonly asset: RemoteAsset;
  /** The best first. The first that is there counts; an asset without any is taken as it comes. */
  readonly checksums: readonly RemoteChecksum[];
}

export interface RemoteChecksum {
  readonly algorithm: keyof RemoteHashes;
  /** As an asset's `url`: handed to `assetUrl`. */
  readonly url: string;
  /** Reads the hash, in lower-case hex; undefined for what is none. */
  parse(body: Buffer): string | undefined;
}

/** Bytes that can be looked at anywhere. */
export interface RandomAccess {
  readonly size: number;
  read(range: ByteRange): Readable;
}

/** What an asset itself says of its version. */
export interface AssetSays {
  readonly metadata: string;
  readonly readme: string | null;
}

/** What a version's content says: see `VersionContent`. */
export interface VersionTexts {
  readonly metadata: string;
  readonly entry: string;
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
  /** What all spellings of a version have in common; absent where each is another version. */
  versionKey?(version: string): string;
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
   * What an asset that comes from a public registry says of its version, where the listing does not; undefined when it
   * says nothing, or nothing that can be read.
   */
  inspect?(coordinate: PackageCoordinate, assetName: string, bytes: RandomAccess): Promise<AssetSays | undefined>;
  /**
   * When a version that is there takes assets of new names: never, until it is finished, or always. Source: AWS user
   * guide, "Republishing package versions".
   */
  readonly takesAssets: 'never' | 'while unfinished' | 'always';
  /**
   * Whether versions of this number are published under another one, of which they are the content: Unlisted, they take
   * assets as a Published version does.
   */
  isFronted?(version: string): boolean;
  /** The texts of a version that assets join; absent where its texts say nothing of them. */
  join?(existing: VersionTexts, added: VersionTexts): VersionTexts;
  /**
   * The texts of a version of which only these assets are there, and what they are; absent as above. `isReadable` is
   * false where `inspect` found nothing in them that could be read.
   */
  narrow?(texts: VersionTexts, assets: readonly Asset[], isReadable: boolean): VersionTexts;
  /**
   * Throws ValidationException for names that may not be published by the API's PublishPackageVersion; absent where
   * that operation does not take the format.
   */
  checkApiPublish?(coordinate: PackageCoordinate, version: string, assetName: string): void;
  /** Whether its packages are only looked for in the repository itself, never in upstreams. */
  readonly isIsolated?: boolean;
}
