import type { Asset, Queries, RepositoryInDomain, RepositoryPackage, Tag } from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { withDurableBlobs } from './durable-blobs.ts';
import { conflict, repositoryNotFound } from './errors.ts';
import type { FormatRules } from './format.ts';
import { checkPublishAllowed, firstRestrictions } from './origin-controls.ts';
import { packageSources } from './package-sources.ts';
import type { ReceivedAsset } from './receive-asset.ts';
import { revisionOf } from './revision.ts';

/** A version as a format's `ingest` made it from an upload. */
export interface NewVersion {
  readonly version: string;
  readonly metadata: string;
  readonly entry: string;
  readonly display: string | null;
  readonly readme: string | null;
  readonly tags: readonly Tag[];
  readonly assets: readonly { readonly name: string; readonly received: ReceivedAsset }[];
}

/**
 * Publishes a version directly to a repository: all of it durable and visible when this resolves, nothing of it
 * otherwise. Returns `unchanged` when the repository already has the version with the same assets.
 *
 * Throws AccessDeniedException when origin controls block publishing, ConflictException when the version exists with
 * other content, or upstream of the repository while the package takes versions from there.
 * Source: AWS user guide, "Publishing packages" and "Editing package origin controls".
 */
export async function publishVersion(
  deps: Deps,
  target: RepositoryInDomain,
  format: FormatRules,
  coordinate: PackageCoordinate,
  version: NewVersion,
): Promise<'created' | 'unchanged'> {
  const displayName = format.displayName(coordinate);
  const [record] = await deps.storage.packages.findIn([target.repository.id], coordinate);
  if (record !== undefined && (await alreadyPublished(deps.storage, record, version, displayName))) {
    // Whoever published it may be waiting for the disk still: what comes after that is acknowledged after it.
    return deps.storage.transaction(async () => 'unchanged' as const);
  }
  checkPublishAllowed(record, displayName);
  if (record?.restrictions.upstream !== 'BLOCK')
    await checkNotUpstream(deps, target, coordinate, version.version, displayName);

  const assets = version.assets.map(
    ({ name, received }): Asset => ({ name, size: received.size, hashes: received.hashes }),
  );
  const blobs = version.assets.map(({ received: { hashes, staged } }) => ({ sha256: hashes.sha256, staged }));
  const now = deps.clock.now();
  const repositoryId = target.repository.id;
  return withDurableBlobs(deps.storage, blobs, async (queries) => {
    await checkStillThere(queries, target);
    const packageId = await queries.packages.ensure(target.domain.id, coordinate, deps.ids.next());
    await queries.packages.ensureIn(repositoryId, packageId, coordinate, firstRestrictions.published);
    const [current] = await queries.packages.findIn([repositoryId], coordinate);
    if (current !== undefined && (await alreadyPublished(queries, current, version, displayName))) return 'unchanged';
    checkPublishAllowed(current, displayName);
    const versionId = deps.ids.next();
    await queries.versions.insert(
      {
        id: versionId,
        packageId,
        version: version.version,
        revision: revisionOf(version.metadata, assets),
        origin: { type: 'INTERNAL', repositoryName: target.repository.name, externalConnectionName: null },
        firstPublishedAt: now,
        metadata: version.metadata,
        entry: version.entry,
      },
      assets,
      version.readme,
    );
    const referred = await queries.versions.refer({
      repositoryId,
      packageId,
      version: version.version,
      versionId,
      status: 'Published',
      publishedAt: now,
      display: version.display,
    });
    if (!referred) throw exists(displayName, version.version, 'being published by someone else');
    await setTags(queries, repositoryId, packageId, format.defaultDisplayTag, version);
    await queries.packages.touch(repositoryId, packageId);
    return 'created';
  });
}

/** An upload takes time, in which the repository may have been deleted. */
async function checkStillThere(queries: Queries, { domain, repository }: RepositoryInDomain): Promise<void> {
  const found = await queries.repositories.find(domain.id, repository.name);
  if (found?.id !== repository.id) throw repositoryNotFound(repository.name, domain.name, domain.owner);
}

/** Whether the very same version is there already; throws ConflictException when another one holds its number. */
async function alreadyPublished(
  queries: Queries,
  { repositoryId, packageId }: RepositoryPackage,
  version: NewVersion,
  displayName: string,
): Promise<boolean> {
  const existing = await queries.versions.find(repositoryId, packageId, version.version);
  if (existing === undefined) return false;
  if (existing.status !== 'Published') {
    throw exists(
      displayName,
      version.version,
      `already in the repository with status ${existing.status}; delete it first`,
    );
  }
  for (const { name, received } of version.assets) {
    const asset = await queries.versions.asset(existing.versionId, name);
    if (asset?.hashes.sha256 !== received.hashes.sha256) {
      throw exists(
        displayName,
        version.version,
        'already in the repository with other content; publish a new version number',
      );
    }
  }
  return true;
}

/** Throws ConflictException when the version can be reached upstream. A registry that cannot be asked is no obstacle. */
async function checkNotUpstream(
  deps: Deps,
  target: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
  displayName: string,
): Promise<void> {
  for await (const step of packageSources(deps, target, coordinate)) {
    const isThere =
      (step.kind === 'registry' && (await step.document()).has(version)) ||
      (step.kind === 'repository' &&
        step.record.repositoryId !== target.repository.id &&
        (await deps.storage.versions.find(step.record.repositoryId, step.record.packageId, version)) !== undefined);
    if (isThere)
      throw exists(displayName, version, 'reachable through an upstream or external connection of the repository');
  }
}

/** Sets the given tags, and the default display tag when the package has none yet, as public registries do. */
async function setTags(
  queries: Queries,
  repositoryId: string,
  packageId: string,
  defaultTag: string | null,
  { tags, version }: NewVersion,
): Promise<void> {
  for (const { tag } of tags) await queries.tags.set(repositoryId, packageId, tag, version);
  if (defaultTag === null || tags.some(({ tag }) => tag === defaultTag)) return;
  const existing = await queries.tags.list(repositoryId, packageId);
  if (!existing.some(({ tag }) => tag === defaultTag))
    await queries.tags.set(repositoryId, packageId, defaultTag, version);
}

function exists(displayName: string, version: string, why: string) {
  return conflict(
    `Version '${version}' of '${displayName}' cannot be published: it is ${why}.`,
    'package-version',
    version,
  );
}
