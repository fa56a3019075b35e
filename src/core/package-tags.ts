import type { Queries, RepositoryInDomain, RepositoryPackage } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { displayNameOf } from './display-name.ts';
import { PackyardError, packageNotFound, versionNotFound } from './errors.ts';
import { recordMetadataChange } from './version-events.ts';

/**
 * Points a tag to a version that the repository itself holds. Throws ResourceNotFoundException when it does not hold
 * the package or the version: a version that is only upstream is retained by downloading it once.
 */
export async function setPackageTag(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  tag: string,
  version: string,
): Promise<void> {
  const { repository } = target;
  await deps.storage.transaction(async (queries) => {
    const record = await heldRecord(deps, queries, target, coordinate);
    const found = await queries.versions.find(repository.id, record.packageId, version);
    if (found === undefined) {
      throw versionNotFound(coordinate.format, displayNameOf(deps, coordinate), version, repository.name);
    }
    await queries.tags.set(repository.id, record.packageId, tag, version);
    await recordMetadataChange(deps, queries, target, coordinate, found);
    await queries.packages.touch(repository.id, record.packageId);
  });
}

/** The version of a tag that is of its package as a whole: it stays while versions come and go. */
export const wholePackage = '';

/** Tags a package that the repository itself holds as a whole. Throws ResourceNotFoundException when it does not. */
export async function tagPackage(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  tag: string,
): Promise<void> {
  const { repository } = target;
  await deps.storage.transaction(async (queries) => {
    const { packageId } = await heldRecord(deps, queries, target, coordinate);
    await queries.tags.set(repository.id, packageId, tag, wholePackage);
    const [newest] = await queries.versions.listByPublishedTime(repository.id, packageId, {}, { limit: 1 });
    if (newest !== undefined) await recordMetadataChange(deps, queries, target, coordinate, newest);
    await queries.packages.touch(repository.id, packageId);
  });
}

/** Removes a tag of the repository's own. Throws ResourceNotFoundException when there is none of that name. */
export async function deletePackageTag(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  tag: string,
): Promise<void> {
  const { repository } = target;
  await deps.storage.transaction(async (queries) => {
    const record = await heldRecord(deps, queries, target, coordinate);
    const tagged = (await queries.tags.list(repository.id, record.packageId)).find((each) => each.tag === tag);
    if (!(await queries.tags.delete(repository.id, record.packageId, tag))) {
      throw new PackyardError(
        'ResourceNotFoundException',
        `Repository '${repository.name}' has no tag '${tag}' of its own on package '${coordinate.name}'.`,
        { resourceType: 'package', resourceId: coordinate.name },
      );
    }
    const version = tagged && (await queries.versions.find(repository.id, record.packageId, tagged.version));
    if (version !== undefined) await recordMetadataChange(deps, queries, target, coordinate, version);
    await queries.packages.touch(repository.id, record.packageId);
  });
}

/** The package's record in the repository itself. Throws ResourceNotFoundException when there is none. */
async function heldRecord(
  deps: Deps,
  queries: Queries,
  { repository }: RepositoryInDomain,
  coordinate: PackageCoordinate,
): Promise<RepositoryPackage> {
  const [record] = await queries.packages.findIn([repository.id], coordinate);
  if (record !== undefined) return record;
  throw packageNotFound(coordinate.format, displayNameOf(deps, coordinate), repository.name);
}
