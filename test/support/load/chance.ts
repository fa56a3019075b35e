/** Chance that can be repeated: the same seed gives the same numbers. */
export class Chance {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed;
  }

  /** At least 0, less than 1. Source: mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both possible. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** A size from `least` to `most` bytes, each order of magnitude as likely as the next. */
  size(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.fraction());
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.between(0, values.length - 1)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length + (-length & 3));
    for (let position = 0; position < length; position += 4)
      bytes.writeUInt32LE(Math.floor(this.fraction() * 2 ** 32), position);
    return bytes.subarray(0, length);
  }
}
