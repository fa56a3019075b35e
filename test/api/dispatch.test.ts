import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handlers } from '../../src/api/handlers/index.ts';
import { operations } from '../../src/api/operations.ts';
import { openWorld, owner, stranger, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe('dispatch', () => {
  it.each(operations.filter(({ name }) => !handlers.has(name)))(
    'answers 501 to $name',
    async ({ name, method, path }) => {
      const answer = await world.send({ method, path });
      expect(answer).toMatchObject({
        status: 501,
        headers: { 'x-amzn-errortype': 'NotImplementedException' },
        json: { message: `Packyard does not implement the operation ${name} yet.` },
      });
    },
  );

  it('answers 404 UNKNOWN_OPERATION to other paths', async () => {
    const answer = await world.send({ method: 'GET', path: '/v2/domain' });
    expect(answer).toMatchObject({
      status: 404,
      headers: { 'x-amzn-errortype': 'ValidationException', 'content-type': 'application/json' },
      json: { message: 'CodeArtifact has no operation GET /v2/domain.', reason: 'UNKNOWN_OPERATION' },
    });
  });

  // Nobody gets in by accident: every operation on a resource refuses another account's caller, whatever it names.
  const onResources = operations.filter(({ name, resource }) => handlers.has(name) && resource !== 'none');
  it.each(onResources)('refuses $name across accounts', async ({ name, input }) => {
    const samples: Record<string, unknown> = {
      domain: 'acme',
      domainOwner: owner.account,
      repository: 'app',
      format: 'npm',
      package: 'widget',
      packageVersion: '1.0.0',
      asset: 'package.tgz',
      externalConnection: 'public:npmjs',
      resourceArn: `arn:aws:codeartifact:eu-west-1:${owner.account}:domain/acme`,
      tags: [],
      tagKeys: [],
    };
    // CreateDomain has no domainOwner: it always makes a domain of the caller's own.
    if (!input.some((member) => member.name === 'domainOwner' || member.name === 'resourceArn')) return;
    const members = input.filter((member) => member.required || member.name === 'domainOwner');
    const given = Object.fromEntries(members.map((member) => [member.name, samples[member.name]]));
    expect((await world.call(name, given, stranger)).status).toBe(403);
  });

  it('hides a fault of ours from the client and logs it', async () => {
    await world.deps.storage.close();
    const answer = await world.call('DescribeDomain', { domain: 'acme' });
    expect(answer).toMatchObject({
      status: 500,
      headers: { 'x-amzn-errortype': 'InternalServerException', 'x-amzn-requestid': 'a-request' },
      json: { message: 'The service failed to answer this request. See its log.' },
    });
    expect(world.faults).toMatchObject([{ path: '/v1/domain', requestId: 'a-request', err: expect.any(Error) }]);
  });
});
