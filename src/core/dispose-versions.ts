import { changeVersions } from './change-versions.ts';
import type { PackageInRepository } from './control/find.ts';
import type { Ports } from './core-ports.ts';
import { type BatchResult, type Expectations, failures, unexpected } from './version-batch.ts';
import { recordChange } from './version-events.ts';

/**
 * Takes the assets of versions away for good and keeps their records. Bytes that nothing else refers to are deleted by
 * the next collections; what other repositories have of the same version stays. Source: AWS API reference,
 * DisposePackageVersions.
 */
export async function disposeVersions(
  ports: Ports,
  found: PackageInRepository,
  versions: readonly string[],
  expected: Expectations,
): Promise<BatchResult> {
  return changeVersions(ports, found, versions, {
    check(version) {
      const failure = unexpected(version, expected);
      if (failure !== undefined) return failure;
      if (version.status === 'Disposed') return failures.notAllowed(`Version ${version.version} is Disposed already`);
      return undefined;
    },
    async apply(queries, versions, { target, packageId, coordinate }) {
      for (const { repositoryId, version, versionId, revision } of versions) {
        const assetsRemoved = await queries.versions.assetCount(versionId);
        await queries.versions.setStatus(repositoryId, packageId, version, 'Disposed');
        await recordChange(ports, queries, target, packageId, coordinate, {
          operation: 'Updated',
          version,
          revision,
          status: 'Disposed',
          assetsRemoved,
          isStatusChanged: true,
        });
      }
      await queries.versions.tidy(versions.map(({ versionId }) => versionId));
      return new Map(versions.map(({ version, revision }) => [version, { revision, status: 'Disposed' }]));
    },
  });
}
