import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import {
  addDomain,
  addPackage,
  addRepository,
  allPages,
  asset,
  inByteOrder,
  newId,
  npm,
  owner,
  type Page,
  publish,
  referenceTo,
  region,
  unsortedNames,
} from './builders.ts';

describeStorage('repositories', ({ open }) => {
  it('locates a repository together with its domain', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const repository = await addRepository(storage, domain, 'releases', { description: 'what we ship' });
    const { locate, find } = storage.repositories;
    expect(await locate(owner, region, 'acme', 'releases')).toEqual({ domain, repository });
    expect(await locate(owner, region, 'acme', 'missing')).toEqual({ domain, repository: undefined });
    expect(await locate(owner, region, 'missing', 'releases')).toBeUndefined();
    expect(await find(domain.id, 'releases')).toEqual(repository);
    expect(await find(domain.id, 'RELEASES')).toBeUndefined();
  });

  it('takes a name once per domain', async () => {
    const storage = await open();
    const [acme, other] = [await addDomain(storage, 'acme'), await addDomain(storage, 'other')];
    const repository = await addRepository(storage, acme);
    expect(await storage.repositories.insert({ ...repository, id: newId() })).toBe(false);
    expect(await storage.repositories.insert({ ...repository, id: newId(), domainId: other.id })).toBe(true);
  });

  it('lists a domain’s repositories by name, by prefix and by administrator', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    for (const name of unsortedNames) await addRepository(storage, domain, name);
    await addRepository(storage, domain, 'ab-theirs', { administratorAccount: '999999999999' });
    const names = async (filter: { prefix?: string; administratorAccount?: string }) => {
      const listed = await allPages(
        (page: Page<string>) => storage.repositories.listInDomain(domain.id, filter, page),
        (repository) => repository.name,
        4,
      );
      return listed.map((repository) => repository.name);
    };
    expect(await names({})).toEqual(inByteOrder([...unsortedNames, 'ab-theirs']));
    expect(await names({ prefix: 'ab' })).toEqual(['ab', 'ab-theirs', 'ab1', 'ab10', 'ab2']);
    expect(await names({ prefix: 'a_' })).toEqual(['a_b']);
    expect(await names({ prefix: 'A' })).toEqual(['A']);
    expect(await names({ prefix: '%' })).toEqual([]);
    expect(await names({ administratorAccount: '999999999999' })).toEqual(['ab-theirs']);
    expect(await names({ prefix: 'ab1', administratorAccount: owner })).toEqual(['ab1', 'ab10']);
  });

  it('lists what an account administers across domains, by name, owner and domain', async () => {
    const storage = await open();
    const domains = [
      await addDomain(storage, 'b'),
      await addDomain(storage, 'a'),
      await addDomain(storage, 'z', { owner: '000000000001' }),
    ];
    const elsewhere = await addDomain(storage, 'a', { region: 'us-east-1' });
    for (const domain of [...domains, elsewhere]) {
      for (const name of ['same', `only-${domain.name}`]) await addRepository(storage, domain, name);
    }
    const list = async (filter: { prefix?: string }) => {
      const listed = await allPages(
        (page: Page<{ name: string; owner: string; domain: string }>) =>
          storage.repositories.listByAdministrator(owner, region, filter, page),
        ({ domain, repository }) => ({ name: repository.name, owner: domain.owner, domain: domain.name }),
        2,
      );
      return listed.map(({ domain, repository }) => `${repository.name} ${domain.owner}/${domain.name}`);
    };
    const same = [`same 000000000001/z`, `same ${owner}/a`, `same ${owner}/b`];
    expect(await list({})).toEqual([`only-a ${owner}/a`, `only-b ${owner}/b`, `only-z 000000000001/z`, ...same]);
    expect(await list({ prefix: 'same' })).toEqual(same);
    expect(await storage.repositories.listByAdministrator('999999999999', region, {}, { limit: 9 })).toEqual([]);
  });

  it('changes a description', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const repository = await addRepository(storage, domain);
    await storage.repositories.setDescription(repository.id, 'new');
    expect((await storage.repositories.find(domain.id, 'releases'))?.description).toBe('new');
  });

  it('deletes a repository with its records and with contents that nobody else refers to', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [doomed, other] = [await addRepository(storage, domain), await addRepository(storage, domain, 'other')];
    const packageId = await addPackage(storage, doomed);
    await storage.packages.ensureIn(other.id, packageId, npm('left-pad'), { publish: 'ALLOW', upstream: 'ALLOW' });
    const alone = await publish(storage, doomed, packageId, '1.0.0');
    const shared = await publish(storage, doomed, packageId, '2.0.0');
    await storage.versions.refer(referenceTo(other, shared));
    await storage.tags.set(doomed.id, packageId, 'latest', '2.0.0');
    const key = { repositoryId: doomed.id, unit: 'npm//left-pad', representation: 'full' };
    await storage.prepared.save(key, { stamp: '1', etag: '"1"', contentType: 'text/plain', gzip: Buffer.from('x') });

    await storage.repositories.delete(doomed.id);

    expect(await storage.repositories.find(domain.id, 'releases')).toBeUndefined();
    expect(await storage.packages.list(doomed.id, {}, { limit: 9 })).toEqual([]);
    expect(await storage.versions.all(doomed.id, packageId)).toEqual([]);
    expect(await storage.tags.list(doomed.id, packageId)).toEqual([]);
    expect(await storage.prepared.find(key)).toBeUndefined();
    expect(await storage.versions.asset(alone.id, 'package.tgz')).toBeUndefined();
    expect(await storage.versions.asset(shared.id, 'package.tgz')).toEqual(asset('package.tgz', '2.0.0'));
    expect((await storage.versions.all(other.id, packageId)).map((version) => version.version)).toEqual(['2.0.0']);
    expect(await storage.domains.assetSizeBytes(domain.id)).toBe(5);
  });

  it('does not lose a version that is copied while its repository is deleted', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const target = await addRepository(storage, domain, 'target');
    const packageId = await addPackage(storage, target);
    for (let round = 0; round < 10; round++) {
      const source = await addRepository(storage, domain, `source-${round}`);
      await storage.packages.ensureIn(source.id, packageId, npm('left-pad'), { publish: 'ALLOW', upstream: 'ALLOW' });
      await publish(storage, source, packageId, `${round}.0.0`);
      const [wasCopied] = await Promise.all([
        storage.transaction(async (q) => {
          const version = await q.versions.find(source.id, packageId, `${round}.0.0`);
          return version !== undefined && q.versions.refer({ ...version, repositoryId: target.id });
        }),
        storage.transaction((q) => q.repositories.delete(source.id)),
      ]);
      const copied = await storage.versions.find(target.id, packageId, `${round}.0.0`);
      expect(copied !== undefined).toBe(wasCopied);
      if (copied) expect(await storage.versions.asset(copied.versionId, 'package.tgz')).toBeDefined();
    }
  });
});
