import type { Clock } from '../ports/clock.ts';

/** Where progress goes: the part of `process.stderr` that is needed. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Says how far a long command is: every second on the same line of a terminal, else every ten seconds on a new one. */
export interface Progress {
  /** Says `text()` when it is time to; costs next to nothing when it is not. */
  tell(text: () => string): void;
  /** Gives the terminal's line back. */
  end(): void;
}

export function progressOn(output: Output, clock: Clock): Progress {
  const everyMs = output.isTTY ? 1_000 : 10_000;
  let due = clock.now() + everyMs;
  let isShown = false;
  return {
    tell(text) {
      if (clock.now() < due) return;
      due = clock.now() + everyMs;
      output.write(output.isTTY ? `\r\x1b[K${text()}` : `packyard: ${text()}\n`);
      isShown = true;
    },
    end() {
      if (output.isTTY && isShown) output.write('\r\x1b[K');
    },
  };
}

/** `1234567` as `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Bytes in the unit that suits them: `3.2 GB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
