/** How long after a fault its consequences may show: connections break when they are used next. */
const aftermathMs = 2_000;

/** Knows when something was broken on purpose, so that a test can tell what that excuses. */
export class Troubles {
  #underWay = 0;
  #lastEnd = Number.NEGATIVE_INFINITY;

  /** Breaks something for as long as `fault` runs. */
  async during(fault: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await fault();
    } finally {
      this.#underWay -= 1;
      this.#lastEnd = performance.now();
    }
  }

  /** Whether something that began at `startedAt` (by `performance.now`) and ends now may have met with a fault. */
  metSince(startedAt: number): boolean {
    return this.#underWay > 0 || this.#lastEnd + aftermathMs > startedAt;
  }
}
