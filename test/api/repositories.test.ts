import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, owner, stranger, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.ok('CreateDomain', { domain: 'acme' });
});
afterEach(() => world.close());

const at = (repository: string) => ({ domain: 'acme', repository });
const names = (...repositories: string[]) => repositories.map((repositoryName) => ({ repositoryName }));

async function create(repository: string, ...upstreams: string[]) {
  return world.ok('CreateRepository', { ...at(repository), upstreams: names(...upstreams) });
}

describe('repositories', () => {
  it('are created, described, changed and deleted', async () => {
    const created = await world.ok('CreateRepository', { ...at('App'), description: 'Ours' });
    const repository = {
      name: 'App',
      administratorAccount: owner.account,
      domainName: 'acme',
      domainOwner: owner.account,
      arn: 'arn:aws:codeartifact:eu-west-1:111122223333:repository/acme/App',
      description: 'Ours',
      upstreams: [],
      externalConnections: [],
      createdTime: world.time.now / 1000,
    };
    expect(created).toEqual({ repository });
    expect(await world.ok('DescribeRepository', at('App'))).toEqual({ repository });
    const { description: _, ...undescribed } = repository;
    expect(await world.ok('UpdateRepository', at('App'))).toEqual({ repository });
    expect(await world.ok('UpdateRepository', { ...at('App'), description: '' })).toEqual({ repository: undescribed });
    expect(await world.ok('DeleteRepository', at('App'))).toEqual({ repository: undescribed });
    expect(await world.call('DescribeRepository', at('App'))).toMatchObject({
      status: 404,
      json: {
        message:
          "Repository not found. Repository 'App' in domain 'acme' owned by account '111122223333' does not exist.",
        resourceType: 'repository',
      },
    });
  });

  it('refuse a name that is taken, and keep the case of names', async () => {
    await create('app');
    expect(await world.call('CreateRepository', at('app'))).toMatchObject({
      status: 409,
      json: { resourceType: 'repository', resourceId: 'app' },
    });
    await create('APP');
  });

  it('keep their upstreams in order; absent leaves them, [] removes them', async () => {
    await create('one');
    await create('two');
    const upstreams = names('two', 'one');
    expect(await create('app', 'two', 'one')).toMatchObject({ repository: { upstreams } });
    expect(await world.ok('UpdateRepository', at('app'))).toMatchObject({ repository: { upstreams } });
    const swapped = await world.ok('UpdateRepository', { ...at('app'), upstreams: names('one', 'two') });
    expect(swapped).toMatchObject({ repository: { upstreams: names('one', 'two') } });
    const emptied = await world.ok('UpdateRepository', { ...at('app'), upstreams: [] });
    expect(emptied).toMatchObject({ repository: { upstreams: [] } });
  });

  it('refuse upstreams against the rules, and change nothing then', async () => {
    await create('base');
    await create('middle', 'base');
    await create('top', 'middle');
    const many = Array.from({ length: 11 }, (_, index) => `upstream-${index}`);
    for (const name of many) await create(name);
    for (const [repository, upstreams, status] of [
      ['base', ['top'], 400],
      ['base', ['base'], 400],
      ['top', ['base', 'base'], 400],
      ['top', ['missing'], 404],
      ['top', many, 402],
    ] as const) {
      const answer = await world.call('UpdateRepository', { ...at(repository), upstreams: names(...upstreams) });
      expect(answer.status, JSON.stringify(answer.json)).toBe(status);
    }
    expect(await world.ok('DescribeRepository', at('base'))).toMatchObject({ repository: { upstreams: [] } });
    expect(await world.ok('DescribeRepository', at('top'))).toMatchObject({
      repository: { upstreams: names('middle') },
    });
    const refused = await world.call('CreateRepository', { ...at('new'), upstreams: names('base', 'missing') });
    expect(refused.status).toBe(404);
    expect((await world.call('DescribeRepository', at('new'))).status).toBe(404);
  });

  it('can be deleted while they are an upstream; UpdateRepository clears the link that leads nowhere', async () => {
    await create('base');
    await create('app', 'base');
    const { id } = (await world.deps.storage.repositories.find(await domainId(), 'app')) ?? { id: '' };
    await world.ok('DeleteRepository', at('base'));
    await create('base');
    expect(await world.ok('DescribeRepository', at('app'))).toMatchObject({ repository: { upstreams: [] } });
    expect(await world.deps.storage.repositories.upstreams(id)).toHaveLength(1);
    await world.ok('UpdateRepository', { ...at('app'), description: 'x' });
    expect(await world.deps.storage.repositories.upstreams(id)).toEqual([]);
  });

  it('have one external connection, or upstreams', async () => {
    await create('base');
    await create('app');
    const npm = { ...at('app'), externalConnection: 'public:npmjs' };
    const externalConnections = [{ externalConnectionName: 'public:npmjs', packageFormat: 'npm', status: 'AVAILABLE' }];
    expect(await world.ok('AssociateExternalConnection', npm)).toMatchObject({ repository: { externalConnections } });
    for (const externalConnection of ['public:npmjs', 'public:pypi']) {
      expect(await world.call('AssociateExternalConnection', { ...at('app'), externalConnection })).toMatchObject({
        status: 400,
        json: { message: 'ExternalConnections for repositories are currently limited to 1' },
      });
    }
    for (const upstreams of [[], names('base')]) {
      expect((await world.call('UpdateRepository', { ...at('app'), upstreams })).status).toBe(400);
    }
    expect(await world.ok('UpdateRepository', { ...at('app'), description: 'x' })).toMatchObject({
      repository: { externalConnections },
    });
    expect(await world.ok('DisassociateExternalConnection', npm)).toMatchObject({
      repository: { externalConnections: [] },
    });
    expect((await world.call('DisassociateExternalConnection', npm)).status).toBe(404);
    await world.ok('UpdateRepository', { ...at('app'), upstreams: names('base') });
    expect((await world.call('AssociateExternalConnection', npm)).status).toBe(400);
    const unknown = { ...at('base'), externalConnection: 'public:nothing' };
    expect((await world.call('AssociateExternalConnection', unknown)).status).toBe(400);
  });

  it('stay free of cycles and doubles when many change them at once', async () => {
    const created = await Promise.all(Array.from({ length: 8 }, () => world.call('CreateRepository', at('one'))));
    expect(created.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
    await create('two');
    const link = (from: string, to: string) => world.call('UpdateRepository', { ...at(from), upstreams: names(to) });
    const linked = await Promise.all([link('one', 'two'), link('two', 'one')]);
    expect(linked.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('raise the domain revision that caches look at with every change', async () => {
    await create('app');
    const before = (await domain())?.topologyRevision ?? 0;
    await world.ok('AssociateExternalConnection', { ...at('app'), externalConnection: 'public:npmjs' });
    expect((await domain())?.topologyRevision).toBeGreaterThan(before);
  });

  it('are listed by domain and by administrator, filtered and in pages', async () => {
    for (const name of ['web-b', 'web-a', 'api']) await create(name);
    const inDomain = await world.ok('ListRepositoriesInDomain', { domain: 'acme', repositoryPrefix: 'web-' });
    expect(inDomain['repositories']).toMatchObject([{ name: 'web-a' }, { name: 'web-b' }]);
    const nobody = await world.ok('ListRepositoriesInDomain', {
      domain: 'acme',
      administratorAccount: stranger.account,
    });
    expect(nobody).toEqual({ repositories: [] });
    const first = await world.ok('ListRepositories', { maxResults: 2 });
    expect(first['repositories']).toMatchObject([{ name: 'api' }, { name: 'web-a' }]);
    const second = await world.ok('ListRepositories', { maxResults: 2, nextToken: first['nextToken'] });
    expect(second).toMatchObject({ repositories: [{ name: 'web-b' }] });
    expect(await world.ok('ListRepositories', {}, stranger)).toEqual({ repositories: [] });
    expect((await world.call('ListRepositories', { repositoryPrefix: 'w' })).status).toBe(400);
  });

  it('have an endpoint for each format', async () => {
    await create('app');
    const endpoint = await world.ok('GetRepositoryEndpoint', { ...at('app'), format: 'npm' });
    expect(endpoint).toEqual({ repositoryEndpoint: 'http://endpoint/acme/npm/app/' });
    const dual = await world.ok('GetRepositoryEndpoint', { ...at('app'), format: 'cargo', endpointType: 'dualstack' });
    expect(dual).toEqual({ repositoryEndpoint: 'http://endpoint/acme/cargo/app/' });
    expect((await world.call('GetRepositoryEndpoint', { ...at('nope'), format: 'npm' })).status).toBe(404);
    expect((await world.call('GetRepositoryEndpoint', { ...at('app'), format: 'apt' })).status).toBe(400);
  });
});

async function domain() {
  return world.deps.storage.domains.find(owner.account, owner.region, 'acme');
}

async function domainId() {
  return (await domain())?.id ?? '';
}
