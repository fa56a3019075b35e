import type {
  Asset,
  Queries,
  RepositoryInDomain,
  RepositoryPackage,
  Restrictions,
  Tag,
  VersionInRepository,
  VersionStatus,
} from '../ports/storage.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { withDurableBlobs } from './durable-blobs.ts';
import { conflict, quotaExceeded, repositoryNotFound } from './errors.ts';
import type { FormatRules } from './format.ts';
import { growVersion } from './grow-version.ts';
import { checkPublishAllowed, firstRestrictions } from './origin-controls.ts';
import { packageSources } from './package-sources.ts';
import type { ReceivedAsset } from './receive-asset.ts';
import { revisionOf } from './revision.ts';
import { findSame, storedKey } from './same-version.ts';
import { recordChange } from './version-events.ts';

/** A version, or assets for one, as a format's `ingest` made it from an upload. */
export interface NewVersion {
  readonly version: string;
  readonly metadata: string;
  readonly entry: string;
  readonly display: string | null;
  readonly readme: string | null;
  readonly tags: readonly Tag[];
  readonly assets: readonly { readonly name: string; readonly received: ReceivedAsset }[];
  /** Whether more assets are to follow before anyone may use it; absent: they are not. */
  readonly isUnfinished?: boolean;
}

/** The version as it is after a publish. */
export interface PublishedVersion {
  /** `unchanged`: the repository already had all of it. */
  readonly outcome: 'created' | 'extended' | 'unchanged';
  readonly revision: string;
  readonly status: VersionStatus;
}

/**
 * Publishes a version, or assets of one, directly to a repository: all of it durable and visible when this resolves,
 * nothing of it otherwise.
 *
 * Throws AccessDeniedException when origin controls block publishing, ConflictException when the version exists with
 * other content or takes no more assets, or is upstream of the repository while the package takes versions from there;
 * quota exceeded above AWS's number of assets.
 * Source: AWS user guide, "Publishing packages" and "Editing package origin controls".
 */
export async function publishVersion(
  deps: Deps,
  target: RepositoryInDomain,
  format: FormatRules,
  coordinate: PackageCoordinate,
  version: NewVersion,
): Promise<PublishedVersion> {
  const displayName = format.displayName(coordinate);
  const { groups } = await deps.topologies.of(target.domain);
  const [record] = await deps.storage.packages.findIn([target.repository.id], coordinate);
  const before = record && (await existingVersion(deps.storage, format, record, version, displayName));
  if (before?.isUnchanged === true) {
    // Whoever published it may be waiting for the disk still: what comes after that is acknowledged after it.
    return deps.storage.transaction(async () => unchanged(before.existing));
  }
  checkPublishAllowed(groups, target.repository.id, coordinate, record, displayName);
  // Also where a version is there already that may have come from upstream: what is published here never joins that.
  if (record?.restrictions.upstream !== 'BLOCK')
    await checkNotUpstream(deps, target, format, coordinate, version.version, displayName);

  const assets = version.assets.map(
    ({ name, received }): Asset => ({ name, size: received.size, hashes: received.hashes }),
  );
  const blobs = version.assets.map(({ received: { hashes, staged } }) => ({ sha256: hashes.sha256, staged }));
  const repositoryId = target.repository.id;
  return withDurableBlobs(deps.storage, blobs, async (queries) => {
    await checkStillThere(queries, target);
    const packageId = await queries.packages.ensure(target.domain.id, coordinate, deps.ids.next());
    const restrictions = firstRestrictions(groups, coordinate, 'published');
    const current = await holdRecord(queries, repositoryId, packageId, coordinate, restrictions);
    const now = await existingVersion(queries, format, current, version, displayName);
    if (now?.isUnchanged === true) return unchanged(now.existing);
    checkPublishAllowed(groups, repositoryId, coordinate, current, displayName);
    const published =
      now === undefined
        ? await create(deps, queries, format, target, packageId, version, assets, displayName)
        : await extend(deps, queries, format, now, version, assets);
    const number = now?.existing.version ?? version.version;
    if (published.assetCount > deps.quotas.assetsPerVersion) {
      throw quotaExceeded(
        `Version '${number}' of '${displayName}' would have ${published.assetCount} assets; the quota is ${deps.quotas.assetsPerVersion}.`,
        'package-version',
        number,
      );
    }
    await setTags(queries, repositoryId, packageId, format.defaultDisplayTag, { ...version, version: number });
    const { outcome, revision, status } = published;
    await recordChange(deps, queries, target, packageId, coordinate, {
      operation: outcome === 'created' ? 'Created' : 'Updated',
      version: number,
      status,
      revision,
      assetsAdded: published.assetsAdded,
      isMetadataUpdated: outcome === 'created',
      isStatusChanged: now?.existing.status !== status,
    });
    return { outcome, revision, status };
  });
}

/** How often a record is made anew that someone deletes just then. */
const maxRecords = 5;

/**
 * The package's record in the repository, made if there is none, with its change counter raised: until the transaction
 * ends no one else changes the package there.
 */
async function holdRecord(
  queries: Queries,
  repositoryId: string,
  packageId: string,
  coordinate: PackageCoordinate,
  restrictions: Restrictions,
): Promise<RepositoryPackage> {
  for (let made = 0; made < maxRecords; made += 1) {
    await queries.packages.ensureIn(repositoryId, packageId, coordinate, restrictions);
    await queries.packages.touch(repositoryId, packageId);
    const [record] = await queries.packages.findIn([repositoryId], coordinate);
    if (record !== undefined) return record;
  }
  throw new Error('A package was removed while it was being published to.');
}

interface Written extends PublishedVersion {
  readonly assetsAdded: number;
  readonly assetCount: number;
}

async function create(
  deps: Deps,
  queries: Queries,
  format: FormatRules,
  { repository }: RepositoryInDomain,
  packageId: string,
  version: NewVersion,
  assets: readonly Asset[],
  displayName: string,
): Promise<Written> {
  const versionId = deps.ids.next();
  const now = deps.clock.now();
  const revision = revisionOf(version.metadata, assets);
  await queries.versions.insert(
    {
      id: versionId,
      packageId,
      version: version.version,
      revision,
      origin: { type: 'INTERNAL', repositoryName: repository.name, externalConnectionName: null },
      firstPublishedAt: now,
      metadata: version.metadata,
      entry: version.entry,
    },
    assets,
    version.readme,
  );
  const status = version.isUnfinished === true ? 'Unfinished' : 'Published';
  const isReferred = await queries.versions.refer({
    repositoryId: repository.id,
    packageId,
    version: version.version,
    versionId,
    status,
    publishedAt: now,
    display: version.display,
    key: storedKey(format, version.version),
  });
  // A download through upstreams does not wait for publishes, and may have brought the number in just now.
  if (!isReferred) throw exists(displayName, version.version, 'already in the repository');
  return { outcome: 'created', revision, status, assetsAdded: assets.length, assetCount: assets.length };
}

/** Adds what the version does not have yet, and finishes it when nothing is to follow. */
async function extend(
  deps: Deps,
  queries: Queries,
  format: FormatRules,
  { existing, newAssets }: Existing,
  version: NewVersion,
  assets: readonly Asset[],
): Promise<Written> {
  const { repositoryId, packageId } = existing;
  const added = assets.filter(({ name }) => newAssets.has(name));
  const growth = { metadata: version.metadata, entry: version.entry, assets: added };
  const { revision, assetCount } = await growVersion(deps, queries, format, existing, [repositoryId], growth);
  const isFinished = existing.status === 'Unfinished' && version.isUnfinished !== true;
  const status = isFinished ? 'Published' : existing.status;
  if (isFinished) await queries.versions.setStatus(repositoryId, packageId, existing.version, status);
  return { outcome: 'extended', revision, status, assetsAdded: added.length, assetCount };
}

function unchanged({ revision, status }: VersionInRepository): PublishedVersion {
  return { outcome: 'unchanged', revision, status };
}

/** An upload takes time, in which the repository may have been deleted. */
async function checkStillThere(queries: Queries, { domain, repository }: RepositoryInDomain): Promise<void> {
  const found = await queries.repositories.find(domain.id, repository.name);
  if (found?.id !== repository.id) throw repositoryNotFound(repository.name, domain.name, domain.owner);
}

/** The version a publish meets in the repository. */
interface Existing {
  readonly existing: VersionInRepository;
  /** Names of the assets it does not have. */
  readonly newAssets: ReadonlySet<string>;
  /** Whether it has everything already, in the state it is to have. */
  readonly isUnchanged: boolean;
}

/** Undefined when there is none yet; throws ConflictException when what is there does not take what comes. */
async function existingVersion(
  queries: Queries,
  format: FormatRules,
  { repositoryId, packageId }: RepositoryPackage,
  version: NewVersion,
  displayName: string,
): Promise<Existing | undefined> {
  const existing = await findSame(queries.versions, format, repositoryId, packageId, version.version);
  if (existing === undefined) return undefined;
  const { takesAssets } = format;
  const { version: number, status } = existing;
  const isFronted = status === 'Unlisted' && format.isFronted?.(number) === true;
  if (status !== 'Published' && status !== 'Unfinished' && !isFronted) {
    throw exists(displayName, number, `already in the repository with status ${status}; delete it first`);
  }
  const newAssets = new Set<string>();
  for (const { name, received } of version.assets) {
    const asset = await queries.versions.asset(existing.versionId, name);
    if (asset === undefined) newAssets.add(name);
    else if (asset.hashes.sha256 !== received.hashes.sha256) throw hasOtherContent(displayName, existing);
  }
  const takesMore = takesAssets === 'always' || (takesAssets === 'while unfinished' && status === 'Unfinished');
  const [added] = newAssets;
  if (added !== undefined && !takesMore) {
    const why = `already in the repository and ${status}, and only an Unfinished version takes new assets such as`;
    throw exists(displayName, number, `${why} '${added}'; publish a new version number`);
  }
  const isFinishing = status === 'Unfinished' && version.isUnfinished !== true;
  return { existing, newAssets, isUnchanged: newAssets.size === 0 && !isFinishing };
}

function hasOtherContent(displayName: string, { version, status }: VersionInRepository) {
  const remedy =
    status === 'Unfinished'
      ? 'Unfinished since an earlier publish; delete it and publish all of it again'
      : 'publish a new version number';
  return exists(displayName, version, `already in the repository with other content; ${remedy}`);
}

/** Throws ConflictException when the version can be reached upstream. A registry that cannot be asked is no obstacle. */
async function checkNotUpstream(
  deps: Deps,
  target: RepositoryInDomain,
  format: FormatRules,
  coordinate: PackageCoordinate,
  version: string,
  displayName: string,
): Promise<void> {
  const { versions } = deps.storage;
  for await (const step of packageSources(deps, target, coordinate)) {
    let there: string | undefined;
    if (step.kind === 'registry') there = (await step.document()).spelling(version, format.versionKey);
    if (step.kind === 'repository' && step.record.repositoryId !== target.repository.id) {
      const { repositoryId, packageId } = step.record;
      there = (await findSame(versions, format, repositoryId, packageId, version))?.version;
    }
    if (there !== undefined)
      throw exists(displayName, there, 'reachable through an upstream or external connection of the repository');
  }
}

/** Sets the given tags, and the default display tag with a package's only version, as public registries do. */
async function setTags(
  queries: Queries,
  repositoryId: string,
  packageId: string,
  defaultTag: string | null,
  { tags, version }: NewVersion,
): Promise<void> {
  for (const { tag } of tags) await queries.tags.set(repositoryId, packageId, tag, version);
  if (defaultTag === null || tags.some(({ tag }) => tag === defaultTag)) return;
  // Where there are others, the tag may be missing because its version was deleted: a prerelease must not become it.
  const versions = await queries.versions.list(repositoryId, packageId, {}, { limit: 2 });
  if (versions.length > 1) return;
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
