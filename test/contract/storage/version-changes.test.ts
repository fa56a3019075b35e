import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addPackage, addRepository, asset, npm, publish, referenceTo } from './builders.ts';

const blobOf = (bytes: string) => asset('', bytes).hashes.sha256;

describeStorage('versions that change and go', ({ open }) => {
  async function shelf() {
    const storage = await open();
    const domain = await addDomain(storage);
    const first = await addRepository(storage, domain, 'first');
    const second = await addRepository(storage, domain, 'second');
    const packageId = await addPackage(storage, first);
    await addPackage(storage, second);
    const content = await publish(storage, first, packageId, '1.0.0', { bytes: 'an asset' });
    return { storage, domain, first, second, packageId, content };
  }

  it('are found many at once, without those that are not there', async () => {
    const { storage, first, packageId } = await shelf();
    await publish(storage, first, packageId, '2.0.0');
    const found = await storage.versions.findAll(first.id, packageId, ['2.0.0', '1.0.0', '3.0.0']);
    expect(found.map(({ version }) => version).sort()).toEqual(['1.0.0', '2.0.0']);
    expect(await storage.versions.findAll(first.id, packageId, [])).toEqual([]);
  });

  it('take another status in one repository alone', async () => {
    const { storage, first, second, packageId, content } = await shelf();
    await storage.versions.refer(referenceTo(second, content));
    await storage.versions.setStatus(first.id, packageId, '1.0.0', 'Archived');
    expect(await storage.versions.find(first.id, packageId, '1.0.0')).toMatchObject({ status: 'Archived' });
    expect(await storage.versions.find(second.id, packageId, '1.0.0')).toMatchObject({ status: 'Published' });
  });

  it('are removed with their tags, and their content goes with the last reference', async () => {
    const { storage, first, second, packageId, content } = await shelf();
    await storage.versions.refer(referenceTo(second, content));
    await storage.tags.set(first.id, packageId, 'latest', '1.0.0');
    await storage.tags.set(second.id, packageId, 'latest', '1.0.0');
    await storage.versions.remove(first.id, packageId, ['1.0.0', 'no such version']);
    await storage.versions.tidy([content.id]);
    expect(await storage.versions.find(first.id, packageId, '1.0.0')).toBeUndefined();
    expect(await storage.tags.list(first.id, packageId)).toEqual([]);
    expect(await storage.tags.list(second.id, packageId)).toHaveLength(1);
    expect(await storage.versions.assetCount(content.id)).toBe(1);
    expect(await storage.blobReferences.unreferenced([blobOf('an asset')])).toEqual([]);
    await storage.versions.remove(second.id, packageId, ['1.0.0']);
    await storage.versions.tidy([content.id]);
    expect(await storage.blobReferences.unreferenced([blobOf('an asset')])).toHaveLength(1);
  });

  it('lose their assets when they are disposed wherever they are', async () => {
    const { storage, domain, first, second, packageId, content } = await shelf();
    await storage.versions.refer(referenceTo(second, content));
    await storage.versions.setStatus(first.id, packageId, '1.0.0', 'Disposed');
    await storage.versions.tidy([content.id]);
    expect(await storage.versions.assetCount(content.id)).toBe(1);
    await storage.versions.setStatus(second.id, packageId, '1.0.0', 'Disposed');
    await storage.versions.tidy([content.id]);
    expect(await storage.versions.assetCount(content.id)).toBe(0);
    expect(await storage.domains.assetSizeBytes(domain.id)).toBe(0);
    expect(await storage.versions.find(first.id, packageId, '1.0.0')).toMatchObject({ metadata: content.metadata });
  });

  it('lose their assets too when all that is left of them is disposed', async () => {
    const { storage, first, second, packageId, content } = await shelf();
    await storage.versions.refer(referenceTo(second, content, { status: 'Disposed' }));
    await storage.repositories.delete(first.id);
    expect(await storage.versions.assetCount(content.id)).toBe(0);
    expect(await storage.versions.find(second.id, packageId, '1.0.0')).toBeDefined();
  });

  it('take the place of another one under the same number', async () => {
    const { storage, first, second, packageId, content } = await shelf();
    const other = await publish(storage, second, packageId, '1.0.0', { bytes: 'another' });
    await storage.versions.replace(referenceTo(second, content, { status: 'Unlisted', display: 'x' }));
    await storage.versions.tidy([other.id]);
    expect(await storage.versions.find(second.id, packageId, '1.0.0')).toMatchObject({
      versionId: content.id,
      status: 'Unlisted',
      display: 'x',
    });
    expect(await storage.versions.find(first.id, packageId, '1.0.0')).toMatchObject({ status: 'Published' });
    expect(await storage.blobReferences.unreferenced([blobOf('another')])).toHaveLength(1);
  });

  const texts = { metadata: '{"now":2}', entry: '{"files":2}', revision: 'another revision' };

  it('take assets more, and with them other texts', async () => {
    const { storage, first, packageId, content } = await shelf();
    await storage.versions.grow(content.id, [asset('more.txt', 'more')], texts);
    expect(await storage.versions.assets(content.id, { limit: 9 })).toHaveLength(2);
    expect(await storage.versions.find(first.id, packageId, '1.0.0')).toMatchObject(texts);
  });

  it('are parted before one of them grows where others refer to it', async () => {
    const { storage, first, second, packageId, content } = await shelf();
    await storage.versions.refer(referenceTo(second, content));
    expect((await storage.versions.holders(content.id)).sort()).toEqual([first.id, second.id].sort());
    await storage.versions.fork(content.id, 'a second content', [second.id]);
    await storage.versions.grow('a second content', [asset('more.txt', 'more')], texts);
    expect(await storage.versions.find(first.id, packageId, '1.0.0')).toMatchObject({ versionId: content.id });
    expect(await storage.versions.assetCount(content.id)).toBe(1);
    expect(await storage.versions.find(second.id, packageId, '1.0.0')).toMatchObject({
      versionId: 'a second content',
      origin: content.origin,
      ...texts,
    });
    expect(await storage.versions.assets('a second content', { limit: 9 })).toHaveLength(2);
  });

  it('and the packages they were of take other restrictions, or go', async () => {
    const { storage, first, packageId } = await shelf();
    await storage.packages.setRestrictions(first.id, packageId, { publish: 'BLOCK', upstream: 'BLOCK' });
    const [record] = await storage.packages.findIn([first.id], npm('left-pad'));
    expect(record?.restrictions).toEqual({ publish: 'BLOCK', upstream: 'BLOCK' });
    await storage.tags.set(first.id, packageId, 'latest', '1.0.0');
    await storage.versions.remove(first.id, packageId, ['1.0.0']);
    await storage.packages.removeFrom(first.id, packageId);
    expect(await storage.packages.findIn([first.id], npm('left-pad'))).toEqual([]);
  });
});
