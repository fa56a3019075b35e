import type { Queries, RepositoryInDomain, RepositoryPackage, VersionInRepository } from '../ports/storage.ts';
import { normalizeCoordinate } from './control/find.ts';
import type { PackageCoordinate } from './coordinates.ts';
import type { Deps } from './deps.ts';
import { displayNameOf } from './display-name.ts';
import { packageNotFound } from './errors.ts';
import type { FormatRules } from './format.ts';
import { firstRestrictions } from './origin-controls.ts';
import { packageSources } from './package-sources.ts';
import { wholePackage } from './package-tags.ts';
import { recordCreation, referenceIn } from './retain-version.ts';
import { findSame } from './same-version.ts';
import {
  type BatchResult,
  type Expectations,
  failures,
  unexpected,
  type VersionFailure,
  withSkipped,
} from './version-batch.ts';
import { recordChange } from './version-events.ts';

export interface CopyRequest {
  readonly versions: readonly string[];
  /** Of the versions in the source. */
  readonly expected: Expectations;
  /** Whether another version of the same number in the destination is replaced. */
  readonly overwrites: boolean;
  /** Whether versions are looked for in the source's upstream repositories too; public registries are never asked. */
  readonly includesUpstream: boolean;
}

/**
 * Copies versions of a package from one repository of a domain to another: references, not bytes. All of them or, when
 * one fails, none. A version that the destination has already, with the same content, is a silent success: it is in
 * neither map of the result. Tags of the source that point to copied versions come along. Origin controls do not stop
 * a copy. Source: AWS user guide, "Copy packages between repositories"; reference, semantics 6.5.
 *
 * Throws ResourceNotFoundException when the source does not know the package.
 */
export async function copyVersions(
  deps: Deps,
  source: RepositoryInDomain,
  destination: RepositoryInDomain,
  given: PackageCoordinate,
  request: CopyRequest,
): Promise<BatchResult> {
  const coordinate = normalizeCoordinate(deps, given);
  const records = await sourceRecords(deps, source, coordinate, request.includesUpstream);
  if (records.length === 0) {
    throw packageNotFound(coordinate.format, displayNameOf(deps, coordinate), source.repository.name);
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await deps.storage.transaction((queries) =>
        copyFrom(deps, queries, records, destination, coordinate, request),
      );
    } catch (error) {
      if (!(error instanceof CameMeanwhile) || tries === maxTries) throw error;
    }
  }
}

/** How often a copy is planned anew. */
const maxTries = 5;

/** A version came into the destination after the plan was made: by another copy, or by a download through upstreams. */
class CameMeanwhile extends Error {}

async function copyFrom(
  deps: Deps,
  queries: Queries,
  records: readonly RepositoryPackage[],
  destination: RepositoryInDomain,
  coordinate: PackageCoordinate,
  request: CopyRequest,
): Promise<BatchResult> {
  const { domain, repository } = destination;
  const { groups } = await deps.topologies.of(domain);
  const packageId = await queries.packages.ensure(domain.id, coordinate, deps.ids.next());
  // In one order everywhere, so that two copies that cross do not wait for each other. What is not there locks nothing.
  const places = new Set([repository.id, ...records.map(({ repositoryId }) => repositoryId)]);
  for (const id of [...places].sort()) await queries.packages.lock(id, packageId);
  const rules = deps.formats.get(coordinate.format) ?? {};
  const plan = await planCopy(queries, rules, records, repository.id, packageId, request);
  if (plan.failed.size > 0) return { successful: new Map(), failed: plan.failed };
  const [first] = plan.steps;
  if (first !== undefined) {
    const arrival = first.version.origin.type === 'EXTERNAL' ? 'retained' : 'published';
    const restrictions = firstRestrictions(groups, coordinate, arrival);
    await queries.packages.ensureIn(repository.id, packageId, coordinate, restrictions);
    await queries.packages.touch(repository.id, packageId);
  }
  for (const step of plan.steps) {
    await take(deps, queries, destination, coordinate, step);
    await copyTags(queries, step, repository.id);
  }
  const successful = plan.steps.map(
    ({ version: { version, revision, status } }) => [version, { revision, status }] as const,
  );
  return { successful: new Map(successful), failed: plan.failed };
}

/** The records that may have the versions, the nearest first. */
async function sourceRecords(
  deps: Deps,
  source: RepositoryInDomain,
  coordinate: PackageCoordinate,
  includesUpstream: boolean,
): Promise<RepositoryPackage[]> {
  if (!includesUpstream) return deps.storage.packages.findIn([source.repository.id], coordinate);
  const records: RepositoryPackage[] = [];
  for await (const step of packageSources(deps, source, coordinate, { asksRegistries: false })) {
    if (step.kind === 'repository') records.push(step.record);
  }
  return records;
}

interface CopyStep {
  readonly version: VersionInRepository;
  /** What it takes the place of. */
  readonly replaced: VersionInRepository | undefined;
}

interface CopyPlan {
  readonly steps: readonly CopyStep[];
  readonly failed: ReadonlyMap<string, VersionFailure>;
}

async function planCopy(
  queries: Queries,
  rules: Pick<FormatRules, 'versionKey'>,
  records: readonly RepositoryPackage[],
  destinationId: string,
  packageId: string,
  { versions, expected, overwrites }: CopyRequest,
): Promise<CopyPlan> {
  const wanted = [...new Set(versions)];
  const found = new Map<string, VersionInRepository>();
  for (const record of records) {
    const missing = wanted.filter((version) => !found.has(version));
    for (const version of await queries.versions.findAll(record.repositoryId, record.packageId, missing)) {
      found.set(version.version, version);
    }
  }
  const held = await queries.versions.findAll(destinationId, packageId, wanted);
  const present = new Map(held.map((version) => [version.version, version]));
  const steps: CopyStep[] = [];
  const failed = new Map<string, VersionFailure>();
  const planned = new Set<string>();
  for (const number of wanted) {
    const version = found.get(number);
    // Of formats in which a number has several spellings the destination may have another one.
    const replaced =
      present.get(number) ??
      (rules.versionKey && (await findSame(queries.versions, rules, destinationId, packageId, number)));
    if (version === undefined) {
      failed.set(number, failures.notFound(number));
      continue;
    }
    // A repository and its upstream may each have another spelling of one version.
    const key = version.key ?? number;
    const isPlanned = planned.has(key);
    planned.add(key);
    const failure =
      unexpected(version, expected) ?? uncopiable(version) ?? (isPlanned ? failures.exists(number) : undefined);
    if (failure !== undefined) failed.set(number, failure);
    else if (replaced === undefined || (overwrites && !isIdentical(version, replaced)))
      steps.push({ version, replaced });
    else if (!isSame(version, replaced)) failed.set(number, failures.exists(number));
  }
  return { steps, failed: withSkipped(wanted, failed, (version) => `Version ${version} was skipped`) };
}

/** Unfinished versions grow where they are, and disposed ones have nothing left (reference, 2.2; unverified). */
function uncopiable({ version, status }: VersionInRepository): VersionFailure | undefined {
  if (status !== 'Unfinished' && status !== 'Disposed') return undefined;
  return failures.notAllowed(`Version ${version} is ${status} and cannot be copied`);
}

/** Equal content has equal revisions; a disposed version has lost its content. */
function isSame(version: VersionInRepository, other: VersionInRepository): boolean {
  return version.revision === other.revision && other.status !== 'Disposed';
}

/** Whether nothing would change in what is shown: a deprecation is a repository's own. */
function isIdentical(version: VersionInRepository, other: VersionInRepository): boolean {
  return isSame(version, other) && version.display === other.display;
}

async function take(
  deps: Deps,
  queries: Queries,
  destination: RepositoryInDomain,
  coordinate: PackageCoordinate,
  { version, replaced }: CopyStep,
): Promise<void> {
  const reference = referenceIn(destination.repository.id, version, deps.clock.now());
  if (replaced === undefined) {
    if (!(await queries.versions.refer(reference))) throw new CameMeanwhile();
    await recordCreation(deps, queries, destination, coordinate, version);
    return;
  }
  const before = await assetsOf(queries, replaced);
  await queries.versions.replace({ ...reference, version: replaced.version });
  await recordChange(deps, queries, destination, version.packageId, coordinate, {
    operation: 'Updated',
    version: replaced.version,
    status: version.status,
    revision: version.revision,
    ...assetChanges(before, await assetsOf(queries, version)),
    isMetadataUpdated: version.metadata !== replaced.metadata,
    isStatusChanged: version.status !== replaced.status,
  });
  await queries.versions.tidy([replaced.versionId]);
}

/** SHA-256 by name, of the assets that a repository has of a version. */
async function assetsOf(
  queries: Queries,
  { versionId, status }: VersionInRepository,
): Promise<ReadonlyMap<string, string>> {
  if (status === 'Disposed') return new Map();
  const assets = await queries.versions.assets(versionId, { limit: Number.MAX_SAFE_INTEGER });
  return new Map(assets.map(({ name, hashes }) => [name, hashes.sha256]));
}

/** How many assets an overwritten version got, lost, and has with other bytes. */
function assetChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  const names = [...after.keys()];
  return {
    assetsAdded: names.filter((name) => !before.has(name)).length,
    assetsRemoved: [...before.keys()].filter((name) => !after.has(name)).length,
    assetsUpdated: names.filter((name) => before.has(name) && before.get(name) !== after.get(name)).length,
  };
}

async function copyTags(queries: Queries, { version }: CopyStep, destinationId: string): Promise<void> {
  for (const { tag, version: tagged } of await queries.tags.list(version.repositoryId, version.packageId)) {
    if (tagged === version.version || tagged === wholePackage)
      await queries.tags.set(destinationId, version.packageId, tag, tagged);
  }
}
