import { WeightedCache } from './weighted-cache.ts';

const millisecondsPerSecond = 1_000;
/** Far more than ask within a second: whoever falls out has not asked for so long that it is forgiven. */
const maxKeys = 20_000;

interface Bucket {
  /** Thousandths of a request that may be made at once: whole numbers, as rates and milliseconds are. */
  level: number;
  /** When that was so. */
  at: number;
}

/**
 * Token buckets, one per key: each fills at its key's rate and holds what comes in within a second, so that as much can
 * be asked for at once. Keys that have not asked for longest are forgotten, as if they had never asked.
 */
export class Throttle {
  readonly #buckets = new WeightedCache<Bucket>(maxKeys);

  /**
   * Takes one request from a key's bucket. Undefined when there was one, else the seconds until there will be, and
   * nothing is taken.
   *
   * @param rate requests per second, a whole number
   * @param now milliseconds; time that runs backwards fills nothing
   */
  take(key: string, rate: number, now: number): number | undefined {
    const full = rate * millisecondsPerSecond;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { level: full, at: now };
      this.#buckets.set(key, bucket);
    }
    bucket.level = Math.min(full, bucket.level + Math.max(0, now - bucket.at) * rate);
    bucket.at = now;
    const missing = millisecondsPerSecond - bucket.level;
    if (missing > 0) return missing / rate / millisecondsPerSecond;
    bucket.level -= millisecondsPerSecond;
    return undefined;
  }
}
