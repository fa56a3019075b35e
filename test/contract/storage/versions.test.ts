import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import {
  addDomain,
  addPackage,
  addRepository,
  allPages,
  asset,
  contentOf,
  external,
  inByteOrder,
  type Page,
  publish,
  referenceTo,
} from './builders.ts';

interface TimeKey {
  publishedAt: number;
  version: string;
}

describeStorage('versions', ({ open, create }) => {
  it('finds a version as it was published, after a restart too', async () => {
    const openAgain = await create();
    const storage = await openAgain();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const content = contentOf(packageId, '1.0.0', { origin: external, metadata: '{"name":"ünïcödé 🎉"}' });
    const reference = referenceTo(repository, content, { display: '{"deprecated":"no"}', status: 'Unlisted' });
    await storage.transaction(async (q) => {
      await q.versions.insert(content, [], '# Read me');
      expect(await q.versions.refer(reference)).toBe(true);
    });
    const { id: _, ...shown } = content;
    const expected = { ...shown, ...reference };
    expect(await storage.versions.find(repository.id, packageId, '1.0.0')).toEqual(expected);
    const later = await openAgain();
    expect(await later.versions.all(repository.id, packageId)).toEqual([expected]);
    expect(await later.versions.readme(content.id)).toBe('# Read me');
    expect(await later.versions.find(repository.id, packageId, '1.0.1')).toBeUndefined();
  });

  it('finds a version by what its spellings have in common, and takes no second spelling of it', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const refer = (version: string, key: string | null) =>
      storage.transaction(async (q) => {
        const content = contentOf(packageId, version);
        await q.versions.insert(content, [], null);
        return q.versions.refer(referenceTo(repository, content, { key }));
      });
    expect(await refer('1.0', '1')).toBe(true);
    expect(await refer('1.0.0', '1')).toBe(false);
    // Where numbers have one spelling each, any may stand beside any other.
    for (const version of ['2.0', '2.0.0']) expect(await refer(version, null)).toBe(true);
    expect(await storage.versions.findByKey(repository.id, packageId, '1')).toMatchObject({ version: '1.0', key: '1' });
    expect(await storage.versions.findByKey(repository.id, packageId, '2')).toBeUndefined();
  });

  it('lets one of many publishers of a version win, and keeps nothing of the others', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const repository = await addRepository(storage, domain);
    const packageId = await addPackage(storage, repository);
    const publishers = Array.from({ length: 8 }, (_, n) =>
      storage.transaction(async (q) => {
        const content = contentOf(packageId, '1.0.0');
        await q.versions.insert(content, [asset('package.tgz', `bytes of ${n}`)], null);
        if (!(await q.versions.refer(referenceTo(repository, content)))) throw new Error('conflict');
        return n;
      }),
    );
    const results = await Promise.allSettled(publishers);
    const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(winners).toHaveLength(1);
    const [stored] = await storage.versions.all(repository.id, packageId);
    expect(await storage.versions.asset(stored?.versionId ?? '', 'package.tgz')).toEqual(
      asset('package.tgz', `bytes of ${winners[0]}`),
    );
    expect(await storage.domains.assetSizeBytes(domain.id)).toBe('bytes of 0'.length);
  });

  it('tells two transactions that race for a reference apart: one true, one false', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const race = () =>
      storage.transaction(async (q) => {
        const content = contentOf(packageId, '1.0.0');
        await q.versions.insert(content, [], null);
        return q.versions.refer(referenceTo(repository, content));
      });
    expect((await Promise.all([race(), race()])).sort()).toEqual([false, true]);
  });

  it('refers to one content from several repositories, each with its own status and display', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [a, b] = [await addRepository(storage, domain, 'a'), await addRepository(storage, domain, 'b')];
    const packageId = await addPackage(storage, a);
    await addPackage(storage, b);
    const content = await publish(storage, a, packageId, '1.0.0', { bytes: 'twelve bytes' });
    await storage.versions.refer(referenceTo(b, content, { status: 'Archived' }));
    await storage.versions.setDisplay(a.id, packageId, '1.0.0', '{"deprecated":"use 2"}');
    const [inA, inB] = [
      await storage.versions.find(a.id, packageId, '1.0.0'),
      await storage.versions.find(b.id, packageId, '1.0.0'),
    ];
    expect([inA?.display, inA?.status]).toEqual(['{"deprecated":"use 2"}', 'Published']);
    expect([inB?.display, inB?.status]).toEqual([null, 'Archived']);
    await storage.versions.setDisplay(a.id, packageId, '1.0.0', null);
    expect((await storage.versions.find(a.id, packageId, '1.0.0'))?.display).toBeNull();
    expect(await storage.domains.assetSizeBytes(domain.id)).toBe(12);
  });

  it('lists assets by name, page by page', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const content = contentOf(packageId, '1.0.0');
    const names = Array.from({ length: 250 }, (_, n) => `${n % 2 ? 'a' : 'A'}/file-${n}.txt`);
    await storage.versions.insert(
      content,
      names.map((name) => asset(name, name)),
      null,
    );
    await storage.versions.refer(referenceTo(repository, content));
    const listed = await allPages(
      (page: Page<string>) => storage.versions.assets(content.id, page),
      (item) => item.name,
      100,
    );
    expect(listed.map((item) => item.name)).toEqual(inByteOrder(names));
    expect(await storage.versions.asset(content.id, 'a/file-1.txt')).toEqual(asset('a/file-1.txt', 'a/file-1.txt'));
    expect(await storage.versions.asset(content.id, 'a/FILE-1.txt')).toBeUndefined();
    expect(await storage.versions.readme(content.id)).toBeUndefined();
  });

  it('tells the assets of versions that begin alike', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    for (const version of ['1.0-2', '1.0-1', '1.0', '1.01', '2.0-1'])
      await publish(storage, repository, packageId, version, { reference: { status: 'Unlisted' } });
    const found = await storage.versions.assetNames(repository.id, packageId, '1.0-');
    expect(found.toSorted((a, b) => (a.version < b.version ? -1 : 1))).toEqual([
      { version: '1.0-1', status: 'Unlisted', name: 'package.tgz' },
      { version: '1.0-2', status: 'Unlisted', name: 'package.tgz' },
    ]);
  });

  it('lists by version text and newest first, filtered by status and origin', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const add = (version: string, publishedAt: number, rest: { status?: 'Archived'; isExternal?: boolean } = {}) =>
      publish(storage, repository, packageId, version, {
        content: rest.isExternal ? { origin: external } : {},
        reference: { publishedAt, ...(rest.status ? { status: rest.status } : {}) },
      });
    await add('10.0.0', 300);
    await add('9.0.0', 100, { status: 'Archived' });
    await add('1.0.0-rc.1', 500, { isExternal: true });
    await add('1.0.0', 300, { isExternal: true, status: 'Archived' });
    await add('1.0.0+build', 200);
    type Filter = Parameters<typeof storage.versions.list>[2];
    const byText = async (filter: Filter) => {
      const listed = await allPages(
        (page: Page<string>) => storage.versions.list(repository.id, packageId, filter, page),
        (item) => item.version,
        2,
      );
      return listed.map((item) => item.version);
    };
    const byTime = async (filter: Filter) => {
      const listed = await allPages(
        (page: Page<TimeKey>) => storage.versions.listByPublishedTime(repository.id, packageId, filter, page),
        ({ publishedAt, version }) => ({ publishedAt, version }),
        2,
      );
      return listed.map((item) => item.version);
    };
    expect(await byText({})).toEqual(['1.0.0', '1.0.0+build', '1.0.0-rc.1', '10.0.0', '9.0.0']);
    expect(await byTime({})).toEqual(['1.0.0-rc.1', '10.0.0', '1.0.0', '1.0.0+build', '9.0.0']);
    expect(await byText({ status: 'Archived' })).toEqual(['1.0.0', '9.0.0']);
    expect(await byTime({ originType: 'EXTERNAL' })).toEqual(['1.0.0-rc.1', '1.0.0']);
    expect(await byTime({ status: 'Archived', originType: 'EXTERNAL' })).toEqual(['1.0.0']);
  });

  it('refuses a reference to content that does not exist', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const reference = referenceTo(repository, contentOf(packageId, '1.0.0'));
    await expect(storage.transaction((q) => q.versions.refer(reference))).rejects.toThrow();
    expect(await storage.versions.all(repository.id, packageId)).toEqual([]);
  });

  it('lists 10,000 versions in pages that cost the same at the end as at the start', { timeout: 60_000 }, async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    const count = 10_000;
    const versions = Array.from({ length: count }, (_, n) => `1.${Math.floor(n / 100)}.${n % 100}`);
    const addEveryFourth = (first: number) =>
      storage.transaction(async (q) => {
        for (let n = first; n < count; n += 4) {
          await publish(q, repository, packageId, versions[n] ?? '', { reference: { publishedAt: n } });
        }
      });
    await Promise.all([0, 1, 2, 3].map(addEveryFourth));
    const byText = await allPages(
      (page: Page<string>) => storage.versions.list(repository.id, packageId, {}, page),
      (item) => item.version,
      1000,
    );
    expect(byText.map((item) => item.version)).toEqual(inByteOrder(versions));
    const durations: number[] = [];
    const newest = await allPages(
      async (page: Page<TimeKey>) => {
        const start = performance.now();
        const items = await storage.versions.listByPublishedTime(repository.id, packageId, {}, page);
        durations.push(performance.now() - start);
        return items;
      },
      ({ publishedAt, version }) => ({ publishedAt, version }),
      50,
    );
    expect(newest.map((item) => item.version)).toEqual(versions.reverse());
    const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
    expect(median(durations.slice(150, 200))).toBeLessThan(5 * median(durations.slice(0, 50)) + 1);
    expect(await storage.versions.all(repository.id, packageId)).toHaveLength(count);
  });
});
