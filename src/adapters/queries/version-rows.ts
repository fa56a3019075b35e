import type { OriginType, VersionInRepository, VersionStatus, VersionSummary } from '../../ports/storage.ts';

/** What listings read of a `reference` and its `content`. */
export const versionColumns = [
  'reference.repository_id',
  'reference.package_id',
  'reference.version',
  'reference.version_id',
  'reference.status',
  'reference.published_at',
  'reference.display',
  'reference.version_key',
  'content.revision',
  'content.origin_type',
  'content.origin_repository',
  'content.origin_connection',
] as const;

/** What is read beside them where a version is rendered or described. */
export const documentColumns = ['content.first_published_at', 'content.metadata', 'content.entry'] as const;

interface SummaryRow {
  readonly repository_id: string;
  readonly package_id: string;
  readonly version: string;
  readonly version_id: string;
  readonly status: VersionStatus;
  readonly published_at: number;
  readonly display: string | null;
  readonly version_key: string | null;
  readonly revision: string;
  readonly origin_type: OriginType;
  readonly origin_repository: string | null;
  readonly origin_connection: string | null;
}

interface VersionRow extends SummaryRow {
  readonly first_published_at: number;
  readonly metadata: string;
  readonly entry: string;
}

/** The port's shape of a row of `versionColumns`. */
export function toSummary(row: SummaryRow): VersionSummary {
  return {
    repositoryId: row.repository_id,
    packageId: row.package_id,
    version: row.version,
    versionId: row.version_id,
    status: row.status,
    publishedAt: row.published_at,
    display: row.display,
    key: row.version_key,
    revision: row.revision,
    origin: {
      type: row.origin_type,
      repositoryName: row.origin_repository,
      externalConnectionName: row.origin_connection,
    },
  };
}

/** The port's shape of a row of `versionColumns` and `documentColumns`. */
export function toVersion(row: VersionRow): VersionInRepository {
  return { ...toSummary(row), firstPublishedAt: row.first_published_at, metadata: row.metadata, entry: row.entry };
}
