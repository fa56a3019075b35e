import { expect, it } from 'vitest';
import type { PackageCoordinate } from '../../../src/core/coordinates.ts';
import { describeStorage } from '../../support/engines.ts';
import {
  addDomain,
  addPackage,
  addRepository,
  allPages,
  inByteOrder,
  newId,
  npm,
  type Page,
  unsortedNames,
} from './builders.ts';

describeStorage('packages', ({ open }) => {
  it('gives a coordinate one id in its domain, whoever asks first', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const other = await addDomain(storage, 'other');
    const { ensure } = storage.packages;
    const id = await ensure(domain.id, npm('left-pad'), newId());
    expect(await ensure(domain.id, npm('left-pad'), newId())).toBe(id);
    expect(await ensure(domain.id, npm('@scope/left-pad'), newId())).not.toBe(id);
    expect(await ensure(domain.id, { ...npm('left-pad'), format: 'pypi' }, newId())).not.toBe(id);
    expect(await ensure(domain.id, npm('Left-Pad'), newId())).not.toBe(id);
    expect(await ensure(other.id, npm('left-pad'), newId())).not.toBe(id);
    const racing = await Promise.all(
      Array.from({ length: 8 }, () => storage.transaction((q) => q.packages.ensure(domain.id, npm('new'), newId()))),
    );
    expect(new Set(racing).size).toBe(1);
  });

  it('finds a package in those repositories that have it', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [a, b, c] = [
      await addRepository(storage, domain, 'a'),
      await addRepository(storage, domain, 'b'),
      await addRepository(storage, domain, 'c'),
    ];
    const scoped = npm('@scope/left-pad');
    const packageId = await addPackage(storage, a, scoped, { publish: 'ALLOW', upstream: 'BLOCK' });
    await addPackage(storage, c, scoped, { publish: 'BLOCK', upstream: 'ALLOW' });
    await addPackage(storage, b, npm('left-pad'));
    const found = await storage.packages.findIn([a.id, b.id, c.id], scoped);
    expect(found.sort((x, y) => (x.repositoryId < y.repositoryId ? -1 : 1))).toEqual([
      {
        repositoryId: a.id,
        packageId,
        ...scoped,
        restrictions: { publish: 'ALLOW', upstream: 'BLOCK' },
        changeCounter: 0,
      },
      {
        repositoryId: c.id,
        packageId,
        ...scoped,
        restrictions: { publish: 'BLOCK', upstream: 'ALLOW' },
        changeCounter: 0,
      },
    ]);
    expect((await storage.packages.findIn([b.id], npm('left-pad')))[0]?.namespace).toBeNull();
    expect(await storage.packages.findIn([], scoped)).toEqual([]);
  });

  it('keeps a record’s restrictions when it is there already', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository, npm('left-pad'), { publish: 'ALLOW', upstream: 'BLOCK' });
    const blocked = { publish: 'BLOCK', upstream: 'BLOCK' } as const;
    expect(await storage.packages.ensureIn(repository.id, packageId, npm('left-pad'), blocked)).toBe(false);
    const [record] = await storage.packages.findIn([repository.id], npm('left-pad'));
    expect(record?.restrictions).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
  });

  it('raises the change counter by one for each change, none lost among many at once', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const packageId = await addPackage(storage, repository);
    await Promise.all(
      Array.from({ length: 20 }, () => storage.transaction((q) => q.packages.touch(repository.id, packageId))),
    );
    expect((await storage.packages.findIn([repository.id], npm('left-pad')))[0]?.changeCounter).toBe(20);
  });

  it('gets transactions through that touch the same packages in opposite orders', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    const [a, b] = [await addPackage(storage, repository, npm('a')), await addPackage(storage, repository, npm('b'))];
    const touchBoth = (first: string, second: string) =>
      storage.transaction(async (q) => {
        await q.packages.touch(repository.id, first);
        await q.packages.touch(repository.id, second);
      });
    await Promise.all([touchBoth(a, b), touchBoth(b, a), touchBoth(a, b), touchBoth(b, a)]);
    const listed = await storage.packages.list(repository.id, {}, { limit: 9 });
    expect(listed.map((item) => item.changeCounter)).toEqual([4, 4]);
  });

  it('lists a repository’s packages by format, name and namespace, in byte order', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    for (const name of unsortedNames) await addPackage(storage, repository, npm(name));
    for (const namespace of ['s', 'S', 'a']) await addPackage(storage, repository, npm(`@${namespace}/ab`));
    await addPackage(storage, repository, { format: 'generic', namespace: 'z', name: 'z' });
    const listed = await allPages(
      (page: Page<PackageCoordinate>) => storage.packages.list(repository.id, {}, page),
      ({ format, namespace, name }) => ({ format, namespace, name }),
      3,
    );
    const expected = inByteOrder(unsortedNames).flatMap((name) =>
      name === 'ab' ? ['npm//ab', 'npm/S/ab', 'npm/a/ab', 'npm/s/ab'] : [`npm//${name}`],
    );
    expect(listed.map((item) => `${item.format}/${item.namespace ?? ''}/${item.name}`)).toEqual([
      'generic/z/z',
      ...expected,
    ]);
  });

  it('filters by format, prefixes and restrictions, case and wild cards meant literally', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    for (const name of ['lodash', 'lodash.merge', 'Lodash', 'lo_dash', 'loXdash', '@types/lodash', '@typescript/x']) {
      await addPackage(storage, repository, npm(name));
    }
    await addPackage(storage, repository, npm('mine'), { publish: 'ALLOW', upstream: 'BLOCK' });
    await addPackage(storage, repository, npm('public'), { publish: 'BLOCK', upstream: 'ALLOW' });
    await addPackage(storage, repository, { format: 'pypi', namespace: null, name: 'lodash' });
    const names = async (filter: Parameters<typeof storage.packages.list>[1]) => {
      const listed = await allPages(
        (page: Page<PackageCoordinate>) => storage.packages.list(repository.id, filter, page),
        ({ format, namespace, name }) => ({ format, namespace, name }),
        2,
      );
      return listed.map(({ format, namespace, name }) =>
        [format === 'npm' ? null : format, namespace, name].filter(Boolean).join('/'),
      );
    };
    expect(await names({ format: 'pypi' })).toEqual(['pypi/lodash']);
    expect(await names({ format: 'npm', namePrefix: 'lodash' })).toEqual(['lodash', 'types/lodash', 'lodash.merge']);
    expect(await names({ namePrefix: 'lodash' })).toEqual(['lodash', 'types/lodash', 'lodash.merge', 'pypi/lodash']);
    expect(await names({ namePrefix: 'lo_' })).toEqual(['lo_dash']);
    expect(await names({ namePrefix: 'L' })).toEqual(['Lodash']);
    expect(await names({ namespacePrefix: 'types' })).toEqual(['types/lodash', 'typescript/x']);
    expect(await names({ namespacePrefix: 'types', namePrefix: 'x' })).toEqual(['typescript/x']);
    expect(await names({ upstream: 'BLOCK' })).toEqual(['mine']);
    expect(await names({ publish: 'BLOCK', upstream: 'ALLOW' })).toEqual(['public']);
  });

  it('searches text anywhere in name or namespace, upper and lower case alike', async () => {
    const storage = await open();
    const repository = await addRepository(storage, await addDomain(storage));
    for (const name of ['lodash', 'Lodash-ES', 'my_lodash', '@lodash/x', 'underscore', '100%', 'Über', 'a!b']) {
      await addPackage(storage, repository, npm(name));
    }
    await addPackage(storage, repository, { format: 'pypi', namespace: null, name: 'lodash' });
    const find = async (text: string) => {
      const { packages, total } = await storage.packages.search([repository.id], 'npm', text, { offset: 0, limit: 99 });
      expect(total).toBe(packages.length);
      return packages.map(({ namespace, name }) => (namespace ? `${namespace}/${name}` : name));
    };
    expect(await find('LODASH')).toEqual(['Lodash-ES', 'lodash', 'my_lodash', 'lodash/x']);
    expect(await find('y_l')).toEqual(['my_lodash']);
    expect(await find('%')).toEqual(['100%']);
    expect(await find('!')).toEqual(['a!b']);
    expect(await find('über')).toEqual(['Über']);
    expect(await find('')).toHaveLength(8);
    expect(await find('nothing')).toEqual([]);
  });

  it('searches a package of several repositories once, as the first of them has it, page by page', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [near, far] = [await addRepository(storage, domain, 'near'), await addRepository(storage, domain, 'far')];
    for (const name of ['a', 'b', 'c', 'd']) await addPackage(storage, far, npm(name));
    for (const name of ['b', 'd', 'e']) await addPackage(storage, near, npm(name));
    const page = async (offset: number) => {
      const { packages, total } = await storage.packages.search([near.id, far.id], 'npm', '', { offset, limit: 2 });
      expect(total).toBe(5);
      return packages.map((item) => `${item.name} ${item.repositoryId === near.id ? 'near' : 'far'}`);
    };
    expect(await page(0)).toEqual(['a far', 'b near']);
    expect(await page(2)).toEqual(['c far', 'd near']);
    expect(await page(4)).toEqual(['e near']);
    expect((await storage.packages.search([], 'npm', '', { offset: 0, limit: 2 })).total).toBe(0);
  });
});
