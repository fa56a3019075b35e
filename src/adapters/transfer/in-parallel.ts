/**
 * Runs `work` for every item, at most `width` at a time. Rejects with the first failure, after which no other item is
 * begun, as soon as what was under way has ended.
 */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let hasFailed = false;
  const run = async () => {
    try {
      for (let next = await iterator.next(); !next.done && !hasFailed; next = await iterator.next())
        await work(next.value);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: width }, run));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
