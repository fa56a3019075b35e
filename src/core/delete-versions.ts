import type { Queries, VersionSummary } from '../ports/storage.ts';
import { type ChangeContext, changeVersions } from './change-versions.ts';
import type { PackageInRepository } from './control/find.ts';
import type { Ports } from './core-ports.ts';
import { type BatchResult, type Expectations, unexpected } from './version-batch.ts';
import { recordChange } from './version-events.ts';

/**
 * Deletes versions from a repository, whatever their status. Their numbers can be published again; the package's record
 * stays, also without versions. Source: AWS user guide, "Delete a package or package version".
 */
export async function deleteVersions(
  ports: Ports,
  found: PackageInRepository,
  versions: readonly string[],
  expected: Expectations,
): Promise<BatchResult> {
  return changeVersions(ports, found, versions, {
    check: (version) => unexpected(version, expected),
    async apply(queries, versions, at) {
      await removeVersions(ports, queries, versions, at);
      return new Map(versions.map(({ version, revision }) => [version, { revision, status: 'Deleted' }]));
    },
  });
}

/** Removes versions that the repository has, with their tags and what only they referred to, and tells of it. */
export async function removeVersions(
  ports: Ports,
  queries: Queries,
  versions: readonly VersionSummary[],
  { target, packageId, coordinate }: ChangeContext,
): Promise<void> {
  for (const { version, versionId, revision, status } of versions) {
    const assetsRemoved = status === 'Disposed' ? 0 : await queries.versions.assetCount(versionId);
    const change = { operation: 'Deleted', version, revision, status, assetsRemoved } as const;
    await recordChange(ports, queries, target, packageId, coordinate, change);
  }
  const numbers = versions.map(({ version }) => version);
  await queries.versions.remove(target.repository.id, packageId, numbers);
  await queries.versions.tidy(versions.map(({ versionId }) => versionId));
}
