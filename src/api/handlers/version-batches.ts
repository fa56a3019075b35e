import type {
  CopyPackageVersionsRequest,
  CopyPackageVersionsResult,
  DeletePackageVersionsRequest,
  DeletePackageVersionsResult,
  DisposePackageVersionsRequest,
  DisposePackageVersionsResult,
  UpdatePackageVersionsStatusRequest,
  UpdatePackageVersionsStatusResult,
} from '@aws-sdk/client-codeartifact';
import { findPackage, findRepository } from '../../core/control/find.ts';
import { copyVersions } from '../../core/copy-versions.ts';
import { deleteVersions } from '../../core/delete-versions.ts';
import { disposeVersions } from '../../core/dispose-versions.ts';
import { invalid } from '../../core/errors.ts';
import { updateVersionsStatus } from '../../core/update-status.ts';
import type { BatchResult } from '../../core/version-batch.ts';
import type { Call } from '../messages.ts';
import { coordinateOf, domainName, repositoryName } from './names.ts';
import type { Checked } from './types.ts';

export const versionBatchHandlers = {
  async CopyPackageVersions(
    call: Call,
    input: Checked<CopyPackageVersionsRequest>,
  ): Promise<CopyPackageVersionsResult> {
    const { sourceRepository, destinationRepository, versions, versionRevisions } = input;
    if ((versions === undefined) === (versionRevisions === undefined)) {
      throw invalid('Give either versions or versionRevisions, not both and not neither.');
    }
    if (sourceRepository === destinationRepository) {
      throw invalid('The source repository and the destination repository must not be the same.');
    }
    const revisions = revisionMap(versionRevisions);
    const numbers = versions ?? [...(revisions?.keys() ?? [])];
    checkCount(numbers);
    const domain = domainName(call, input);
    const { storage } = call.deps;
    const source = await findRepository(storage, { ...domain, repository: sourceRepository });
    const destination = await findRepository(storage, { ...domain, repository: destinationRepository });
    return answer(
      await copyVersions(call.deps, source, destination, coordinateOf(input), {
        versions: numbers,
        expected: { revisions },
        overwrites: input.allowOverwrite ?? false,
        includesUpstream: input.includeFromUpstream ?? false,
      }),
    );
  },

  async DeletePackageVersions(
    call: Call,
    input: Checked<DeletePackageVersionsRequest>,
  ): Promise<DeletePackageVersionsResult> {
    const found = await findPackage(call.deps, repositoryName(call, input), coordinateOf(input));
    return answer(await deleteVersions(call.deps, found, input.versions, { status: input.expectedStatus }));
  },

  async DisposePackageVersions(
    call: Call,
    input: Checked<DisposePackageVersionsRequest>,
  ): Promise<DisposePackageVersionsResult> {
    const expected = expectations(input);
    const found = await findPackage(call.deps, repositoryName(call, input), coordinateOf(input));
    return answer(await disposeVersions(call.deps, found, input.versions, expected));
  },

  async UpdatePackageVersionsStatus(
    call: Call,
    input: Checked<UpdatePackageVersionsStatusRequest>,
  ): Promise<UpdatePackageVersionsStatusResult> {
    const expected = expectations(input);
    const found = await findPackage(call.deps, repositoryName(call, input), coordinateOf(input));
    return answer(await updateVersionsStatus(call.deps, found, input.versions, input.targetStatus, expected));
  },
};

interface ExpectingInput {
  readonly versions: readonly string[];
  readonly versionRevisions?: Readonly<Record<string, string>> | undefined;
  readonly expectedStatus?: DeletePackageVersionsRequest['expectedStatus'];
}

/** Throws ValidationException when the revisions are not those of the versions (reference, 2.47; unverified). */
function expectations({ versions, versionRevisions, expectedStatus }: ExpectingInput) {
  const revisions = revisionMap(versionRevisions);
  if (revisions !== undefined) {
    const wanted = new Set(versions);
    if (wanted.size !== revisions.size || [...wanted].some((version) => !revisions.has(version))) {
      throw invalid('The versions and the keys of versionRevisions must be the same.');
    }
  }
  return { status: expectedStatus, revisions };
}

function revisionMap(revisions: Readonly<Record<string, string>> | undefined): Map<string, string> | undefined {
  return revisions === undefined ? undefined : new Map(Object.entries(revisions));
}

/** The model bounds the list of versions; a map of as many is bounded here. */
function checkCount(versions: readonly string[]): void {
  if (versions.length > 100) throw invalid('At most 100 versions can be copied by one call.');
}

function answer({ successful, failed }: BatchResult) {
  const failures = [...failed].map(([version, { code, message }]) => [
    version,
    { errorCode: code, errorMessage: message },
  ]);
  return {
    successfulVersions: Object.fromEntries(successful),
    failedVersions: Object.fromEntries(failures),
  };
}
