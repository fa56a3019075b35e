import type { EndpointUser } from '../../support/user.ts';

/** A version of a package as every format can have one. */
export interface Release {
  /** Lower-case letters, digits and single dashes between. */
  readonly name: string;
  /** Three numbers. */
  readonly version: string;
  /** What its files hold besides: other text, other bytes. */
  readonly text?: string;
  /** What its own metadata says, where the format has any. */
  readonly says?: {
    readonly summary: string;
    /** The name of a package of the same format that it needs, in any version. */
    readonly dependency: string;
    readonly readme: string;
  };
}

/** A file of a release, under the name the API knows it by. */
export interface ReleaseFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A public registry of a format: the server's only one of this kind. */
export interface FormatRegistry {
  readonly url: string;
  /** Every request so far. */
  readonly requests: string[];
  publish(release: Release): Promise<void>;
  /** Cannot be used until `comeBack`: it is down, or answers nothing but errors. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Whether the file that is installed is sent with other bytes than the registry says it has. */
  sendOtherBytes(isOn: boolean): void;
  stop(): Promise<void>;
}

/** What the API answers about a dependency. */
export interface ExpectedDependency {
  readonly namespace?: string;
  readonly package: string;
  readonly dependencyType?: string;
  readonly versionRequirement?: string;
}

/** Someone at a repository's endpoint, who can look at the API's list besides. */
export interface Place {
  readonly user: EndpointUser;
  /** The versions of a package that are Published there, as the API lists them. */
  publishedByApi(name: string): Promise<string[]>;
}

/** What a format may lack. What it says it lacks is proven to be lacking: nothing is left out in silence. */
export type Ability =
  /** Finding versions in upstream repositories. */
  | 'upstreams'
  /** An external connection. */
  | 'public registry'
  /** Files that join a version once it is published. */
  | 'more files'
  /** Files that join a version until it is finished. */
  | 'unfinished'
  | 'summary'
  | 'dependencies'
  | 'readme';

/**
 * What a user of a format does, in the format's own protocol and without any client's help. One object per format, in
 * `test/support/format-users`; `format.rules.name` finds it. A format is done when `describeFormat` passes with it.
 */
export interface FormatUser {
  readonly format: string;
  /** What the format cannot do, and why. */
  readonly cannot: Partial<Readonly<Record<Ability, string>>>;
  /** A package's coordinate as the API takes it; no namespace where the package has none. */
  coordinate(name: string): { readonly namespace?: string; readonly package: string };
  /** The actions that a publish needs on the package. */
  readonly publishActions: readonly string[];
  /** The files that `publish` sends; the first is the one that is installed. */
  files(release: Release): Promise<readonly ReleaseFile[]>;
  /** Publishes a release whole; the status of the first request that was refused, else of the last one. */
  publish(place: Place, release: Release): Promise<number>;
  /** A file that a version may have besides; other text, other bytes. Absent where it cannot have any. */
  extraFile?(release: Release, text: string): Promise<ReleaseFile>;
  /** Adds a file to a version that is there, or begins one with it. `isLast`: no more are to follow. */
  add?(place: Place, release: Release, file: ReleaseFile, isLast: boolean): Promise<number>;
  /** The versions that a client chooses among; none where the package is not there. Throws at any other answer. */
  listed(place: Place, name: string): Promise<string[]>;
  /** The path of a file below the endpoint. */
  pathOf(release: Release, fileName: string): string;
  /** How the API tells of a dependency on the package of this name, in any version. */
  dependency?(name: string): ExpectedDependency;
  /** The public registry that an external connection leads to. */
  readonly registry?: { readonly connection: `public:${string}`; start(): Promise<FormatRegistry> };
}
