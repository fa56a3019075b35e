import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Throttle } from '../../src/core/throttle.ts';

const start = Date.UTC(2026, 10, 20);

let throttle: Throttle;
beforeEach(() => {
  throttle = new Throttle();
});

/** How many of `count` requests at one moment are taken. */
function takenOf(count: number, key: string, rate: number, now: number): number {
  return Array.from({ length: count }, () => throttle.take(key, rate, now)).filter((wait) => wait === undefined).length;
}

describe('A throttle', () => {
  it("takes a second's worth at once, and says when the next one is taken", () => {
    expect(takenOf(10, 'a', 10, start)).toBe(10);
    expect(throttle.take('a', 10, start)).toBeCloseTo(0.1);
    expect(throttle.take('a', 10, start + 60)).toBeCloseTo(0.04);
    expect(throttle.take('a', 10, start + 100)).toBeUndefined();
    expect(throttle.take('a', 10, start + 100)).toBeCloseTo(0.1);
  });

  it('takes as many per second as the rate says from one who never stops', () => {
    takenOf(5, 'a', 5, start);
    let taken = 0;
    for (let ms = 1; ms <= 10_000; ms += 1) taken += takenOf(1, 'a', 5, start + ms);
    expect(taken).toBe(50);
  });

  it("gives no more than a second's worth after a long rest", () => {
    takenOf(3, 'a', 3, start);
    expect(takenOf(100, 'a', 3, start + 3_600_000)).toBe(3);
  });

  it('counts each key for itself', () => {
    expect(takenOf(5, 'a', 2, start)).toBe(2);
    expect(takenOf(5, 'b', 2, start)).toBe(2);
  });

  it('goes on when the clock is set back', () => {
    expect(takenOf(2, 'a', 2, start)).toBe(2);
    expect(throttle.take('a', 2, start - 86_400_000)).toBeCloseTo(0.5);
    expect(throttle.take('a', 2, start - 86_400_000 + 500)).toBeUndefined();
  });

  it('forgets who has not asked for longest, not everyone it ever saw', () => {
    takenOf(1, 'first', 1, start);
    expect(throttle.take('first', 1, start)).toBeDefined();
    for (let each = 0; each < 50_000; each += 1) throttle.take(`address ${each}`, 1, start);
    expect(throttle.take('first', 1, start)).toBeUndefined();
    expect(throttle.take('address 49999', 1, start)).toBeDefined();
  });

  it('never takes more in any stretch of time than the rate and one burst', () => {
    const steps = fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (rate, pauses) => {
        const fresh = new Throttle();
        let now = start;
        const taken: number[] = [];
        for (const pause of pauses) {
          now += pause;
          if (fresh.take('a', rate, now) === undefined) taken.push(now);
        }
        for (const [first, from] of taken.entries()) {
          for (const [last, until] of taken.entries()) {
            if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(rate + ((until - from) * rate) / 1_000);
          }
        }
      }),
    );
  });

  it('keeps its word: who comes again after the time it said is taken', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 50 }),
        (rate, pauses) => {
          const fresh = new Throttle();
          let now = start;
          for (const pause of pauses) {
            now += pause;
            fresh.take('a', rate, now);
          }
          let wait: number | undefined;
          while (wait === undefined) wait = fresh.take('a', rate, now);
          expect(wait).toBeLessThanOrEqual(1);
          expect(fresh.take('a', rate, now + Math.ceil(wait * 1_000))).toBeUndefined();
        },
      ),
    );
  });
});
