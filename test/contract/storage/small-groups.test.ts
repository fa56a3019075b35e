import { describe, expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addPackage, addRepository, asset, publish, sha256 } from './builders.ts';

describeStorage('small groups:', ({ open }) => {
  describe('tags of packages', () => {
    it('sets, moves and deletes a tag', async () => {
      const storage = await open();
      const repository = await addRepository(storage, await addDomain(storage));
      const packageId = await addPackage(storage, repository);
      const { set, list, delete: remove } = storage.tags;
      await set(repository.id, packageId, 'next', '2.0.0-rc.1');
      await set(repository.id, packageId, 'latest', '1.0.0');
      await set(repository.id, packageId, 'latest', '1.0.1');
      expect(await list(repository.id, packageId)).toEqual([
        { tag: 'latest', version: '1.0.1' },
        { tag: 'next', version: '2.0.0-rc.1' },
      ]);
      expect(await remove(repository.id, packageId, 'next')).toBe(true);
      expect(await remove(repository.id, packageId, 'next')).toBe(false);
      expect(await list(repository.id, packageId)).toEqual([{ tag: 'latest', version: '1.0.1' }]);
    });
  });

  it('tells the tags of all packages of a namespace that begin alike', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const [near, far] = [await addRepository(storage, domain, 'near'), await addRepository(storage, domain, 'far')];
    const tagged = async (repository: typeof near, namespace: string, name: string, tag: string) => {
      const coordinate = { format: 'npm', namespace, name };
      const packageId = await addPackage(storage, repository, coordinate);
      await storage.tags.set(repository.id, packageId, tag, '');
    };
    await tagged(near, 'team', 'b', 'prefix:b');
    await tagged(far, 'team', 'a', 'prefix:a');
    await tagged(far, 'team', 'a', 'latest');
    await tagged(far, 'teams', 'c', 'prefix:c');
    expect(await storage.tags.ofNamespace([near.id, far.id], 'npm', 'team', 'prefix:')).toEqual([
      { repositoryId: far.id, name: 'a', tag: 'prefix:a' },
      { repositoryId: near.id, name: 'b', tag: 'prefix:b' },
    ]);
    expect(await storage.tags.ofNamespace([near.id], 'npm', 'teams', 'prefix:')).toEqual([]);
    expect(await storage.tags.ofNamespace([], 'npm', 'team', 'prefix:')).toEqual([]);
  });

  describe('tags of resources', () => {
    it('sets, changes and deletes tags of one ARN', async () => {
      const { resourceTags } = await open();
      const [arn, other] = ['arn:aws:codeartifact:::domain/a', 'arn:aws:codeartifact:::domain/b'];
      await resourceTags.set(arn, 'team', 'blue');
      await resourceTags.set(arn, 'Team', '');
      await resourceTags.set(arn, 'team', 'green');
      await resourceTags.set(arn, 'cost', '7');
      await resourceTags.set(other, 'team', 'red');
      expect(await resourceTags.list(arn)).toEqual([
        { key: 'Team', value: '' },
        { key: 'cost', value: '7' },
        { key: 'team', value: 'green' },
      ]);
      await resourceTags.delete(arn, ['cost', 'missing']);
      await resourceTags.delete(arn, []);
      expect((await resourceTags.list(arn)).map((tag) => tag.key)).toEqual(['Team', 'team']);
      await resourceTags.deleteAll(arn);
      expect(await resourceTags.list(arn)).toEqual([]);
      expect(await resourceTags.list(other)).toEqual([{ key: 'team', value: 'red' }]);
    });
  });

  describe('prepared bytes', () => {
    it('gives back the bytes that were saved last, per representation', async () => {
      const storage = await open();
      const repository = await addRepository(storage, await addDomain(storage));
      const key = { repositoryId: repository.id, unit: 'npm//left-pad', representation: 'full' };
      expect(await storage.prepared.find(key)).toBeUndefined();
      const everyByte = Uint8Array.from({ length: 256 }, (_, n) => n);
      const first = { stamp: '1', etag: '"a"', contentType: 'application/json', gzip: everyByte };
      await storage.prepared.save(key, first);
      const found = await storage.prepared.find(key);
      expect({ ...found, gzip: [...(found?.gzip ?? [])] }).toEqual({ ...first, gzip: [...everyByte] });
      expect(found?.gzip).toBeInstanceOf(Uint8Array);
      await storage.prepared.save(key, { ...first, stamp: '2', gzip: new Uint8Array() });
      const second = await storage.prepared.find(key);
      expect([second?.stamp, second?.gzip.length]).toEqual(['2', 0]);
      expect(await storage.prepared.find({ ...key, representation: 'abbreviated' })).toBeUndefined();
    });

    it('keeps 8 MB as well', async () => {
      const storage = await open();
      const repository = await addRepository(storage, await addDomain(storage));
      const key = { repositoryId: repository.id, unit: 'npm//huge', representation: 'full' };
      const gzip = Buffer.alloc(8 * 1024 * 1024, 'packyard');
      await storage.prepared.save(key, { stamp: '1', etag: '"a"', contentType: 'application/json', gzip });
      const found = await storage.prepared.find(key);
      expect(Buffer.compare(found?.gzip ?? Buffer.of(), gzip)).toBe(0);
    });
  });

  describe('upstream metadata', () => {
    it('remembers what a registry said last', async () => {
      const { upstreamMetadata } = await open();
      const present = {
        connection: 'public:npmjs',
        unit: 'npm//left-pad',
        state: 'present',
        etag: '"abc"',
        lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT',
        registryUrl: 'http://registry.example/',
        checkedAt: 1_700_000_000_000,
        changedAt: 1_600_000_000_000,
        documentSha256: sha256('document'),
      } as const;
      expect(await upstreamMetadata.find('public:npmjs', 'npm//left-pad')).toBeUndefined();
      await upstreamMetadata.save(present);
      expect(await upstreamMetadata.find('public:npmjs', 'npm//left-pad')).toEqual(present);
      const gone = { ...present, state: 'gone', etag: null, lastModified: null, documentSha256: null } as const;
      await upstreamMetadata.save(gone);
      expect(await upstreamMetadata.find('public:npmjs', 'npm//left-pad')).toEqual(gone);
      await upstreamMetadata.forgetGone(gone.checkedAt);
      expect(await upstreamMetadata.find('public:npmjs', 'npm//left-pad')).toEqual(gone);
      await upstreamMetadata.forgetGone(gone.checkedAt + 1);
      expect(await upstreamMetadata.find('public:npmjs', 'npm//left-pad')).toBeUndefined();
      await upstreamMetadata.save(present);
      await upstreamMetadata.forgetGone(gone.checkedAt + 1);
      expect(await upstreamMetadata.find('public:npmjs', 'npm//left-pad')).toEqual(present);
    });
  });

  describe('settings', () => {
    it('keeps the first of several values written at once', async () => {
      const { settings } = await open();
      expect(await settings.find('key')).toBeUndefined();
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map((value) => settings.insert('key', value)));
      const kept = await settings.find('key');
      expect(answers).toEqual([kept, kept, kept, kept]);
      expect(await settings.insert('key', 'e')).toBe(kept);
    });
  });

  describe('leases', () => {
    it('are taken by one holder at a time, renewed by it, and free after their end', async () => {
      const { take, release } = (await open()).leases;
      expect(await take('upkeep', 'a', { now: 1_000, until: 2_000 })).toBe(true);
      expect(await take('upkeep', 'b', { now: 1_999, until: 3_000 })).toBe(false);
      expect(await take('other', 'b', { now: 1_999, until: 3_000 })).toBe(true);
      expect(await take('upkeep', 'a', { now: 1_999, until: 3_000 })).toBe(true);
      expect(await take('upkeep', 'b', { now: 2_999, until: 4_000 })).toBe(false);
      expect(await take('upkeep', 'b', { now: 3_000, until: 4_000 })).toBe(true);
      await release('upkeep', 'a');
      expect(await take('upkeep', 'a', { now: 3_500, until: 9_000 })).toBe(false);
      await release('upkeep', 'b');
      expect(await take('upkeep', 'a', { now: 3_500, until: 9_000 })).toBe(true);
    });

    it('go to exactly one of many that ask at once', async () => {
      const { take } = (await open()).leases;
      const times = { now: 1_000, until: 2_000 };
      const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => take('fetch', `node-${n}`, times)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('references to blobs', () => {
    it('tells which blobs nobody refers to', async () => {
      const storage = await open();
      const repository = await addRepository(storage, await addDomain(storage));
      await publish(storage, repository, await addPackage(storage, repository), '1.0.0', { bytes: 'an asset' });
      await storage.upstreamMetadata.save({
        connection: 'public:npmjs',
        unit: 'npm//left-pad',
        state: 'present',
        etag: null,
        lastModified: null,
        registryUrl: 'http://registry.example/',
        checkedAt: 0,
        changedAt: 0,
        documentSha256: sha256('a document'),
      });
      const used = [asset('', 'an asset').hashes.sha256, sha256('a document')];
      const unused = Array.from({ length: 1500 }, (_, n) => sha256(`garbage ${n}`));
      expect(await storage.blobReferences.unreferenced([...used, ...unused])).toEqual(unused);
      expect(await storage.blobReferences.unreferenced(used)).toEqual([]);
      expect(await storage.blobReferences.unreferenced([])).toEqual([]);
    });

    it('gives for deletion what was condemned long enough ago and nobody refers to', async () => {
      const storage = await open();
      const { condemn, takeForDeletion, keep, forget } = storage.blobReferences;
      const repository = await addRepository(storage, await addDomain(storage));
      const [orphan, wanted, fresh] = [sha256('orphan'), sha256('wanted'), sha256('fresh')];
      await condemn([orphan, wanted], 1_000);
      await condemn([orphan, fresh], 2_000);
      await publish(storage, repository, await addPackage(storage, repository), '1.0.0', { bytes: 'wanted' });
      expect(await takeForDeletion([orphan, wanted, fresh], 2_000, 5_000)).toEqual([orphan]);
      expect(await takeForDeletion([orphan, wanted, fresh], 2_000, 5_000)).toEqual([]);
      expect(await keep([wanted, orphan, fresh])).toEqual([orphan]);
      expect(await takeForDeletion([fresh], 9_000, 9_000)).toEqual([]);
      await forget([orphan]);
      expect(await keep([orphan])).toEqual([]);
      expect(await keep([])).toEqual([]);
      expect(await takeForDeletion([], 9_000, 9_000)).toEqual([]);
    });

    it('gives a deletion that nobody finished to the next', async () => {
      const { condemn, takeForDeletion, takeOverDeletions } = (await open()).blobReferences;
      await condemn([sha256('orphan')], 1_000);
      await takeForDeletion([sha256('orphan')], 2_000, 5_000);
      expect(await takeOverDeletions(5_000, 6_000)).toEqual([]);
      expect(await takeOverDeletions(5_001, 6_000)).toEqual([sha256('orphan')]);
      expect(await takeOverDeletions(5_001, 6_000)).toEqual([]);
    });
  });
});
