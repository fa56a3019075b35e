import type { Blobs } from '../ports/blobs.ts';
import { readWhole } from './read-all.ts';
import { WeightedCache } from './weighted-cache.ts';

/** Assets up to this size are served from memory; larger ones stream. */
const maxSmallBytes = 64 * 1024;

/** Whether an asset of this size, if it is known, is served at once. */
export function isSmall(size: number | undefined): boolean {
  return size !== undefined && size <= maxSmallBytes;
}

/** Small stored blobs in a bounded memory cache: for them, opening a file costs more than all else. */
export class SmallBlobs {
  readonly #blobs: Blobs;
  readonly #cache: WeightedCache<Buffer>;

  constructor(blobs: Blobs, cacheBytes: number) {
    this.#blobs = blobs;
    this.#cache = new WeightedCache(cacheBytes);
  }

  /** The bytes of a stored blob of `size` bytes; undefined when it is not a small one. */
  async read(sha256: string, size: number): Promise<Buffer | undefined> {
    if (!isSmall(size)) return undefined;
    const cached = this.#cache.get(sha256);
    if (cached !== undefined) return cached;
    const bytes = await readWhole(this.#blobs.open(sha256));
    this.#cache.set(sha256, bytes, bytes.length + 500);
    return bytes;
  }
}
