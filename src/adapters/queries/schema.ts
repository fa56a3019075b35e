import type { Kysely } from 'kysely';
import type { GroupMode, GroupRestriction, OriginType, Restriction, VersionStatus } from '../../ports/storage.ts';

/** Anything queries can be asked of: the whole database or one transaction of it. */
export type Database = Kysely<Schema>;

/** A table's row as a compiled query takes it. */
export type RowOf<Table extends keyof Schema> = Pick<Schema[Table], keyof Schema[Table]>;

export interface DomainsTable {
  id: string;
  owner: string;
  region: string;
  name: string;
  encryption_key: string;
  created_at: number;
  topology_revision: number;
}

export interface RepositoriesTable {
  id: string;
  domain_id: string;
  name: string;
  administrator_account: string;
  description: string | null;
  created_at: number;
}

/** `upstream_id` names a repository but is no foreign key: the link outlives the upstream. */
interface RepositoryUpstreamsTable {
  repository_id: string;
  position: number;
  upstream_id: string;
}

interface ExternalConnectionsTable {
  repository_id: string;
  connection: string;
}

/** A coordinate of the domain. `namespace` is '' for none, so that it can take part in unique keys. */
interface PackagesTable {
  id: string;
  domain_id: string;
  format: string;
  namespace: string;
  name: string;
  /** What variants of a name have in common: `core/package-groups/variants.ts`. */
  variant: string;
  /** Number of the package's last event. */
  event_sequence: number;
}

/** A package's record in one repository; the coordinate is repeated here so that pages come from one index. */
export interface RepositoryPackagesTable {
  repository_id: string;
  package_id: string;
  format: string;
  namespace: string;
  name: string;
  /** `namespace/name` in lower case, folded by us because the engines fold differently. */
  folded: string;
  publish: Restriction;
  upstream: Restriction;
  change_counter: number;
}

/** A version's content, once per domain. The long texts come last: a row is read no further than needed. */
interface VersionsTable {
  id: string;
  package_id: string;
  version: string;
  revision: string;
  origin_type: OriginType;
  origin_repository: string | null;
  origin_connection: string | null;
  first_published_at: number;
  entry: string;
  metadata: string;
}

interface VersionReadmesTable {
  version_id: string;
  readme: string;
}

/** A repository's reference to a version. */
interface RepositoryVersionsTable {
  repository_id: string;
  package_id: string;
  version: string;
  version_id: string;
  status: VersionStatus;
  published_at: number;
  display: string | null;
  /** What the version's spellings have in common; null where it has one only. */
  version_key: string | null;
}

/** `domain_id` repeats the package's so that a domain's bytes are summed from one index. */
export interface AssetsTable {
  version_id: string;
  name: string;
  domain_id: string;
  size: number;
  md5: string;
  sha1: string;
  sha256: string;
  sha512: string;
}

interface TagsTable {
  repository_id: string;
  package_id: string;
  tag: string;
  version: string;
}

interface ResourceTagsTable {
  arn: string;
  key: string;
  value: string;
}

export interface PackageGroupsTable {
  id: string;
  domain_id: string;
  pattern: string;
  contact_info: string | null;
  description: string | null;
  created_at: number;
  publish: GroupMode;
  external_upstream: GroupMode;
  internal_upstream: GroupMode;
}

interface PackageGroupRepositoriesTable {
  group_id: string;
  restriction: GroupRestriction;
  repository_id: string;
}

interface DomainPoliciesTable {
  domain_id: string;
  revision: string;
  document: string;
}

interface RepositoryPoliciesTable {
  repository_id: string;
  revision: string;
  document: string;
}

/** `package_id` is no foreign key: an event is told also when its package is gone. */
export interface EventsTable {
  package_id: string;
  /** Counts the package's events in the order of the changes. */
  sequence: number;
  /** Null until the event has its place in the order of all events. */
  position: number | null;
  id: string;
  at: number;
  region: string;
  owner: string;
  domain: string;
  administrator: string;
  resource: string;
  detail: string;
}

interface EventCursorsTable {
  consumer: string;
  position: number;
}

interface PreparedTable {
  repository_id: string;
  unit: string;
  representation: string;
  stamp: string;
  etag: string;
  content_type: string;
  gzip: Uint8Array;
}

interface UpstreamMetadataTable {
  connection: string;
  unit: string;
  state: 'present' | 'gone';
  etag: string | null;
  last_modified: string | null;
  checked_at: number;
  changed_at: number;
  registry_url: string;
  document_sha256: string | null;
}

/** Blobs without a reference; `deleting_since` is set while their bytes are being deleted. */
interface CondemnedBlobsTable {
  sha256: string;
  condemned_at: number;
  deleting_since: number | null;
}

interface LeasesTable {
  name: string;
  holder: string;
  until: number;
}

interface LocksTable {
  name: string;
}

interface SettingsTable {
  name: string;
  value: string;
}

/** Every table, as Kysely sees them. Their DDL: `../migrations`. */
export interface Schema {
  domains: DomainsTable;
  repositories: RepositoriesTable;
  repository_upstreams: RepositoryUpstreamsTable;
  external_connections: ExternalConnectionsTable;
  packages: PackagesTable;
  repository_packages: RepositoryPackagesTable;
  versions: VersionsTable;
  version_readmes: VersionReadmesTable;
  repository_versions: RepositoryVersionsTable;
  assets: AssetsTable;
  tags: TagsTable;
  resource_tags: ResourceTagsTable;
  package_groups: PackageGroupsTable;
  package_group_repositories: PackageGroupRepositoriesTable;
  domain_policies: DomainPoliciesTable;
  repository_policies: RepositoryPoliciesTable;
  events: EventsTable;
  event_cursors: EventCursorsTable;
  prepared: PreparedTable;
  upstream_metadata: UpstreamMetadataTable;
  settings: SettingsTable;
  locks: LocksTable;
  condemned_blobs: CondemnedBlobsTable;
  leases: LeasesTable;
}
