import type { StagedBlob } from '../ports/blobs.ts';
import type { RandomAccess } from './format.ts';
import { readWhole } from './read-all.ts';

/** The bytes of a blob that is on its way in, all of them written. */
export function stagedBytes(staged: StagedBlob, size: number): RandomAccess {
  return { size, read: async (start, end) => (end > start ? readWhole(staged.read({ start, end: end - 1 })) : empty) };
}

const empty = Buffer.of();
