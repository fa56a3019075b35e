import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operations } from '../../src/api/operations.ts';
import { sampleInput } from '../support/sample-input.ts';
import { openWorld, owner, stranger, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe('dispatch', () => {
  it('answers 404 UNKNOWN_OPERATION to other paths', async () => {
    const answer = await world.send({ method: 'GET', path: '/v2/domain' });
    expect(answer).toMatchObject({
      status: 404,
      headers: { 'x-amzn-errortype': 'ValidationException', 'content-type': 'application/json' },
      json: { message: 'CodeArtifact has no operation GET /v2/domain.', reason: 'UNKNOWN_OPERATION' },
    });
  });

  // Nobody gets in by accident: every operation on a resource refuses another account's caller, whatever it names.
  const onResources = operations.filter(({ resource }) => resource !== 'none');
  it.each(onResources)('refuses $name across accounts', async (operation) => {
    // CreateDomain has no domainOwner: it always makes a domain of the caller's own.
    if (operation.name === 'CreateDomain') return;
    expect((await world.call(operation.name, sampleInput(operation, owner.account), stranger)).status).toBe(403);
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
