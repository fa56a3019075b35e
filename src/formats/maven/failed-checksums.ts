import { invalid } from '../../core/errors.ts';
import type { VersionInRepository } from '../../ports/storage.ts';
import type { ChecksumAlgorithm } from './checksums.ts';

/**
 * The assets of an Unfinished version whose checksum was sent and was not theirs, each with the algorithms: the note
 * that the repository keeps of the version.
 */
type Failures = Readonly<Record<string, readonly ChecksumAlgorithm[]>>;

type Noted = Pick<VersionInRepository, 'display'>;

/** The note after a checksum was sent; null when nothing is wrong any more. */
export function withChecksum(
  { display }: Noted,
  assetName: string,
  algorithm: ChecksumAlgorithm,
  isRight: boolean,
): string | null {
  const { [assetName]: failed = [], ...others } = failuresOf(display);
  const remaining = failed.filter((each) => each !== algorithm);
  if (!isRight) remaining.push(algorithm);
  const failures: Failures = remaining.length === 0 ? others : { ...others, [assetName]: remaining };
  return Object.keys(failures).length === 0 ? null : JSON.stringify(failures);
}

/**
 * Throws ValidationException when a checksum of one of the version's assets was wrong. Source: AWS user guide, "Maven
 * checksums".
 */
export function checkChecksums({ display, version }: Noted & Pick<VersionInRepository, 'version'>): void {
  const [failed] = Object.entries(failuresOf(display));
  if (failed === undefined) return;
  throw invalid(
    `Version '${version}' is not published: the ${failed[1].join(' and ')} sent for '${failed[0]}' is not that of its ` +
      'bytes. Send the right one, or delete the version and deploy it again.',
  );
}

function failuresOf(display: string | null): Failures {
  return Object.assign(Object.create(null), JSON.parse(display ?? '{}'));
}
