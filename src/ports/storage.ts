import type { PackageCoordinate } from '../core/coordinates.ts';

/** Times are milliseconds since the Unix epoch throughout. */

export interface Domain {
  readonly id: string;
  readonly owner: string;
  readonly region: string;
  readonly name: string;
  readonly encryptionKey: string;
  readonly createdAt: number;
  /** Grows with every change of the domain's repositories, upstream links, external connections or package groups. */
  readonly topologyRevision: number;
}

export interface Repository {
  readonly id: string;
  readonly domainId: string;
  readonly name: string;
  readonly administratorAccount: string;
  readonly description: string | null;
  readonly createdAt: number;
}

/** A repository together with the domain that holds it. */
export interface RepositoryInDomain {
  readonly domain: Domain;
  readonly repository: Repository;
}

/** A link to an upstream. The link is to the repository's identity: it outlives the upstream's deletion. */
export interface UpstreamLink {
  readonly repositoryId: string;
  readonly upstreamId: string;
  /** The upstream's name; null when that repository no longer exists. */
  readonly upstreamName: string | null;
}

/** The links and connections of a whole domain, in search order within each repository. */
export interface Topology {
  readonly upstreams: readonly UpstreamLink[];
  readonly connections: readonly { readonly repositoryId: string; readonly connection: string }[];
}

export type Restriction = 'ALLOW' | 'BLOCK';

export interface Restrictions {
  readonly publish: Restriction;
  readonly upstream: Restriction;
}

/** A package's record within one repository. */
export interface RepositoryPackage extends PackageCoordinate {
  readonly repositoryId: string;
  readonly packageId: string;
  readonly restrictions: Restrictions;
  /** Grows with every change that clients of this package in this repository can see. */
  readonly changeCounter: number;
}

/** What a package group's restriction is about: a direct publish, or arrival from a registry or an upstream repository. */
export type GroupRestriction = 'PUBLISH' | 'EXTERNAL_UPSTREAM' | 'INTERNAL_UPSTREAM';
export type GroupMode = 'ALLOW' | 'ALLOW_SPECIFIC_REPOSITORIES' | 'BLOCK' | 'INHERIT';

/** A domain's root group, `/*`, has the domain's own id and inherits from nobody. */
export interface PackageGroup {
  readonly id: string;
  readonly domainId: string;
  readonly pattern: string;
  readonly contactInfo: string | null;
  readonly description: string | null;
  readonly createdAt: number;
  readonly modes: Readonly<Record<GroupRestriction, GroupMode>>;
}

/** A repository on the allow list that a group has for one of its restrictions. */
export interface AllowedRepository {
  readonly groupId: string;
  readonly restriction: GroupRestriction;
  readonly repositoryId: string;
}

/** The policy that hangs on a domain or a repository. */
export interface ResourcePolicy {
  /** 44 base64 characters that change with the document. */
  readonly revision: string;
  /** JSON text. */
  readonly document: string;
}

/** What a policy hangs on. */
export interface PolicyHolder {
  readonly kind: 'domain' | 'repository';
  readonly id: string;
}

export type VersionStatus = 'Published' | 'Unfinished' | 'Unlisted' | 'Archived' | 'Disposed';
export type OriginType = 'INTERNAL' | 'EXTERNAL' | 'UNKNOWN';

/** Where a version entered the domain: a repository's name, or an external connection's. */
export interface Origin {
  readonly type: OriginType;
  readonly repositoryName: string | null;
  readonly externalConnectionName: string | null;
}

export interface AssetHashes {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly sha512: string;
}

/** Something that happened to a package version in a repository, as it is told to the outside. */
export interface VersionEvent {
  /** Unique; the same for every repeat. */
  readonly id: string;
  readonly at: number;
  readonly region: string;
  /** Account of the domain's owner. */
  readonly owner: string;
  readonly domain: string;
  /** Account that administers the repository. */
  readonly administrator: string;
  /** EventBridge's `detail`, JSON text. */
  readonly detail: string;
  /** ARN of the package. */
  readonly resource: string;
}

/** Whose events: of all an account has to do with, as owner or administrator; of one domain; else of everyone. */
export interface EventFilter {
  readonly account?: string;
  readonly domain?: { readonly owner: string; readonly region: string; readonly name: string };
}

/** An event with its place in the order in which events are told. */
export interface PlacedEvent extends VersionEvent {
  readonly position: number;
}

/** Hashes are lower-case hex; `hashes.sha256` is also the blob's key. */
export interface Asset {
  readonly name: string;
  readonly size: number;
  readonly hashes: AssetHashes;
}

/** What a version is, once for the whole domain, however many repositories refer to it. */
export interface VersionContent {
  readonly id: string;
  readonly packageId: string;
  readonly version: string;
  /** 44 base64 characters that change with the assets and the metadata. */
  readonly revision: string;
  readonly origin: Origin;
  /** When it was first published anywhere, as the public registry says it for versions that came from one. */
  readonly firstPublishedAt: number;
  /** The format's own document of the version (npm: the manifest), as JSON text. */
  readonly metadata: string;
  /** The prepared line by which the version stands in its package's listing (npm: the abbreviated manifest). */
  readonly entry: string;
}

/** A repository's reference to a version. */
export interface VersionReference {
  readonly repositoryId: string;
  readonly packageId: string;
  readonly version: string;
  readonly versionId: string;
  readonly status: VersionStatus;
  /** When the version entered this repository. */
  readonly publishedAt: number;
  /** What this repository says over the content (npm: the deprecation), the format's own JSON text; null for nothing. */
  readonly display: string | null;
  /** What all spellings of the version have in common; null in formats that spell each in one way. */
  readonly key: string | null;
}

export interface VersionSummary extends VersionReference {
  readonly revision: string;
  readonly origin: Origin;
}

export interface VersionInRepository extends VersionSummary {
  readonly firstPublishedAt: number;
  readonly metadata: string;
  readonly entry: string;
}

export interface Tag {
  readonly tag: string;
  readonly version: string;
}

/** Rendered bytes of one package in one repository; valid while `stamp` equals the stamp of the present state. */
export interface PreparedBytes {
  readonly stamp: string;
  readonly etag: string;
  readonly contentType: string;
  /** The gzip-compressed body. */
  readonly gzip: Uint8Array;
}

export interface PreparedKey {
  readonly repositoryId: string;
  /** The package (`format/namespace/name`) or another unit the format renders. */
  readonly unit: string;
  readonly representation: string;
}

/** What is known of a package behind an external connection. */
export interface UpstreamMetadata {
  readonly connection: string;
  readonly unit: string;
  /** Address of the registry that was asked. */
  readonly registryUrl: string;
  /** `gone`: the public registry said that there is no such package. */
  readonly state: 'present' | 'gone';
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** When the registry last confirmed this state. */
  readonly checkedAt: number;
  /** When it said something else for the last time before that. */
  readonly changedAt: number;
  /** Blob of the remote document; null when gone. */
  readonly documentSha256: string | null;
}

export interface DomainQueries {
  /** Returns false when the owner already has a domain of that name in that region. */
  insert(domain: Domain): Promise<boolean>;
  find(owner: string, region: string, name: string): Promise<Domain | undefined>;
  /** By name, after `after`. */
  list(owner: string, region: string, page: { after?: string; limit: number }): Promise<Domain[]>;
  count(owner: string, region: string): Promise<number>;
  repositoryCount(domainId: string): Promise<number>;
  /** Bytes of the domain's assets, equal content counted once. */
  assetSizeBytes(domainId: string): Promise<number>;
  delete(domainId: string): Promise<void>;
}

export interface RepositoryQueries {
  /** Returns false when the domain already has a repository of that name. */
  insert(repository: Repository): Promise<boolean>;
  find(domainId: string, name: string): Promise<Repository | undefined>;
  /** Domain and repository in one look-up; the domain alone when only the repository is missing. */
  locate(
    owner: string,
    region: string,
    domain: string,
    repository: string,
  ): Promise<{ domain: Domain; repository: Repository | undefined } | undefined>;
  /** By name, after `after`. */
  listInDomain(
    domainId: string,
    filter: { prefix?: string; administratorAccount?: string },
    page: { after?: string; limit: number },
  ): Promise<Repository[]>;
  /** Every repository an account administers in a region, by name, then domain owner, then domain. */
  listByAdministrator(
    account: string,
    region: string,
    filter: { prefix?: string },
    page: { after?: { name: string; owner: string; domain: string }; limit: number },
  ): Promise<RepositoryInDomain[]>;
  /** A repository by its id, whatever domain it is in. */
  get(repositoryId: string): Promise<Repository | undefined>;
  setDescription(repositoryId: string, description: string | null): Promise<void>;
  /** Replaces the upstream list, in that order. */
  setUpstreams(repositoryId: string, upstreamIds: readonly string[]): Promise<void>;
  upstreams(repositoryId: string): Promise<UpstreamLink[]>;
  connections(repositoryId: string): Promise<string[]>;
  addConnection(repositoryId: string, connection: string): Promise<void>;
  /** Returns false when the repository has no such connection. */
  removeConnection(repositoryId: string, connection: string): Promise<boolean>;
  topology(domainId: string): Promise<Topology>;
  /** Raises the domain's topology revision. Call it in the transaction of the change. */
  touchTopology(domainId: string): Promise<void>;
  /** Deletes it with its records, tags and prepared bytes, and contents that no other repository refers to. */
  delete(repositoryId: string): Promise<void>;
}

export interface PackageListFilter {
  readonly format?: string;
  readonly namespacePrefix?: string;
  readonly namePrefix?: string;
  readonly publish?: Restriction;
  readonly upstream?: Restriction;
}

export interface PackageQueries {
  /** The domain-wide id of a coordinate, made when it is new. */
  ensure(domainId: string, coordinate: PackageCoordinate, newId: string): Promise<string>;
  /** The package's records in those of the given repositories that have one. */
  findIn(repositoryIds: readonly string[], coordinate: PackageCoordinate): Promise<RepositoryPackage[]>;
  /** Adds the record with these restrictions when the repository has none; returns whether it was added. */
  ensureIn(
    repositoryId: string,
    packageId: string,
    coordinate: PackageCoordinate,
    restrictions: Restrictions,
  ): Promise<boolean>;
  /** By format, then name, then namespace, after `after`. */
  list(
    repositoryId: string,
    filter: PackageListFilter,
    page: { after?: PackageCoordinate; limit: number },
  ): Promise<RepositoryPackage[]>;
  /**
   * Packages of a format whose name or namespace contains `text` (case folded), by name, then namespace. A package
   * that several of the repositories have comes once, with the record of the first of them; `total` counts it once.
   */
  search(
    repositoryIds: readonly string[],
    format: string,
    text: string,
    page: { offset: number; limit: number },
  ): Promise<{ packages: RepositoryPackage[]; total: number }>;
  /**
   * Raises the change counter. Call it in the transaction of the change: other changes of the package in that
   * repository wait from here until the transaction ends.
   */
  touch(repositoryId: string, packageId: string): Promise<void>;
  /** Waits for other changes of the package in that repository, and lets none in until the transaction ends. */
  lock(repositoryId: string, packageId: string): Promise<void>;
  setRestrictions(repositoryId: string, packageId: string, restrictions: Restrictions): Promise<void>;
  /** Deletes the record in the repository with its tags; its versions were removed before. */
  removeFrom(repositoryId: string, packageId: string): Promise<void>;
}

export interface VersionListFilter {
  readonly status?: VersionStatus;
  readonly originType?: OriginType;
}

export interface VersionQueries {
  insert(content: VersionContent, assets: readonly Asset[], readme: string | null): Promise<void>;
  /**
   * Adds a repository's reference to content that was inserted before, in the same transaction or an earlier one; the
   * repository has a record of the package. Returns false when the repository already has that version, in this
   * spelling or another.
   */
  refer(reference: VersionReference): Promise<boolean>;
  find(repositoryId: string, packageId: string, version: string): Promise<VersionInRepository | undefined>;
  /** The version whose spellings have this in common. */
  findByKey(repositoryId: string, packageId: string, key: string): Promise<VersionInRepository | undefined>;
  /** By version as plain text, after `after`. */
  list(
    repositoryId: string,
    packageId: string,
    filter: VersionListFilter,
    page: { after?: string; limit: number },
  ): Promise<VersionSummary[]>;
  /** Newest first, versions of the same time by version from last to first, after `after`. */
  listByPublishedTime(
    repositoryId: string,
    packageId: string,
    filter: VersionListFilter,
    page: { after?: { publishedAt: number; version: string }; limit: number },
  ): Promise<VersionSummary[]>;
  /** Every version with its documents, for rendering, by version as plain text. */
  all(repositoryId: string, packageId: string): Promise<VersionInRepository[]>;
  assets(versionId: string, page: { after?: string; limit: number }): Promise<Asset[]>;
  asset(versionId: string, name: string): Promise<Asset | undefined>;
  /** The assets' names of all versions whose number begins with `prefix`, each with its version and status. */
  assetNames(
    repositoryId: string,
    packageId: string,
    prefix: string,
  ): Promise<{ version: string; status: VersionStatus; name: string }[]>;
  /** An asset of a version that the repository holds, with the version's status there: one question for a download. */
  heldAsset(
    repositoryId: string,
    coordinate: PackageCoordinate,
    version: string,
    name: string,
  ): Promise<{ status: VersionStatus; asset: Asset } | undefined>;
  readme(versionId: string): Promise<string | undefined>;
  setDisplay(repositoryId: string, packageId: string, version: string, display: string | null): Promise<void>;
  /** As `find`, for many; those that the repository does not have are missing. */
  findAll(repositoryId: string, packageId: string, versions: readonly string[]): Promise<VersionInRepository[]>;
  setStatus(repositoryId: string, packageId: string, version: string, status: VersionStatus): Promise<void>;
  /** Makes the repository's version, which it has, this content with this status and display. */
  replace(reference: VersionReference): Promise<void>;
  /** Removes the repository's references to these versions, and its tags that point to them. */
  remove(repositoryId: string, packageId: string, versions: readonly string[]): Promise<void>;
  /** Adds assets to a content and gives it these texts and this revision. */
  grow(
    versionId: string,
    assets: readonly Asset[],
    texts: Pick<VersionContent, 'metadata' | 'entry' | 'revision'>,
  ): Promise<void>;
  /** Ids of the repositories that refer to a content. */
  holders(versionId: string): Promise<string[]>;
  /** Makes a second content that is like the first, and lets these repositories refer to it instead. */
  fork(versionId: string, newId: string, repositoryIds: readonly string[]): Promise<void>;
  assetCount(versionId: string): Promise<number>;
  /**
   * Lets go of what these contents no longer need, after references to them were removed or disposed: a content without
   * references goes, one that is Disposed wherever it is referred to loses its assets. Their blobs are collected later.
   */
  tidy(versionIds: readonly string[]): Promise<void>;
}

export interface TagQueries {
  list(repositoryId: string, packageId: string): Promise<Tag[]>;
  set(repositoryId: string, packageId: string, tag: string, version: string): Promise<void>;
  /** Tags that begin with `start`, of all packages of a namespace in these repositories, by package. */
  ofNamespace(
    repositoryIds: readonly string[],
    format: string,
    namespace: string,
    start: string,
  ): Promise<{ repositoryId: string; name: string; tag: string }[]>;
  /** Returns false when there was no such tag. */
  delete(repositoryId: string, packageId: string, tag: string): Promise<boolean>;
}

/** Tags on AWS resources, by ARN. */
export interface ResourceTagQueries {
  list(arn: string): Promise<{ key: string; value: string }[]>;
  set(arn: string, key: string, value: string): Promise<void>;
  delete(arn: string, keys: readonly string[]): Promise<void>;
  deleteAll(arn: string): Promise<void>;
}

export interface PackageGroupQueries {
  /** Returns false when the domain has a group of that pattern. */
  insert(group: PackageGroup): Promise<boolean>;
  find(domainId: string, pattern: string): Promise<PackageGroup | undefined>;
  /** Every group of a domain, and every entry of their allow lists, by pattern. */
  all(domainId: string): Promise<{ groups: PackageGroup[]; allowed: AllowedRepository[] }>;
  setDetails(groupId: string, details: { contactInfo: string | null; description: string | null }): Promise<void>;
  setMode(groupId: string, restriction: GroupRestriction, mode: GroupMode): Promise<void>;
  /** Returns false when it was on the list already. */
  allow(entry: AllowedRepository): Promise<boolean>;
  /** Returns false when it was not on the list. */
  disallow(entry: AllowedRepository): Promise<boolean>;
  /** Names of the repositories on an allow list, by name, after `after`. */
  allowedRepositories(
    groupId: string,
    restriction: GroupRestriction,
    page: { after?: string; limit: number },
  ): Promise<string[]>;
  /** Deletes a group with its allow lists. */
  delete(groupId: string): Promise<void>;
  /**
   * Packages of a format that a repository of the domain has a record of, each once, whose variant begins with a
   * prefix; by variant, then namespace, then name, after `after`, which need not be there.
   */
  packages(
    domainId: string,
    format: string,
    variantPrefix: string,
    page: {
      after?: { readonly variant: string; readonly namespace: string | null; readonly name: string };
      limit: number;
    },
  ): Promise<PackageCoordinate[]>;
}

export interface PolicyQueries {
  find(holder: PolicyHolder): Promise<ResourcePolicy | undefined>;
  set(holder: PolicyHolder, policy: ResourcePolicy): Promise<void>;
  delete(holder: PolicyHolder): Promise<void>;
}

/**
 * Events on their way to the outside, written in the transaction of the change they tell of. They get their place in
 * the order when someone asks for them: what is committed late then comes after what was told, and nothing is missed.
 */
export interface EventQueries {
  /**
   * The next number of a package's events in its domain. Other changes of that package wait from here until the
   * transaction ends, so that numbers follow the order of the changes.
   */
  nextSequence(packageId: string): Promise<number>;
  add(packageId: string, sequence: number, event: VersionEvent): Promise<void>;
  /**
   * Gives events that have no place yet the next ones, many at once, in the order of each package's changes and of time.
   * Returns whether more may be waiting: when it returns false, all that was committed before the call has its place.
   */
  place(): Promise<boolean>;
  /** Placed events after a position, in order. */
  after(position: number, filter: EventFilter, limit: number): Promise<PlacedEvent[]>;
  /** The last place given; 0 when there is none. */
  lastPosition(): Promise<number>;
  /** Up to where a consumer has come; undefined for one that never came. */
  cursor(consumer: string): Promise<number | undefined>;
  setCursor(consumer: string, position: number): Promise<void>;
  /**
   * Forgets placed events up to a position and from before `before` (ms since epoch), the oldest first; never one that
   * comes after one that is kept, and never the last one, which tells where the order goes on.
   */
  forget(before: number, upTo: number): Promise<void>;
}

export interface PreparedQueries {
  find(key: PreparedKey): Promise<PreparedBytes | undefined>;
  save(key: PreparedKey, bytes: PreparedBytes): Promise<void>;
}

export interface UpstreamMetadataQueries {
  find(connection: string, unit: string): Promise<UpstreamMetadata | undefined>;
  save(metadata: UpstreamMetadata): Promise<void>;
  /** Forgets packages that were gone when last asked for, before `checkedBefore`. */
  forgetGone(checkedBefore: number): Promise<void>;
}

export interface SettingQueries {
  find(name: string): Promise<string | undefined>;
  /** Keeps the first value when two write at once; returns the value that is stored. */
  insert(name: string, value: string): Promise<string>;
}

export interface LockQueries {
  /**
   * Holds a named lock until the transaction ends; who wants the same one waits. For rules that no constraint of the
   * database can hold, such as "at most ten".
   */
  hold(name: string): Promise<void>;
}

/**
 * Who refers to which blobs, and the deleting of those that nobody does. Two looks, an hour or more apart, have to find
 * a blob without references before it goes: `core/collect-blobs.ts` tells why that loses nothing.
 */
export interface BlobReferenceQueries {
  /** Those of the given blobs that no asset and no upstream metadata refers to. */
  unreferenced(sha256s: readonly string[]): Promise<string[]>;
  /**
   * Call it before these blobs are stored, and again in the transaction that makes rows refer to them: none of them is
   * condemned any more. Returns those that are just being deleted: nothing must refer to them.
   */
  keep(sha256s: readonly string[]): Promise<string[]>;
  /** Notes that nobody refers to these blobs at `now`; those condemned before stay so since then. */
  condemn(sha256s: readonly string[], now: number): Promise<void>;
  /**
   * Marks as being deleted those of the given blobs that were condemned before `condemnedBefore`, were not kept since,
   * and that nobody refers to; returns them. From then on `keep` refuses them until they are forgotten.
   */
  takeForDeletion(sha256s: readonly string[], condemnedBefore: number, now: number): Promise<string[]>;
  /** Takes over the blobs that someone took for deletion before `takenBefore` and did not come to forget. */
  takeOverDeletions(takenBefore: number, now: number): Promise<string[]>;
  /** Forgets blobs that have been deleted. */
  forget(sha256s: readonly string[]): Promise<void>;
}

/** Who does what only one of several nodes should do at a time. A node that dies loses its leases by their end. */
export interface LeaseQueries {
  /** Takes a lease, or renews one of the same holder, until `until`. Returns false while another holder has it. */
  take(name: string, holder: string, times: { readonly now: number; readonly until: number }): Promise<boolean>;
  /** Gives a lease back; nothing happens when the holder no longer has it. */
  release(name: string, holder: string): Promise<void>;
}

/** All questions to the database, the same on every engine. */
export interface Queries {
  readonly domains: DomainQueries;
  readonly repositories: RepositoryQueries;
  readonly packages: PackageQueries;
  readonly versions: VersionQueries;
  readonly tags: TagQueries;
  readonly resourceTags: ResourceTagQueries;
  readonly packageGroups: PackageGroupQueries;
  readonly policies: PolicyQueries;
  readonly events: EventQueries;
  readonly prepared: PreparedQueries;
  readonly upstreamMetadata: UpstreamMetadataQueries;
  readonly settings: SettingQueries;
  readonly blobReferences: BlobReferenceQueries;
  readonly leases: LeaseQueries;
  readonly locks: LockQueries;
}

export interface TransactionalQueries extends Queries {
  /**
   * Runs `work` in one transaction: all of it is durable when this resolves, none of it is kept when `work` throws.
   * `work` awaits nothing but its queries. It may run again when the engine asks for a retry.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

export interface Storage extends TransactionalQueries {
  /**
   * The same for what can be worked out or asked for again: when a change resolves, it outlives the process, but power
   * loss may still take it. Changes keep their order: what is durable never hangs on one that is not.
   */
  readonly relaxed: TransactionalQueries;
  /**
   * Names the committed state. Equal names mean that nothing was committed in between, by this or any other process,
   * so that what was read at the first is still what would be read now. The opposite need not hold.
   */
  revision(): Promise<string>;
  close(): Promise<void>;
}
