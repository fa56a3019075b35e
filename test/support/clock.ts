import type { Clock } from '../../src/ports/clock.ts';

/** The machine's clock, which a test may move on. */
export class TestClock implements Clock {
  /** Milliseconds ahead of the machine's. */
  ahead = 0;

  now(): number {
    return Date.now() + this.ahead;
  }
}
