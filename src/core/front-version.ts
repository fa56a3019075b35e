import type { Queries, RepositoryInDomain, VersionInRepository } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { versionNotFound } from './errors.ts';
import { referenceIn } from './retain-version.ts';
import { recordChange } from './version-events.ts';
import { isDownloadable } from './version-status.ts';

/** A version that is published under another number, which shows the newest of several. */
export interface Fronting {
  readonly version: string;
  /** The number under which the version is Published, in place of what was there. */
  readonly front: string;
  /** Throws when the version must not be published yet. */
  check(unfinished: VersionInRepository): void;
  /** Whether it takes the place of what the front shows now. */
  isNewerThan(shown: VersionInRepository): boolean;
}

/**
 * Publishes a version under a second number of its package: both refer to the same content, the second is Published and
 * the version itself, when it was Unfinished, Unlisted. A version that is older than what the second number shows
 * leaves that as it is. Source: AWS user guide, "Publishing Maven snapshots".
 *
 * Throws ResourceNotFoundException when the repository does not have the version, or not any more.
 */
export async function frontVersion(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { version, front, check, isNewerThan }: Fronting,
): Promise<void> {
  const { repository } = target;
  const missing = () => versionNotFound(coordinate.format, coordinate.name, version, repository.name);
  await deps.storage.transaction(async (queries) => {
    const [record] = await queries.packages.findIn([repository.id], coordinate);
    if (record === undefined) throw missing();
    const { packageId } = record;
    await queries.packages.lock(repository.id, packageId);
    const found = await queries.versions.find(repository.id, packageId, version);
    const isUnfinished = found?.status === 'Unfinished';
    if (found === undefined || !(isUnfinished || isDownloadable(found.status))) throw missing();
    if (isUnfinished) {
      check(found);
      await queries.versions.setStatus(repository.id, packageId, version, 'Unlisted');
      const { revision } = found;
      const change = { operation: 'Updated', version, revision, status: 'Unlisted', isStatusChanged: true } as const;
      await recordChange(deps, queries, target, packageId, coordinate, change);
    }
    const shown = await queries.versions.find(repository.id, packageId, front);
    const isShown = shown !== undefined && (shown.versionId === found.versionId || !isNewerThan(shown));
    if (!isShown) await show(deps, queries, target, coordinate, { ...found, version: front }, shown);
    if (isUnfinished || !isShown) await queries.packages.touch(repository.id, packageId);
  });
}

async function show(
  deps: Deps,
  queries: Queries,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  wanted: VersionInRepository,
  shown: VersionInRepository | undefined,
): Promise<void> {
  const { packageId, version, versionId, revision } = wanted;
  const reference = {
    ...referenceIn(target.repository.id, wanted, deps.clock.now()),
    status: 'Published',
    display: null,
  } as const;
  const assetsRemoved = shown === undefined ? 0 : await queries.versions.assetCount(shown.versionId);
  if (shown === undefined) await queries.versions.refer(reference);
  else await queries.versions.replace(reference);
  await recordChange(deps, queries, target, packageId, coordinate, {
    operation: shown === undefined ? 'Created' : 'Updated',
    version,
    status: 'Published',
    revision,
    assetsAdded: await queries.versions.assetCount(versionId),
    assetsRemoved,
    isMetadataUpdated: true,
    isStatusChanged: shown?.status !== 'Published',
  });
  if (shown !== undefined) await queries.versions.tidy([shown.versionId]);
}
