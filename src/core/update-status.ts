import type { VersionStatus } from '../ports/storage.ts';
import { changeVersions } from './change-versions.ts';
import type { PackageInRepository } from './control/find.ts';
import type { Ports } from './core-ports.ts';
import { invalid } from './errors.ts';
import { type BatchResult, type Expectations, failures, unexpected } from './version-batch.ts';
import { recordChange } from './version-events.ts';

/** The statuses a caller may give; the others come about by operations of their own. */
const settable: ReadonlySet<string> = new Set<VersionStatus>(['Published', 'Unlisted', 'Archived']);

/**
 * Gives versions another status. The revision stays. A status a version already has is no fault and no change.
 *
 * Throws ValidationException for a status that cannot be given. Source: AWS user guide, "Update the status of a package
 * version"; reference, semantics 6.2.
 */
export async function updateVersionsStatus(
  ports: Ports,
  found: PackageInRepository,
  versions: readonly string[],
  target: VersionStatus | 'Deleted',
  expected: Expectations,
): Promise<BatchResult> {
  if (target === 'Deleted' || !settable.has(target)) {
    throw invalid(`Target status '${target}' is not permitted. It must be one of ${[...settable].join(', ')}.`);
  }
  return changeVersions(ports, found, versions, {
    check(version) {
      const failure = unexpected(version, expected);
      if (failure !== undefined) return failure;
      // Its assets are gone for good.
      if (version.status === 'Disposed') return failures.notAllowed(`Version ${version.version} is Disposed`);
      return undefined;
    },
    async apply(queries, versions, { target: place, packageId, coordinate }) {
      for (const { repositoryId, version, revision, status } of versions) {
        if (status === target) continue;
        await queries.versions.setStatus(repositoryId, packageId, version, target);
        const change = { operation: 'Updated', version, revision, status: target, isStatusChanged: true } as const;
        await recordChange(ports, queries, place, packageId, coordinate, change);
      }
      return new Map(versions.map(({ version, revision }) => [version, { revision, status: target }]));
    },
  });
}
