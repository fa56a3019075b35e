import { createHash } from 'node:crypto';
import { withDurableBlobs } from '../../src/core/durable-blobs.ts';
import { type PackageSketch, tarballOf } from '../support/packages.ts';
import type { OwnPorts } from './shared-stores.ts';

/** How long a blob must have been without a reference before it is deleted, and a little. */
export const moreThanAnHourMs = 61 * 60_000;

/** Stores blobs as a publish does whose rows are not written then; returns their keys. */
export async function storeGarbage({ storage, blobs }: OwnPorts, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.from(`garbage ${index}`);
    const sha256 = sha256Of(bytes);
    const staged = await blobs.stage();
    await staged.write(bytes);
    await withDurableBlobs(storage, [{ sha256, staged }], async () => undefined);
    await staged.release();
    keys.push(sha256);
  }
  return keys;
}

/** The keys of all blobs that are in the bucket, sorted. */
export async function storedBlobs({ blobs }: OwnPorts): Promise<string[]> {
  return (await Array.fromAsync(blobs.list())).map(({ sha256 }) => sha256).toSorted();
}

/** A package with the key that its tarball has. */
export async function described(sketch: PackageSketch): Promise<{ sketch: PackageSketch; sha256: string }> {
  return { sketch, sha256: sha256Of(await tarballOf(sketch)) };
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
