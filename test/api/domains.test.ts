import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, owner, stranger, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const arn = 'arn:aws:codeartifact:eu-west-1:111122223333:domain/acme';

describe('domains', () => {
  it('are created, described, listed and deleted', async () => {
    const created = await world.ok('CreateDomain', { domain: 'acme' });
    expect(created).toEqual({
      domain: {
        name: 'acme',
        owner: owner.account,
        arn,
        status: 'Active',
        createdTime: world.time.now / 1000,
        encryptionKey: expect.stringMatching(/^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f-]{36}$/),
        repositoryCount: 0,
        assetSizeBytes: 0,
      },
    });
    const described = await world.ok('DescribeDomain', { domain: 'acme' });
    expect(described).toEqual({
      domain: { ...(created['domain'] as object), s3BucketArn: 'arn:aws:s3:::assets-111122223333-eu-west-1' },
    });
    const { domains } = await world.ok('ListDomains');
    expect(domains).toMatchObject([{ name: 'acme', arn, status: 'Active' }]);
    const deleted = await world.ok('DeleteDomain', { domain: 'acme' });
    expect(deleted).toMatchObject({ domain: { name: 'acme', status: 'Deleted', repositoryCount: 0 } });
    expect(await world.ok('ListDomains')).toEqual({ domains: [] });
  });

  it('answer in the way recorded from AWS when they do not exist', async () => {
    const answer = await world.call('DescribeDomain', { domain: 'missing' });
    expect(answer).toMatchObject({
      status: 404,
      headers: { 'x-amzn-errortype': 'ResourceNotFoundException', 'x-amzn-requestid': 'a-request' },
      json: {
        message: "Domain not found. Domain 'missing' owned by account '111122223333' does not exist.",
        resourceId: 'missing',
        resourceType: 'domain',
      },
    });
    expect(await world.ok('DeleteDomain', { domain: 'missing' })).toEqual({});
  });

  it('refuse a second one of the name, and deletion while there are repositories', async () => {
    await world.ok('CreateDomain', { domain: 'acme' });
    expect(await world.call('CreateDomain', { domain: 'acme' })).toMatchObject({
      status: 409,
      json: { resourceType: 'domain', resourceId: 'acme' },
    });
    await world.ok('CreateRepository', { domain: 'acme', repository: 'app' });
    expect(await world.call('DeleteDomain', { domain: 'acme' })).toMatchObject({
      status: 409,
      json: { message: 'Domain must contain 0 repositories before deletion' },
    });
    expect(await world.ok('DescribeDomain', { domain: 'acme' })).toMatchObject({ domain: { repositoryCount: 1 } });
  });

  it('are ten at most; the refused one leaves nothing', async () => {
    for (let index = 0; index < 10; index += 1) await world.ok('CreateDomain', { domain: `domain-${index}` });
    expect(await world.call('CreateDomain', { domain: 'eleventh' })).toMatchObject({
      status: 402,
      headers: { 'x-amzn-errortype': 'ServiceQuotaExceededException' },
    });
    expect((await world.call('DescribeDomain', { domain: 'eleventh' })).status).toBe(404);
  });

  it('page by name, with a token that fits this list only', async () => {
    for (const domain of ['cc', 'aa', 'bb']) await world.ok('CreateDomain', { domain });
    const first = await world.ok('ListDomains', { maxResults: 2 });
    expect(first['domains']).toMatchObject([{ name: 'aa' }, { name: 'bb' }]);
    const { nextToken } = first;
    const second = await world.ok('ListDomains', { maxResults: 2, nextToken });
    expect(second).toMatchObject({ domains: [{ name: 'cc' }] });
    expect(second).not.toHaveProperty('nextToken');
    for (const [operation, input, caller] of [
      ['ListRepositories', { nextToken }, owner],
      ['ListDomains', { nextToken }, stranger],
      ['ListDomains', { nextToken: 'nonsense' }, owner],
    ] as const) {
      expect(await world.call(operation, input, caller)).toMatchObject({
        status: 400,
        json: { message: 'Error de-serializing the token.' },
      });
    }
  });

  it.each([
    ['alias/aws/codeartifact', /^arn:aws:kms:eu-west-1:111122223333:key\/[0-9a-f-]{36}$/],
    ['arn:aws:kms:eu-west-1:444455556666:alias/mine', /^arn:aws:kms:eu-west-1:444455556666:key\/[0-9a-f-]{36}$/],
    [
      '12345678-1234-1234-1234-123456789012',
      /^arn:aws:kms:eu-west-1:111122223333:key\/12345678-1234-1234-1234-123456789012$/,
    ],
    ['arn:aws:kms:us-east-1:444455556666:key/some-key', /^arn:aws:kms:us-east-1:444455556666:key\/some-key$/],
  ])('show a key ARN for the key %s', async (encryptionKey, expected) => {
    const { domain } = await world.ok('CreateDomain', { domain: 'acme', encryptionKey });
    expect(domain).toMatchObject({ encryptionKey: expect.stringMatching(expected) });
  });

  it('refuse what cannot be a key, in the words Terraform retries on', async () => {
    expect(await world.call('CreateDomain', { domain: 'acme', encryptionKey: 'aws/codeartifact' })).toMatchObject({
      status: 400,
      json: { message: 'KMS key not found: aws/codeartifact', reason: 'ENCRYPTION_KEY_ERROR' },
    });
    expect(await world.ok('ListDomains')).toEqual({ domains: [] });
  });

  it('of another account are refused before anyone looks for them', async () => {
    for (const domain of ['acme', 'missing']) {
      const answer = await world.call('DescribeDomain', { domain, domainOwner: owner.account }, stranger);
      expect(answer).toMatchObject({
        status: 403,
        headers: { 'x-amzn-errortype': 'AccessDeniedException' },
        json: {
          message:
            'User: arn:aws:iam::999988887777:user/stranger is not authorized to perform: codeartifact:DescribeDomain ' +
            `on resource: arn:aws:codeartifact:eu-west-1:111122223333:domain/${domain} because no resource-based ` +
            'policy allows the codeartifact:DescribeDomain action',
        },
      });
    }
  });

  it('give tokens for 12 hours, or for as long as asked', async () => {
    await world.ok('CreateDomain', { domain: 'acme' });
    for (const [durationSeconds, lifetime] of [
      [undefined, 43_200],
      [0, 43_200],
      [900, 900],
    ] as const) {
      const input = { domain: 'acme', ...(durationSeconds !== undefined && { durationSeconds }) };
      const { authorizationToken, expiration } = await world.ok('GetAuthorizationToken', input);
      expect(expiration).toBe(Math.floor(world.time.now / 1000) + lifetime);
      expect(await world.deps.tokens.verify(String(authorizationToken))).toMatchObject({
        domain: 'acme',
        domainOwner: owner.account,
        region: 'eu-west-1',
        caller: owner,
        expiresAt: Number(expiration) * 1000,
      });
    }
    for (const durationSeconds of [5, 899, 43_201, -1]) {
      const answer = await world.call('GetAuthorizationToken', { domain: 'acme', durationSeconds });
      expect(answer).toMatchObject({ status: 400, json: { reason: 'FIELD_VALIDATION_FAILED' } });
    }
    expect((await world.call('GetAuthorizationToken', { domain: 'missing' })).status).toBe(404);
  });
});
