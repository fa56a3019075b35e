import type { Blobs, StagedBlob } from '../ports/blobs.ts';
import type { RandomAccess } from './format.ts';

/** The bytes of a blob that is on its way in, all of them written. */
export function stagedBytes(staged: StagedBlob, size: number): RandomAccess {
  return { size, read: (range) => staged.read(range) };
}

/** The bytes of a stored blob. */
export function storedBytes(blobs: Blobs, sha256: string, size: number): RandomAccess {
  return { size, read: (range) => blobs.open(sha256, range) };
}
