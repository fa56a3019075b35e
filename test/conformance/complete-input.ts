import type { Operation } from '../../src/api/operations.ts';
import { sampleInput } from '../support/sample-input.ts';

/** What some operations want besides the members that the model requires. */
const alsoNeeded: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  CopyPackageVersions: { versions: ['1.0.0'] },
  PublishPackageVersion: { format: 'generic', namespace: 'team', assetName: 'notes.txt' },
};

/** An input that an operation takes, where domain and package of the samples are there. */
export function completeInput(operation: Operation, domainOwner: string): Record<string, unknown> {
  return { ...sampleInput(operation, domainOwner), ...alsoNeeded[operation.name] };
}
