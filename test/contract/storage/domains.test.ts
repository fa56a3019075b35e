import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import {
  addDomain,
  addPackage,
  addRepository,
  allPages,
  asset,
  contentOf,
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

describeStorage('domains', ({ open, create }) => {
  it('finds a domain as it was added, after a restart too', async () => {
    const openAgain = await create();
    const storage = await openAgain();
    const domain = await addDomain(storage);
    expect(await storage.domains.find(owner, region, 'acme')).toEqual(domain);
    expect(await (await openAgain()).domains.find(owner, region, 'acme')).toEqual(domain);
  });

  it('takes a name once per owner and region', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    expect(await storage.domains.insert({ ...domain, id: newId() })).toBe(false);
    expect(await storage.domains.insert({ ...domain, id: newId(), region: 'us-east-1' })).toBe(true);
    expect(await storage.domains.insert({ ...domain, id: newId(), owner: '999999999999' })).toBe(true);
    expect(await storage.domains.insert({ ...domain, id: newId(), name: 'ACME' })).toBe(true);
    expect(await storage.domains.count(owner, region)).toBe(2);
  });

  it('gives a name to one of many who ask at once', async () => {
    const storage = await open();
    const domain = { ...(await addDomain(storage, 'other')), name: 'wanted' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => storage.transaction((q) => q.domains.insert({ ...domain, id: newId() }))),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('lists an owner’s domains of a region by name, in byte order', async () => {
    const storage = await open();
    for (const name of unsortedNames) await addDomain(storage, name);
    await addDomain(storage, 'foreign', { owner: '999999999999' });
    await addDomain(storage, 'elsewhere', { region: 'us-east-1' });
    const listed = await allPages(
      (page: Page<string>) => storage.domains.list(owner, region, page),
      (domain) => domain.name,
      3,
    );
    expect(listed.map((domain) => domain.name)).toEqual(inByteOrder(unsortedNames));
  });

  it('counts repositories and bytes, equal bytes once', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    expect(await storage.domains.assetSizeBytes(domain.id)).toBe(0);
    const repository = await addRepository(storage, domain);
    await addRepository(storage, domain, 'snapshots');
    const packageId = await addPackage(storage, repository);
    await publish(storage, repository, packageId, '1.0.0', { bytes: '12345' });
    await publish(storage, repository, packageId, '1.0.1', { bytes: '12345' });
    await publish(storage, repository, packageId, '1.0.2', { bytes: '123' });
    const big = contentOf(packageId, '2.0.0');
    await storage.versions.insert(big, [{ ...asset('big.bin', 'big'), size: 5_000_000_000 }], null);
    await storage.versions.refer(referenceTo(repository, big));
    expect(await storage.domains.assetSizeBytes(domain.id)).toBe(5_000_000_008);
    expect(await storage.domains.repositoryCount(domain.id)).toBe(2);
  });

  it('deletes a domain with everything in it, and nothing else', async () => {
    const storage = await open();
    const [doomed, kept] = [await addDomain(storage, 'doomed'), await addDomain(storage, 'kept')];
    for (const domain of [doomed, kept]) {
      const repository = await addRepository(storage, domain);
      await publish(storage, repository, await addPackage(storage, repository, npm('left-pad')), '1.0.0', {
        bytes: domain.name,
      });
    }
    await storage.domains.delete(doomed.id);
    expect(await storage.domains.find(owner, region, 'doomed')).toBeUndefined();
    expect(await storage.domains.assetSizeBytes(doomed.id)).toBe(0);
    expect(await storage.domains.assetSizeBytes(kept.id)).toBe(4);
    const orphan = asset('package.tgz', 'doomed').hashes.sha256;
    const used = asset('package.tgz', 'kept').hashes.sha256;
    expect(await storage.blobReferences.unreferenced([orphan, used])).toEqual([orphan]);
  });
});
