/** A run of text between two `*` of a pattern. Any character may stand at the places `singles` lists: those of `?`. */
export interface Run {
  readonly text: string;
  readonly singles: readonly number[];
}

/** A pattern as its runs in order, with a `*` between each two; a pattern without `*` is one run. */
export type Glob = readonly [Run, ...Run[]];

/**
 * Whether the whole of `text` matches. Each run between two stars is taken where it fits first, which is as good as any
 * later place, so nothing is ever tried twice: no pattern makes this slow. A character is a UTF-16 code unit.
 */
export function globMatches(glob: Glob, text: string): boolean {
  const first = glob[0];
  const last = glob.at(-1);
  if (last === undefined || glob.length === 1) return text.length === first.text.length && stands(first, text, 0);
  const end = text.length - last.text.length;
  let position = first.text.length;
  if (position > end || !stands(first, text, 0) || !stands(last, text, end)) return false;
  for (let index = 1; index < glob.length - 1; index += 1) {
    const run = glob[index];
    if (run === undefined) break;
    const found = find(run, text, position, end - run.text.length);
    if (found === -1) return false;
    position = found + run.text.length;
  }
  return true;
}

/** The first place of `run` in `text` from `from` to `to`, or -1. */
function find(run: Run, text: string, from: number, to: number): number {
  if (run.singles.length === 0) {
    const found = text.indexOf(run.text, from);
    return found > to ? -1 : found;
  }
  for (let place = from; place <= to; place += 1) if (stands(run, text, place)) return place;
  return -1;
}

function stands(run: Run, text: string, place: number): boolean {
  if (run.singles.length === 0) return text.startsWith(run.text, place);
  let done = 0;
  for (const single of run.singles) {
    if (!text.startsWith(run.text.slice(done, single), place + done)) return false;
    done = single + 1;
  }
  return text.startsWith(run.text.slice(done), place + done);
}
