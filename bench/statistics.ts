/** The middle of the values; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which this share of the values lies, by linear interpolation. Throws for no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) throw new Error('There is nothing to take a quantile of.');
  return low + (high - low) * (position - Math.floor(position));
}

/** Runs every contender once per round, each round beginning with another one; returns what each gave, by round. */
export async function interleaved<Name extends string, T>(
  rounds: number,
  contenders: ReadonlyMap<Name, (round: number) => Promise<T>>,
): Promise<Map<Name, T[]>> {
  const names = [...contenders.keys()];
  const results = new Map<Name, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const run = contenders.get(name);
      if (run !== undefined) results.get(name)?.push(await run(round));
    }
  }
  return results;
}
