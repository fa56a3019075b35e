import { expect, it } from 'vitest';
import { bytesText, grouped, progressOn } from '../../src/cli/progress.ts';

/** What is written when 120 steps are told, a quarter of a second apart. */
function written(isTTY: boolean): string[] {
  const lines: string[] = [];
  let now = 0;
  const progress = progressOn({ isTTY, write: (text) => lines.push(text) }, { now: () => now });
  for (let step = 1; step <= 120; step += 1) {
    now += 250;
    progress.tell(() => `step ${step}`);
  }
  progress.end();
  return lines;
}

it('tells a log how far it is every ten seconds, on lines of their own', () => {
  expect(written(false)).toEqual(['packyard: step 40\n', 'packyard: step 80\n', 'packyard: step 120\n']);
});

it('tells a terminal every second, on one line that is gone at the end', () => {
  const lines = written(true);
  expect(lines).toHaveLength(31);
  expect(lines.slice(0, 2)).toEqual(['\r\x1b[Kstep 4', '\r\x1b[Kstep 8']);
  expect(lines.at(-1)).toBe('\r\x1b[K');
});

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.0 KB'],
  [3_240_000_000, '3.2 GB'],
  [2_000_000_000_000_000, '2000.0 TB'],
])('spells %d bytes as %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

it('groups digits', () => expect(grouped(1_234_567)).toBe('1,234,567'));
