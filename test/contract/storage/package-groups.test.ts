import { expect, it } from 'vitest';
import type { PackageCoordinate } from '../../../src/core/coordinates.ts';
import { rootGroup } from '../../../src/core/package-groups/root-group.ts';
import { variantKey } from '../../../src/core/package-groups/variants.ts';
import type { Domain, PackageGroup, Queries } from '../../../src/ports/storage.ts';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addPackage, addRepository, inByteOrder, newId, npm, unsortedNames } from './builders.ts';

const inherited = { PUBLISH: 'INHERIT', EXTERNAL_UPSTREAM: 'INHERIT', INTERNAL_UPSTREAM: 'INHERIT' } as const;

async function addGroup(
  q: Queries,
  domain: Domain,
  pattern: string,
  given: Partial<PackageGroup> = {},
): Promise<PackageGroup> {
  const group = {
    id: newId(),
    domainId: domain.id,
    pattern,
    contactInfo: null,
    description: null,
    createdAt: 1_700_000_000_003,
    modes: inherited,
    ...given,
  };
  expect(await q.packageGroups.insert(group)).toBe(true);
  return group;
}

describeStorage('package groups', ({ open }) => {
  it('are found by pattern, case by case, and listed by pattern', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const root = rootGroup(domain);
    expect(await storage.packageGroups.insert(root)).toBe(true);
    const patterns = unsortedNames.map((name) => `/npm//${name}$`);
    for (const pattern of patterns)
      await addGroup(storage, domain, pattern, { contactInfo: 'us', description: pattern });
    const elsewhere = await addGroup(storage, await addDomain(storage, 'other'), '/npm//a$');
    expect(await storage.packageGroups.find(domain.id, '/*')).toEqual(root);
    expect(await storage.packageGroups.find(domain.id, '/npm//A$')).toMatchObject({ description: '/npm//A$' });
    expect(await storage.packageGroups.find(domain.id, '/npm//missing$')).toBeUndefined();
    const { groups, allowed } = await storage.packageGroups.all(domain.id);
    expect(groups.map(({ pattern }) => pattern)).toEqual(inByteOrder(['/*', ...patterns]));
    expect(allowed).toEqual([]);
    expect(await storage.packageGroups.all(elsewhere.domainId)).toEqual({ groups: [elsewhere], allowed: [] });
  });

  it('have a pattern once per domain', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const group = await addGroup(storage, domain, '/npm/*', { contactInfo: 'first' });
    expect(await storage.packageGroups.insert({ ...group, id: newId(), contactInfo: 'second' })).toBe(false);
    expect(await storage.packageGroups.find(domain.id, '/npm/*')).toEqual(group);
    const other = await addDomain(storage, 'other');
    expect(await storage.packageGroups.insert({ ...group, id: newId(), domainId: other.id })).toBe(true);
  });

  it('change what is said of them, and each mode by itself', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [group, other] = [await addGroup(storage, domain, '/npm/*'), await addGroup(storage, domain, '/pypi/*')];
    const { setDetails, setMode, find } = storage.packageGroups;
    await setDetails(group.id, { contactInfo: 'us', description: 'ours' });
    await setMode(group.id, 'PUBLISH', 'ALLOW');
    await setMode(group.id, 'EXTERNAL_UPSTREAM', 'BLOCK');
    await setMode(group.id, 'INTERNAL_UPSTREAM', 'ALLOW_SPECIFIC_REPOSITORIES');
    expect(await find(domain.id, '/npm/*')).toEqual({
      ...group,
      contactInfo: 'us',
      description: 'ours',
      modes: { PUBLISH: 'ALLOW', EXTERNAL_UPSTREAM: 'BLOCK', INTERNAL_UPSTREAM: 'ALLOW_SPECIFIC_REPOSITORIES' },
    });
    await setDetails(group.id, { contactInfo: null, description: null });
    await setMode(group.id, 'PUBLISH', 'INHERIT');
    expect(await find(domain.id, '/npm/*')).toMatchObject({ contactInfo: null, modes: { PUBLISH: 'INHERIT' } });
    expect(await find(domain.id, '/pypi/*')).toEqual(other);
  });

  it('have an allow list per restriction, which repositories leave when they are deleted', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const group = await addGroup(storage, domain, '/npm/*');
    const { allow, disallow, allowedRepositories, all } = storage.packageGroups;
    const entry = (repositoryId: string) => ({ groupId: group.id, restriction: 'PUBLISH' as const, repositoryId });
    const repositories = [];
    for (const name of unsortedNames) {
      const repository = await addRepository(storage, domain, name);
      repositories.push(repository);
      expect(await allow(entry(repository.id))).toBe(true);
    }
    const [first, second] = repositories;
    if (first === undefined || second === undefined) throw new Error('two repositories');
    expect(await allow(entry(first.id))).toBe(false);
    expect(await allow({ ...entry(first.id), restriction: 'INTERNAL_UPSTREAM' })).toBe(true);
    const names = inByteOrder(unsortedNames);
    expect(await allowedRepositories(group.id, 'PUBLISH', { limit: 99 })).toEqual(names);
    expect(await allowedRepositories(group.id, 'PUBLISH', { after: 'ab1', limit: 2 })).toEqual(['ab10', 'ab2']);
    expect(await allowedRepositories(group.id, 'INTERNAL_UPSTREAM', { limit: 99 })).toEqual([first.name]);
    expect(await allowedRepositories(group.id, 'EXTERNAL_UPSTREAM', { limit: 99 })).toEqual([]);

    expect(await disallow(entry(second.id))).toBe(true);
    expect(await disallow(entry(second.id))).toBe(false);
    await storage.repositories.delete(first.id);
    const left = repositories.slice(2);
    const { allowed } = await all(domain.id);
    const byId = (entries: readonly { repositoryId: string }[]) =>
      entries.toSorted((a, b) => (a.repositoryId < b.repositoryId ? -1 : 1));
    expect(byId(allowed)).toEqual(byId(left.map(({ id }) => entry(id))));
    await storage.packageGroups.delete(group.id);
    expect(await all(domain.id)).toEqual({ groups: [], allowed: [] });
  });

  it('go with their domain', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    await addGroup(storage, domain, '/npm/*');
    await storage.domains.delete(domain.id);
    expect(await storage.packageGroups.all(domain.id)).toEqual({ groups: [], allowed: [] });
  });
});

describeStorage('packages of a domain by their variants', ({ open }) => {
  const pypi = (name: string): PackageCoordinate => ({ format: 'pypi', namespace: null, name });

  async function filled(q: Queries): Promise<Domain> {
    const domain = await addDomain(q);
    const [one, two] = [await addRepository(q, domain, 'one'), await addRepository(q, domain, 'two')];
    for (const name of ['b', 'Foo-Bar', 'foo.bar', 'foo', 'food', 'f00', '@team/foo', '@Team/b', 'é', '字']) {
      await addPackage(q, one, npm(name));
    }
    await addPackage(q, two, npm('foo'));
    await addPackage(q, two, npm('FOO_BAR'));
    await addPackage(q, two, pypi('foo'));
    // A package that no repository has any more.
    await q.packages.ensure(domain.id, npm('foo-gone'), newId());
    await addPackage(q, await addRepository(q, await addDomain(q, 'other')), npm('foo-elsewhere'));
    return domain;
  }

  it('come once each, of one format, with a prefix, in pages', async () => {
    const storage = await open();
    const domain = await filled(storage);
    const read = async (format: string, prefix: string, limit = 99) => {
      const names: string[] = [];
      for (let last: PackageCoordinate | undefined; ; ) {
        const after = last && { ...last, variant: variantKey(last) };
        const page = await storage.packageGroups.packages(domain.id, format, prefix, {
          ...(after && { after }),
          limit,
        });
        names.push(...page.map(({ namespace, name }) => `${namespace ?? ''}/${name}`));
        last = page.at(-1);
        if (last === undefined) return names;
      }
    };
    const variants = ['/FOO_BAR', '/Foo-Bar', '/foo.bar'];
    // An accent is a character of its own here.
    const all = ['/b', '/é', '/f00', '/foo', ...variants, '/food', '/字', 'Team/b', 'team/foo'];
    for (const limit of [1, 2, 3, 99]) expect(await read('npm', '', limit)).toEqual(all);
    expect(await read('npm', '/foo', 2)).toEqual(['/f00', '/foo', ...variants, '/food']);
    expect(await read('npm', '/foo.bar')).toEqual(variants);
    expect(await read('npm', 'team/')).toEqual(['Team/b', 'team/foo']);
    expect(await read('pypi', '')).toEqual(['/foo']);
    expect(await read('maven', '')).toEqual([]);
  });

  it('can be passed over by prefix', async () => {
    const storage = await open();
    const domain = await filled(storage);
    const after = { variant: '/foo.\u{10FFFF}', namespace: null, name: '' };
    const rest = await storage.packageGroups.packages(domain.id, 'npm', '/foo', { after, limit: 99 });
    expect(rest).toEqual([npm('food')]);
  });
});
