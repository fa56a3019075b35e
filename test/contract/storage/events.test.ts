import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacedEvent, Queries, Storage, VersionEvent } from '../../../src/ports/storage.ts';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addPackage, addRepository, npm, owner, region } from './builders.ts';

let events = 0;

/** An event that says `text`. */
function eventOf(text: string, given: Partial<VersionEvent> = {}): VersionEvent {
  return {
    id: `event-${++events}`,
    at: 1_700_000_000_000,
    region,
    owner,
    domain: 'acme',
    administrator: owner,
    resource: 'arn',
    detail: JSON.stringify({ text }),
    ...given,
  };
}

async function addEvent(q: Queries, packageId: string, text: string, given: Partial<VersionEvent> = {}): Promise<void> {
  await q.events.add(packageId, await q.events.nextSequence(packageId), eventOf(text, given));
}

async function addPackages(q: Queries, ...names: string[]): Promise<string[]> {
  const repository = await addRepository(q, await addDomain(q));
  const ids: string[] = [];
  for (const name of names) ids.push(await addPackage(q, repository, npm(name)));
  return ids;
}

async function placeAll({ events }: Queries): Promise<void> {
  while (await events.place());
}

function textsOf(told: readonly PlacedEvent[]): string[] {
  return told.map(({ detail }) => JSON.parse(detail).text);
}

async function readOn(storage: Storage, after: number): Promise<PlacedEvent[]> {
  await placeAll(storage);
  return storage.events.after(after, {}, 10_000);
}

/** Everything that is told, from the beginning. */
async function allTexts(storage: Storage): Promise<string[]> {
  return textsOf(await storage.events.after(0, {}, 10_000));
}

describeStorage('events', ({ open, create }) => {
  it('are told when they have their place, from position 1 on, as they were written', async () => {
    const storage = await open();
    const [lib = ''] = await addPackages(storage, 'lib');
    const event = eventOf('first', { resource: 'arn:of:lib', administrator: '222233334444' });
    await storage.transaction(async (q) => q.events.add(lib, await q.events.nextSequence(lib), event));
    expect(await storage.events.after(0, {}, 10)).toEqual([]);
    expect(await storage.events.lastPosition()).toBe(0);

    expect(await storage.events.place()).toBe(false);
    expect(await storage.events.after(0, {}, 10)).toEqual([{ ...event, position: 1 }]);
    expect(await storage.events.lastPosition()).toBe(1);
    expect(await storage.events.after(1, {}, 10)).toEqual([]);
  });

  it('are numbered package by package, without gaps where a change was taken back', async () => {
    const storage = await open();
    const [lib = '', other = ''] = await addPackages(storage, 'lib', 'other');
    const { nextSequence } = storage.events;
    expect([await nextSequence(lib), await nextSequence(lib), await nextSequence(other)]).toEqual([1, 2, 1]);
    const failed = storage.transaction(async (q) => {
      await addEvent(q, lib, 'taken back');
      throw new Error('the change failed');
    });
    await expect(failed).rejects.toThrow('the change failed');
    await addEvent(storage, lib, 'kept');
    await placeAll(storage);
    expect(await nextSequence(lib)).toBe(4);
    expect(await allTexts(storage)).toEqual(['kept']);
  });

  it('of a package that is not there are refused', async () => {
    const storage = await open();
    await expect(storage.events.nextSequence('nowhere')).rejects.toThrow('a package that is not there');
  });

  it('get their places in the order of time, but never a package’s before an earlier one of its', async () => {
    const storage = await open();
    const [b = '', a = ''] = await addPackages(storage, 'b', 'a');
    await addEvent(storage, a, 'a at 3', { at: 3 });
    await addEvent(storage, b, 'b at 1', { at: 1 });
    // Written by a node whose clock is behind.
    await addEvent(storage, a, 'a at 2', { at: 2 });
    await addEvent(storage, b, 'b at 4', { at: 4 });
    await placeAll(storage);
    expect(await allTexts(storage)).toEqual(['b at 1', 'a at 3', 'a at 2', 'b at 4']);
  });

  it('get one place each, in each package’s order, whatever the clocks said and however many place at once', async () => {
    const databases = await create();
    const [one, another] = [await databases(), await databases()];
    const packages = await addPackages(one, 'a', 'b', 'c');
    const change = fc.record({ of: fc.nat(2), at: fc.nat(50) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        const before = await one.events.lastPosition();
        const expected: string[][] = [[], [], []];
        await one.transaction(async (q) => {
          for (const [n, { of, at }] of changes.entries()) {
            await addEvent(q, packages[of] ?? '', `${of} ${n}`, { at });
            expected[of]?.push(`${of} ${n}`);
          }
        });
        await Promise.all([placeAll(one), placeAll(another), placeAll(one)]);
        const told = await another.events.after(before, {}, 100);
        expect(told.map(({ position }) => position)).toEqual(changes.map((_, n) => before + n + 1));
        const byPackage = [0, 1, 2].map((of) => textsOf(told).filter((text) => text.startsWith(`${of} `)));
        expect(byPackage).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('more than are placed at once keep their order', async () => {
    const storage = await open();
    const [lib = '', other = ''] = await addPackages(storage, 'lib', 'other');
    const texts = Array.from({ length: 2_100 }, (_, n) => `${n}`);
    await storage.transaction(async (q) => {
      for (const text of texts) await addEvent(q, Number(text) % 2 === 0 ? lib : other, text, { at: Number(text) });
    });
    let rounds = 0;
    while (await storage.events.place()) rounds += 1;
    expect(rounds).toBe(2);
    expect(await allTexts(storage)).toEqual(texts);
  });

  it('are told to the domain’s owner and the repository’s administrator, or by domain', async () => {
    const storage = await open();
    const [lib = ''] = await addPackages(storage, 'lib');
    const [alice, bob] = ['222233334444', '333344445555'];
    await addEvent(storage, lib, 'owned by alice', { owner: alice, administrator: alice });
    await addEvent(storage, lib, 'administered by bob', { owner: alice, administrator: bob });
    await addEvent(storage, lib, 'another region', { owner: alice, administrator: alice, region: 'us-east-1' });
    await addEvent(storage, lib, 'another domain', { owner: alice, administrator: alice, domain: 'lab' });
    await addEvent(storage, lib, 'of bob', { owner: bob, administrator: bob });
    await placeAll(storage);
    const textsFor = async (filter: Parameters<typeof storage.events.after>[1]) =>
      textsOf(await storage.events.after(0, filter, 10));
    expect(await textsFor({ account: alice })).toEqual([
      'owned by alice',
      'administered by bob',
      'another region',
      'another domain',
    ]);
    expect(await textsFor({ account: bob })).toEqual(['administered by bob', 'of bob']);
    expect(await textsFor({ account: owner })).toEqual([]);
    const acme = { owner: alice, region, name: 'acme' };
    expect(await textsFor({ domain: acme })).toEqual(['owned by alice', 'administered by bob']);
    expect(await textsFor({ domain: { ...acme, region: 'us-east-1' } })).toEqual(['another region']);
    expect(textsOf(await storage.events.after(1, {}, 2))).toEqual(['administered by bob', 'another region']);
  });

  it('outlive their package', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const lib = await addPackage(storage, await addRepository(storage, domain), npm('lib'));
    await addEvent(storage, lib, 'told');
    await placeAll(storage);
    await addEvent(storage, lib, 'not placed yet');
    const repository = await storage.repositories.find(domain.id, 'releases');
    await storage.repositories.delete(repository?.id ?? '');
    await storage.domains.delete(domain.id);
    await placeAll(storage);
    expect(await allTexts(storage)).toEqual(['told', 'not placed yet']);
  });

  it('remember how far each consumer has come', async () => {
    const storage = await open();
    const { cursor, setCursor } = storage.events;
    expect(await cursor('hook')).toBeUndefined();
    await setCursor('hook', 3);
    await setCursor('other', 5);
    await setCursor('hook', 4);
    expect([await cursor('hook'), await cursor('other')]).toEqual([4, 5]);
  });

  describe('that are old', () => {
    async function withTenEvents(): Promise<Storage> {
      const storage = await open();
      const [lib = ''] = await addPackages(storage, 'lib');
      for (let n = 1; n <= 10; n += 1) await addEvent(storage, lib, `${n}`, { at: n });
      await placeAll(storage);
      return storage;
    }

    it('are forgotten up to a time and a position; the order goes on where it was', async () => {
      const storage = await withTenEvents();
      await storage.events.forget(4, 10);
      expect(await allTexts(storage)).toEqual(['4', '5', '6', '7', '8', '9', '10']);
      await storage.events.forget(100, 6);
      expect(await allTexts(storage)).toEqual(['7', '8', '9', '10']);
      await storage.events.forget(100, 10);
      expect(await allTexts(storage)).toEqual(['10']);
      expect(await storage.events.lastPosition()).toBe(10);
      await storage.events.forget(100, 10);
      expect(await allTexts(storage)).toEqual(['10']);
    });

    it('stay when a younger one is before them, and while they have no place', async () => {
      const storage = await open();
      const [a = ''] = await addPackages(storage, 'a');
      for (const at of [1, 9, 2, 10]) await addEvent(storage, a, `at ${at}`, { at });
      await placeAll(storage);
      await addEvent(storage, a, 'waiting', { at: 1 });
      await storage.events.forget(5, 10);
      expect(await allTexts(storage)).toEqual(['at 9', 'at 2', 'at 10']);
      await placeAll(storage);
      expect(await allTexts(storage)).toEqual(['at 9', 'at 2', 'at 10', 'waiting']);
    });

    it('are forgotten where there are many, and none where there is none', async () => {
      const storage = await open();
      await storage.events.forget(5_000, 10);
      const [lib = ''] = await addPackages(storage, 'lib');
      await storage.transaction(async (q) => {
        for (let n = 1; n <= 2_500; n += 1) await addEvent(q, lib, `${n}`, { at: n });
      });
      await placeAll(storage);
      await storage.events.forget(2_400, 2_500);
      expect(await allTexts(storage)).toEqual(Array.from({ length: 101 }, (_, n) => `${n + 2_400}`));
    });
  });

  it('of changes that commit in another order than they began are never skipped by who reads on', async () => {
    const storage = await open();
    const [slow = '', quick = ''] = await addPackages(storage, 'slow', 'quick');
    const [began, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = storage.transaction(async (q) => {
      await addEvent(q, slow, 'began first', { at: 1 });
      began.resolve();
      await mayCommit.promise;
    });
    await began.promise;
    const second = storage.transaction((q) => addEvent(q, quick, 'began second', { at: 2 }));
    // SQLite lets one transaction write at a time: there the second waits for the first.
    await Promise.race([second, sleep(300)]);
    const first = await readOn(storage, 0);
    mayCommit.resolve();
    await Promise.all([late, second]);
    const rest = await readOn(storage, first.at(-1)?.position ?? 0);
    const told = textsOf([...first, ...rest]);
    expect(told).toEqual(first.length === 0 ? ['began first', 'began second'] : ['began second', 'began first']);
  });

  it('of a package follow its changes, however many transactions want to change it at once', async () => {
    const databases = await create();
    const nodes = [await databases(), await databases()];
    const [node] = nodes;
    if (node === undefined) throw new Error('no node');
    const [lib = ''] = await addPackages(node, 'lib');
    const reader = (async () => {
      const told: PlacedEvent[] = [];
      while (told.length < 40) {
        await sleep(1);
        await placeAll(node);
        told.push(...(await node.events.after(told.at(-1)?.position ?? 0, {}, 100)));
      }
      return told;
    })();
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        nodes[n % 2]?.transaction(async (q) => {
          const sequence = await q.events.nextSequence(lib);
          await q.events.add(lib, sequence, eventOf(`${sequence}`, { at: 100 - n }));
        }),
      ),
    );
    expect(textsOf(await reader)).toEqual(Array.from({ length: 40 }, (_, n) => `${n + 1}`));
  });
});
