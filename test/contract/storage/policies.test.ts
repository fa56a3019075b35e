import { expect, it } from 'vitest';
import { describeStorage } from '../../support/engines.ts';
import { addDomain, addRepository } from './builders.ts';

describeStorage('resource policies', ({ open }) => {
  it('hang on a domain and on its repositories, each by itself', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const repository = await addRepository(storage, domain);
    const ofDomain = { kind: 'domain', id: domain.id } as const;
    const ofRepository = { kind: 'repository', id: repository.id } as const;
    expect(await storage.policies.find(ofDomain)).toBeUndefined();
    await storage.policies.set(ofDomain, { revision: 'a', document: '{"for":"domain"}' });
    await storage.policies.set(ofRepository, { revision: 'b', document: '{"for":"repository"}' });
    await storage.policies.set(ofRepository, { revision: 'c', document: '{"for":"repository","second":true}' });
    expect(await storage.policies.find(ofDomain)).toEqual({ revision: 'a', document: '{"for":"domain"}' });
    expect(await storage.policies.find(ofRepository)).toMatchObject({ revision: 'c' });
    await storage.policies.delete(ofDomain);
    expect(await storage.policies.find(ofDomain)).toBeUndefined();
    expect(await storage.policies.find(ofRepository)).toMatchObject({ revision: 'c' });
  });

  it('go with what they hang on', async () => {
    const storage = await open();
    const domain = await addDomain(storage);
    const repository = await addRepository(storage, domain);
    const policy = { revision: 'a', document: '{}' };
    await storage.policies.set({ kind: 'domain', id: domain.id }, policy);
    await storage.policies.set({ kind: 'repository', id: repository.id }, policy);
    await storage.repositories.delete(repository.id);
    expect(await storage.policies.find({ kind: 'repository', id: repository.id })).toBeUndefined();
    await storage.domains.delete(domain.id);
    expect(await storage.policies.find({ kind: 'domain', id: domain.id })).toBeUndefined();
  });
});
