import { createHash } from 'node:crypto';
import type { Blobs } from '../../ports/blobs.ts';
import type { ReferencedBlob } from './referenced-blobs.ts';

/** What has become of a blob that was to be copied. */
type Outcome = 'copied' | 'present' | { readonly problem: string };

/**
 * Copies a blob unless the target has it in its right size. The bytes are hashed on the way, and stored only if they
 * are what their name says.
 *
 * @param passed told how many bytes are done, as they are
 */
export async function copyBlob(
  source: Blobs,
  target: Blobs,
  { sha256, size }: ReferencedBlob,
  passed: (bytes: number) => void,
): Promise<Outcome> {
  const expected = size ?? (await source.size(sha256));
  if (expected === undefined) return { problem: 'missing in the source' };
  if ((await target.size(sha256)) === expected) {
    passed(expected);
    return 'present';
  }
  const staged = await target.stage();
  try {
    const hash = createHash('sha256');
    for await (const chunk of bytesOf(source, sha256)) {
      hash.update(chunk);
      await staged.write(chunk);
      passed(chunk.length);
    }
    if (hash.digest('hex') !== sha256) return { problem: 'damaged in the source' };
    await staged.commit(sha256);
    return 'copied';
  } catch (error) {
    if (error instanceof MissingBlob) return { problem: 'missing in the source' };
    throw error;
  } finally {
    await staged.release();
  }
}

/**
 * Reads a blob back. Returns what is wrong with it, measured by its name and by its row; undefined when nothing is.
 * One that is not what its name says is of no use to anybody, and is deleted, so that the next run copies it anew.
 *
 * @param passed told how many bytes are done, as they are
 */
export async function faultOf(
  blobs: Blobs,
  { sha256, size }: ReferencedBlob,
  passed: (bytes: number) => void,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of bytesOf(blobs, sha256)) {
      hash.update(chunk);
      bytes += chunk.length;
      passed(chunk.length);
    }
  } catch (error) {
    if (error instanceof MissingBlob) return 'missing in the target';
    throw error;
  }
  if (hash.digest('hex') !== sha256) {
    await blobs.delete(sha256);
    return 'damaged in the target, and removed from it: run the copy again';
  }
  return faultOfSize(size, bytes);
}

/** As `faultOf`, but reads nothing: a blob that is there in its right size is taken to be right. */
export async function faultAtAGlance(blobs: Blobs, { sha256, size }: ReferencedBlob): Promise<string | undefined> {
  const bytes = await blobs.size(sha256);
  return bytes === undefined ? 'missing in the target' : faultOfSize(size, bytes);
}

function faultOfSize(expected: number | undefined, bytes: number): string | undefined {
  return expected === undefined || expected === bytes ? undefined : `has ${bytes} bytes, and its row says ${expected}`;
}

class MissingBlob extends Error {}

/** The bytes of a blob. Throws MissingBlob when there is none. */
async function* bytesOf(blobs: Blobs, sha256: string): AsyncGenerator<Buffer> {
  try {
    yield* blobs.open(sha256) as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new MissingBlob();
    throw error;
  }
}
