/** Runs `work` for each value, `width` at a time. */
export async function eachOf<T>(values: readonly T[], width: number, work: (value: T) => Promise<void>): Promise<void> {
  const rest = [...values];
  const next = async () => {
    for (let value = rest.pop(); value !== undefined; value = rest.pop()) await work(value);
  };
  await Promise.all(Array.from({ length: width }, next));
}
