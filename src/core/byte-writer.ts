const blockBytes = 64 * 1024;

/**
 * Gathers texts, and bytes that are texts already, into one body. Bytes are copied as they are: a stored document goes
 * into an answer without ever becoming a string.
 */
export class ByteWriter {
  readonly #full: Buffer[] = [];
  #block = Buffer.allocUnsafe(blockBytes);
  #used = 0;
  #before = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#before + this.#used;
  }

  write(part: string | Buffer): void {
    const length = typeof part === 'string' ? Buffer.byteLength(part) : part.length;
    if (length > this.#block.length - this.#used) this.#next(length);
    if (typeof part === 'string') this.#block.write(part, this.#used);
    else part.copy(this.#block, this.#used);
    this.#used += length;
  }

  /** What was written, in pieces. Nothing may be written after it. */
  chunks(): Buffer[] {
    return [...this.#full, this.#block.subarray(0, this.#used)];
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.chunks(), this.length);
  }

  /** Begins a new block, so large that `length` bytes fit; blocks grow with what there is. */
  #next(length: number): void {
    this.#full.push(this.#block.subarray(0, this.#used));
    this.#before += this.#used;
    this.#block = Buffer.allocUnsafe(Math.max(length, Math.min(this.#before, 16 * blockBytes), blockBytes));
    this.#used = 0;
  }
}
