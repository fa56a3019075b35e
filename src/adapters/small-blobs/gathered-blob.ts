import { Readable } from 'node:stream';
import type { ByteRange, StagedBlob } from '../../ports/blobs.ts';

/** What a gathered blob does when it is to be kept, and when it turns out to be a large one. */
export interface GatheredBlobEnds {
  /** Bytes that are gathered at the most. */
  readonly maxBytes: number;
  keep(sha256: string, bytes: Buffer): Promise<void>;
  spill(): Promise<StagedBlob>;
}

/** A staged blob that is gathered in memory; one that grows too large goes on as another staged blob. */
export class GatheredBlob implements StagedBlob {
  readonly #ends: GatheredBlobEnds;
  #chunks: Buffer[] = [];
  #size = 0;
  #spilled: StagedBlob | undefined;
  #isReleased = false;

  constructor(ends: GatheredBlobEnds) {
    this.#ends = ends;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#spilled === undefined && this.#size + chunk.length <= this.#ends.maxBytes) {
      // A copy: the writer may use its buffer again.
      this.#chunks.push(Buffer.from(chunk));
      this.#size += chunk.length;
      return;
    }
    await (await this.#spill()).write(chunk);
  }

  read(range: ByteRange): Readable {
    if (this.#spilled !== undefined) return this.#spilled.read(range);
    if (this.#isReleased) throw new Error('The staged blob has been released.');
    return Readable.from([this.#whole().subarray(range.start, range.end + 1)], { objectMode: false });
  }

  commit(sha256: string): Promise<void> {
    return this.#spilled?.commit(sha256) ?? this.#ends.keep(sha256, this.#whole());
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    this.#chunks = [];
    await this.#spilled?.release();
  }

  #whole(): Buffer {
    const whole = Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [whole];
    return whole;
  }

  async #spill(): Promise<StagedBlob> {
    if (this.#spilled !== undefined) return this.#spilled;
    const spilled = await this.#ends.spill();
    for (const chunk of this.#chunks) await spilled.write(chunk);
    this.#chunks = [];
    this.#spilled = spilled;
    return spilled;
  }
}
