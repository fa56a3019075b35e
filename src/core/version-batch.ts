import type { Queries, RepositoryPackage, VersionInRepository, VersionStatus } from '../ports/storage.ts';

/** Why a version was not changed; the words are AWS's `PackageVersionErrorCode`. */
export type VersionErrorCode =
  | 'ALREADY_EXISTS'
  | 'MISMATCHED_REVISION'
  | 'MISMATCHED_STATUS'
  | 'NOT_ALLOWED'
  | 'NOT_FOUND'
  | 'SKIPPED';

export interface VersionFailure {
  readonly code: VersionErrorCode;
  readonly message: string;
}

/** What became of each version of a call. Either nothing failed, or nothing was changed. */
export interface BatchResult {
  readonly successful: ReadonlyMap<string, { readonly revision: string; readonly status: VersionStatus | 'Deleted' }>;
  readonly failed: ReadonlyMap<string, VersionFailure>;
}

/** What a caller expects of the versions it wants changed. */
export interface Expectations {
  readonly status?: VersionStatus | 'Deleted' | undefined;
  /** By version. */
  readonly revisions?: ReadonlyMap<string, string> | undefined;
}

/** AWS's texts where the guide has them. Source: AWS user guide, "Update the status of a package version". */
export const failures = {
  notFound: (version: string): VersionFailure => ({
    code: 'NOT_FOUND',
    message: `Could not find version ${version}`,
  }),
  otherStatus: (current: string, expected: string): VersionFailure => ({
    code: 'MISMATCHED_STATUS',
    message: `current status: ${current}, expected status: ${expected}`,
  }),
  otherRevision: (current: string, expected: string): VersionFailure => ({
    code: 'MISMATCHED_REVISION',
    message: `current revision: ${current}, expected revision: ${expected}`,
  }),
  notAllowed: (message: string): VersionFailure => ({ code: 'NOT_ALLOWED', message }),
  exists: (version: string): VersionFailure => ({
    code: 'ALREADY_EXISTS',
    message: `Version ${version} already exists`,
  }),
};

/** Why a version does not meet what the caller expects of it. */
export function unexpected(
  { version, status, revision }: VersionInRepository,
  expected: Expectations,
): VersionFailure | undefined {
  if (expected.status !== undefined && expected.status !== status) return failures.otherStatus(status, expected.status);
  const expectedRevision = expected.revisions?.get(version);
  if (expectedRevision === undefined || expectedRevision === revision) return undefined;
  return failures.otherRevision(revision, expectedRevision);
}

/**
 * Finds the versions of a batch in one repository and lets `check` look at each. When any is missing or fails, the
 * result says so, the others count as skipped, and nothing may be changed. Call it in the transaction of the change,
 * after the package's record was locked. Source: AWS API reference; all or nothing is what the service does today.
 */
export async function checkBatch(
  queries: Queries,
  { repositoryId, packageId }: RepositoryPackage,
  versions: readonly string[],
  check: (found: VersionInRepository) => VersionFailure | undefined,
): Promise<{ found: VersionInRepository[]; failed: Map<string, VersionFailure> }> {
  const wanted = [...new Set(versions)];
  const found = await queries.versions.findAll(repositoryId, packageId, wanted);
  const byVersion = new Map(found.map((version) => [version.version, version]));
  const failed = new Map<string, VersionFailure>();
  for (const version of wanted) {
    const present = byVersion.get(version);
    const failure = present === undefined ? failures.notFound(version) : check(present);
    if (failure !== undefined) failed.set(version, failure);
  }
  return { found, failed: withSkipped(wanted, failed, (version) => `version ${version} is skipped`) };
}

/** One failure fails all: those without a fault of their own are skipped. */
export function withSkipped(
  versions: readonly string[],
  failed: ReadonlyMap<string, VersionFailure>,
  message: (version: string) => string,
): Map<string, VersionFailure> {
  if (failed.size === 0) return new Map();
  return new Map(
    versions.map((version) => [version, failed.get(version) ?? { code: 'SKIPPED', message: message(version) }]),
  );
}
