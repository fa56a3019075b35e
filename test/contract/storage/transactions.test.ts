import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addPackage, addRepository, contentOf, npm, owner, publish, region } from './builders.ts';

describeStorage('transactions', ({ open, create }) => {
  it('returns what the work returns and keeps what it wrote', async () => {
    const openAgain = await create();
    const storage = await openAgain();
    const name = await storage.transaction(async (q) => (await addDomain(q)).name);
    expect(name).toBe('acme');
    expect(await storage.domains.count(owner, region)).toBe(1);
    expect(await (await openAgain()).domains.count(owner, region)).toBe(1);
  });

  it('keeps nothing when the work throws, and throws what it threw', async () => {
    const storage = await open();
    const fault = new Error('after all the writing');
    const work = storage.transaction(async (q) => {
      const repository = await addRepository(q, await addDomain(q));
      await publish(q, repository, await addPackage(q, repository), '1.0.0');
      await q.settings.insert('key', 'value');
      throw fault;
    });
    await expect(work).rejects.toBe(fault);
    expect(await storage.domains.count(owner, region)).toBe(0);
    expect(await storage.settings.find('key')).toBeUndefined();
    await addDomain(storage);
    expect(await storage.domains.count(owner, region)).toBe(1);
  });

  it('keeps nothing when a query fails', async () => {
    const storage = await open();
    const domain = await addDomain(storage, 'other');
    const work = storage.transaction(async (q) => {
      await addDomain(q, 'acme');
      await q.repositories.insert({ ...(await addRepository(q, domain)), name: 'again' });
    });
    await expect(work).rejects.toThrow();
    expect(await storage.domains.find(owner, region, 'acme')).toBeUndefined();
    expect(await storage.domains.repositoryCount(domain.id)).toBe(0);
  });

  it('shows its writes to itself at once and to others when it has ended', async () => {
    const storage = await open();
    await storage.transaction(async (q) => {
      await addDomain(q);
      expect(await q.domains.count(owner, region)).toBe(1);
      // Outside of the transaction, and without waiting for it.
      expect(await storage.domains.count(owner, region)).toBe(0);
    });
    expect(await storage.domains.count(owner, region)).toBe(1);
  });

  it('names the committed state, the same as long as nobody commits anything', async () => {
    const openAgain = await create();
    const [storage, other] = [await openAgain(), await openAgain()];
    const before = await storage.revision();
    await storage.domains.count(owner, region);
    expect(await storage.revision()).toBe(before);
    const failing = other.transaction(async (q) => {
      await addDomain(q);
      expect(await storage.revision()).toBe(before);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    const names = new Set([await storage.revision()]);
    for (const [n, writer] of [storage, other, storage].entries()) {
      await addDomain(writer, `domain-${n}`);
      names.add(await storage.revision());
    }
    expect(names.size).toBe(4);
    expect(await storage.revision()).toBe(await storage.revision());
  });

  it('keeps or loses each of many transactions at once by itself', async () => {
    const storage = await open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        storage.transaction(async (q) => {
          await addDomain(q, `domain-${n}`);
          if (n % 3 === 0) throw new Error('on purpose');
          if (n % 7 === 0)
            await q.repositories.insert({ ...(await addRepository(q, await addDomain(q, `${n}`))), name: 'b' });
        }),
      ),
    );
    const kept = (await storage.domains.list(owner, region, { limit: 100 })).map(({ name }) => name);
    const expected = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [`domain-${n}`] : []));
    expect(kept.toSorted()).toEqual(expected.toSorted());
    expect(expected).toHaveLength(40 - 14 - 4);
  });

  it('lets single writes and transactions take turns', async () => {
    const storage = await open();
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        n % 3 === 0
          ? addDomain(storage, `single-${n}`)
          : storage.transaction(async (q) => {
              await addDomain(q, `transaction-${n}`);
              if (n % 3 === 2) throw new Error('changed my mind');
            }),
      ).map((work) => work.catch(() => undefined)),
    );
    expect(await storage.domains.count(owner, region)).toBe(20);
  });

  it('serves several nodes that opened an empty database at once', async () => {
    const openAgain = await create();
    const nodes = await Promise.all([openAgain(), openAgain(), openAgain()]);
    const [first] = nodes;
    const domain = await addDomain(first);
    await Promise.all(
      nodes.flatMap((node) =>
        Array.from({ length: 10 }, async () => {
          await node.transaction((q) => q.repositories.touchTopology(domain.id));
          await node.repositories.touchTopology(domain.id);
        }),
      ),
    );
    for (const node of nodes) expect((await node.domains.find(owner, region, 'acme'))?.topologyRevision).toBe(60);
  });

  it('takes a NUL for a character that no name has', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    expect(await storage.domains.find(owner, region, 'acme\0')).toBeUndefined();
    expect(await storage.repositories.locate(owner, region, '\0', 'a')).toBeUndefined();
    expect(await storage.packages.findIn([repository.id], npm('left-pad\0'))).toEqual([]);
    expect(await storage.packages.list(repository.id, { namePrefix: '\0' }, { limit: 1 })).toEqual([]);
    const page = { offset: 0, limit: 1 };
    expect((await storage.packages.search([repository.id], 'npm', '\0', page)).total).toBe(0);
    const content = contentOf(packageId, '1.0.0');
    await storage.versions.insert(content, [], 'a\0readme');
    expect(await storage.versions.readme(content.id)).toMatch(/^a.readme$/s);
  });
});
