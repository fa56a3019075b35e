import { describe, expect, it } from 'vitest';
import { WriteBehind } from '../../src/core/write-behind.ts';
import type { Queries, TransactionalQueries } from '../../src/ports/storage.ts';

/** A database that notes what is written in which transaction; writes of `broken` make theirs fail. */
function given() {
  const transactions: string[][] = [];
  const warnings: string[] = [];
  const blobReferences = { keep: async () => [] };
  const storage = {
    blobReferences,
    async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
      const written: string[] = [];
      const settings = { insert: async (name: string) => void written.push(name) };
      const result = await work({ blobReferences, settings } as unknown as Queries);
      if (written.includes('broken')) throw new Error('constraint failed');
      transactions.push(written);
      return result;
    },
  } as unknown as TransactionalQueries;
  const log = {
    info: () => undefined,
    warn: (_: object, text: string) => void warnings.push(text),
    error: () => undefined,
  };
  const late = new WriteBehind(storage, log);
  const add = (name: string, bytes = 10) =>
    late.add({ bytes, write: async ({ settings }) => void (await settings.insert(name, '')) });
  return { late, add, transactions, warnings };
}

describe('writing behind', () => {
  it('gathers what comes within a moment into one transaction', async () => {
    const { add, transactions } = given();
    await add('a');
    await add('b');
    expect(transactions).toEqual([]);
    await expect.poll(() => transactions).toEqual([['a', 'b']]);
    await add('c');
    await expect.poll(() => transactions).toEqual([['a', 'b'], ['c']]);
  });

  it('makes its callers wait when too much is waiting', async () => {
    const { add, transactions } = given();
    await add('a', 10_000_000);
    await add('b', 10_000_000);
    expect(transactions).toEqual([['a', 'b']]);
  });

  it('writes everything when it is flushed, in order', async () => {
    const { late, add, transactions } = given();
    void add('a');
    const first = late.flush();
    void add('b');
    await Promise.all([first, late.flush()]);
    expect(transactions).toEqual([['a'], ['b']]);
  });

  it('loses only what cannot be written, and says so', async () => {
    const { late, add, transactions, warnings } = given();
    for (const name of ['a', 'broken', 'b']) void add(name);
    await late.flush();
    expect(transactions).toEqual([['a'], ['b']]);
    expect(warnings).toEqual(['something that is only cached could not be written']);
  });
});
