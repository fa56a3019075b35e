import { afterEach, describe, expect, it } from 'vitest';
import type { Quotas } from '../../src/core/quotas.ts';
import { openWorld, stranger, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

async function given(quotas: Partial<Quotas>): Promise<void> {
  world = await openWorld(quotas);
}

async function domains(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) await world.ok('CreateDomain', { domain: `domain-${each}` });
}

const exceeded = (message: string, resourceType: string, resourceId: string) => ({
  status: 402,
  headers: { 'x-amzn-errortype': 'ServiceQuotaExceededException' },
  json: { message, resourceType, resourceId },
});

describe('Quotas', () => {
  it("are AWS's where nothing else is set", async () => {
    await given({});
    await domains(10);
    expect(await world.call('CreateDomain', { domain: 'domain-10' })).toMatchObject(
      exceeded("Account '111122223333' has 10 domains in eu-west-1; the quota is 10.", 'domain', 'domain-10'),
    );
  });

  it('may be higher', async () => {
    await given({ domainsPerAccount: 12 });
    await domains(12);
    expect(await world.call('CreateDomain', { domain: 'domain-12' })).toMatchObject({ status: 402 });
  });

  it('are per account and region, and what is deleted does not count', async () => {
    await given({ domainsPerAccount: 1 });
    await domains(1);
    await world.ok('CreateDomain', { domain: 'acme' }, stranger);
    await world.ok('CreateDomain', { domain: 'acme' }, { ...stranger, region: 'eu-north-1' });
    expect(await world.call('CreateDomain', { domain: 'acme' })).toMatchObject({ status: 402 });
    await world.ok('DeleteDomain', { domain: 'domain-0' });
    await world.ok('CreateDomain', { domain: 'acme' });
  });

  it('tell a name that is taken before they count', async () => {
    await given({ domainsPerAccount: 1 });
    await domains(1);
    expect(await world.call('CreateDomain', { domain: 'domain-0' })).toMatchObject({ status: 409 });
  });

  it('limit the repositories of a domain', async () => {
    await given({ repositoriesPerDomain: 2 });
    await domains(2);
    const create = (domain: string, repository: string) => world.call('CreateRepository', { domain, repository });
    expect(await create('domain-0', 'one')).toMatchObject({ status: 200 });
    expect(await create('domain-0', 'two')).toMatchObject({ status: 200 });
    expect(await create('domain-0', 'three')).toMatchObject(
      exceeded("Domain 'domain-0' has 2 repositories; the quota is 2.", 'repository', 'three'),
    );
    expect(await create('domain-1', 'three')).toMatchObject({ status: 200 });
  });

  it('limit the upstreams of a repository, at its creation and later', async () => {
    await given({ directUpstreams: 1 });
    await domains(1);
    const at = { domain: 'domain-0', repository: 'app' };
    for (const repository of ['one', 'two']) await world.ok('CreateRepository', { ...at, repository });
    const names = (...all: string[]) => all.map((repositoryName) => ({ repositoryName }));
    const refusal = exceeded('A repository can have at most 1 upstreams.', 'repository', 'app');
    expect(await world.call('CreateRepository', { ...at, upstreams: names('one', 'two') })).toMatchObject(refusal);
    await world.ok('CreateRepository', { ...at, upstreams: names('one') });
    expect(await world.call('UpdateRepository', { ...at, upstreams: names('one', 'two') })).toMatchObject(refusal);
    await world.ok('UpdateRepository', { ...at, upstreams: names('two') });
  });

  it('limit the tags of a resource, at its creation and later', async () => {
    await given({ tagsPerResource: 2 });
    const tags = (...keys: string[]) => keys.map((key) => ({ key, value: '' }));
    const refusal = exceeded('A resource can have at most 2 tags.', 'domain', 'acme');
    expect(await world.call('CreateDomain', { domain: 'acme', tags: tags('a', 'b', 'c') })).toMatchObject(refusal);
    await world.ok('CreateDomain', { domain: 'acme', tags: tags('a') });
    const resourceArn = 'arn:aws:codeartifact:eu-west-1:111122223333:domain/acme';
    await world.ok('TagResource', { resourceArn, tags: tags('a', 'b') });
    expect(await world.call('TagResource', { resourceArn, tags: tags('c') })).toMatchObject(refusal);
  });
});
