import type { Queries, RepositoryInDomain, VersionStatus, VersionSummary } from '../ports/storage.ts';
import { packageArn } from './arns.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Ports } from './core-ports.ts';

/** What happened to a version in a repository. Numbers are counts of assets. */
export interface VersionChange {
  readonly operation: 'Created' | 'Updated' | 'Deleted';
  readonly version: string;
  /** After the change; for a deletion the last one (semantics 9.2; unverified). */
  readonly status: VersionStatus;
  readonly revision: string;
  readonly assetsAdded?: number;
  readonly assetsRemoved?: number;
  readonly assetsUpdated?: number;
  readonly isMetadataUpdated?: boolean;
  readonly isStatusChanged?: boolean;
}

/**
 * Writes the event that tells of a change. Call it in the transaction of the change: then no crash can part the two.
 * Source: AWS user guide, "CodeArtifact event format and example".
 */
export async function recordChange(
  { ids, clock }: Pick<Ports, 'ids' | 'clock'>,
  queries: Queries,
  { domain, repository }: RepositoryInDomain,
  packageId: string,
  coordinate: PackageCoordinate,
  change: VersionChange,
): Promise<void> {
  const { name, owner, region } = domain;
  const sequence = await queries.events.nextSequence(packageId);
  const id = ids.uuid();
  const detail = {
    domainName: name,
    domainOwner: owner,
    repositoryName: repository.name,
    repositoryAdministrator: repository.administratorAccount,
    packageFormat: coordinate.format,
    packageNamespace: coordinate.namespace,
    packageName: coordinate.name,
    packageVersion: change.version,
    packageVersionState: change.status,
    packageVersionRevision: change.revision,
    changes: {
      assetsAdded: change.assetsAdded ?? 0,
      assetsRemoved: change.assetsRemoved ?? 0,
      assetsUpdated: change.assetsUpdated ?? 0,
      metadataUpdated: change.isMetadataUpdated ?? false,
      statusChanged: change.isStatusChanged ?? false,
    },
    operationType: change.operation,
    sequenceNumber: sequence,
    eventDeduplicationId: id,
  };
  await queries.events.add(packageId, sequence, {
    id,
    at: clock.now(),
    region,
    owner,
    domain: name,
    administrator: repository.administratorAccount,
    resource: packageArn({ region, owner, domain: name, repository: repository.name }, coordinate),
    detail: JSON.stringify(detail),
  });
}

/** Records that what a repository says over one of its versions changed (npm: a dist-tag, a deprecation). */
export async function recordMetadataChange(
  ports: Pick<Ports, 'ids' | 'clock'>,
  queries: Queries,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { packageId, version, status, revision }: VersionSummary,
): Promise<void> {
  const change = { operation: 'Updated', version, status, revision, isMetadataUpdated: true } as const;
  await recordChange(ports, queries, target, packageId, coordinate, change);
}
