import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addRepository, owner, region } from './builders.ts';

describeStorage('upstreams and external connections', ({ open }) => {
  it('keeps upstreams in the order they were set', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [main, a, b, c] = [
      await addRepository(storage, domain, 'main'),
      await addRepository(storage, domain, 'a'),
      await addRepository(storage, domain, 'b'),
      await addRepository(storage, domain, 'c'),
    ];
    const { setUpstreams, upstreams } = storage.repositories;
    await setUpstreams(main.id, [c.id, a.id, b.id]);
    expect((await upstreams(main.id)).map((link) => link.upstreamName)).toEqual(['c', 'a', 'b']);
    await setUpstreams(main.id, [b.id, c.id]);
    expect(await upstreams(main.id)).toEqual([
      { repositoryId: main.id, upstreamId: b.id, upstreamName: 'b' },
      { repositoryId: main.id, upstreamId: c.id, upstreamName: 'c' },
    ]);
    await setUpstreams(main.id, []);
    expect(await upstreams(main.id)).toEqual([]);
  });

  it('keeps the link to an upstream that was deleted, without its name', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const main = await addRepository(storage, domain, 'main');
    const gone = await addRepository(storage, domain, 'gone');
    await storage.repositories.setUpstreams(main.id, [gone.id]);
    await storage.repositories.delete(gone.id);
    const dangling = { repositoryId: main.id, upstreamId: gone.id, upstreamName: null };
    expect(await storage.repositories.upstreams(main.id)).toEqual([dangling]);
    await addRepository(storage, domain, 'gone');
    expect(await storage.repositories.topology(domain.id)).toEqual({ upstreams: [dangling], connections: [] });
    await storage.repositories.delete(main.id);
    expect(await storage.repositories.topology(domain.id)).toEqual({ upstreams: [], connections: [] });
  });

  it('adds a connection once and says whether there was one to remove', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const { addConnection, removeConnection, connections } = storage.repositories;
    await addConnection(repository.id, 'public:npmjs');
    await addConnection(repository.id, 'public:npmjs');
    expect(await connections(repository.id)).toEqual(['public:npmjs']);
    expect(await removeConnection(repository.id, 'public:npmjs')).toBe(true);
    expect(await removeConnection(repository.id, 'public:npmjs')).toBe(false);
    expect(await connections(repository.id)).toEqual([]);
  });

  it('tells a domain’s whole topology, and nothing of other domains', async () => {
    const storage = await open();
    const [acme, other] = [await addDomain(storage), await addDomain(storage, 'other')];
    const [main, shared, npmjs] = [
      await addRepository(storage, acme, 'main'),
      await addRepository(storage, acme, 'shared'),
      await addRepository(storage, acme, 'npmjs'),
    ];
    const foreign = await addRepository(storage, other, 'foreign');
    await storage.repositories.addConnection(foreign.id, 'public:pypi');
    await storage.repositories.setUpstreams(main.id, [shared.id, npmjs.id]);
    await storage.repositories.setUpstreams(shared.id, [npmjs.id]);
    await storage.repositories.addConnection(npmjs.id, 'public:npmjs');
    expect(await storage.repositories.topology(acme.id)).toEqual({
      upstreams: [
        { repositoryId: main.id, upstreamId: shared.id, upstreamName: 'shared' },
        { repositoryId: main.id, upstreamId: npmjs.id, upstreamName: 'npmjs' },
        { repositoryId: shared.id, upstreamId: npmjs.id, upstreamName: 'npmjs' },
      ],
      connections: [{ repositoryId: npmjs.id, connection: 'public:npmjs' }],
    });
  });

  it('raises the topology revision by one for each change, none lost among many at once', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    await Promise.all(
      Array.from({ length: 20 }, () => storage.transaction((q) => q.repositories.touchTopology(domain.id))),
    );
    expect((await storage.domains.find(owner, region, 'acme'))?.topologyRevision).toBe(20);
  });
});
