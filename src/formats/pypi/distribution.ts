import { createHash } from 'node:crypto';
import type { RandomAccess } from '../../core/format.ts';
import type { CoreMetadata } from './core-metadata.ts';
import { distributionLimits } from './limits.ts';
import type { ParsedFileName } from './names.ts';
import { readSdistMetadata } from './sdist.ts';
import { type PackagedMetadata, readWheelMetadata } from './wheel.ts';

/**
 * What a distribution says of itself; undefined for kinds whose metadata is not read, and for sdists without one.
 *
 * @param file its name, read as one of a known project
 * @throws ValidationException for one that is broken, over a limit, or of another project or version than its name.
 */
export function readDistribution(
  bytes: RandomAccess,
  fileName: string,
  file: ParsedFileName,
): Promise<PackagedMetadata | undefined> {
  if (file.kind === 'wheel') return readWheelMetadata(bytes, file, distributionLimits);
  if (file.kind === 'sdist') return readSdistMetadata(bytes, fileName, file, distributionLimits);
  return Promise.resolve(undefined);
}

/** The hash by which a page announces a METADATA. */
export function metadataHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The long description: the version's readme. */
export function readmeOf({ description }: CoreMetadata): string | null {
  return description ?? null;
}
