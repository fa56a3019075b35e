import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, type Credentials, GuardedServer, policyDocument, roleArn, userArn } from '../support/principals.ts';

const owner = '111122223333';
const stranger = '444455556666';
const ownersKey = key(owner);
const strangersKey = key(stranger);
const anyKey = key('test');
const app = { domain: 'acme', repository: 'app' };
const foreign = { domain: 'acme', domainOwner: owner };

let server: GuardedServer;
beforeAll(async () => {
  server = await GuardedServer.open();
  await server.ok(ownersKey, 'CreateDomain', { domain: 'acme' });
  for (const repository of ['app', 'base']) {
    await server.ok(ownersKey, 'CreateRepository', { domain: 'acme', repository });
  }
  const npm = server.npm(await server.token(ownersKey, 'acme'), owner, 'acme', 'app');
  expect((await npm.publish({ name: 'widget', version: '1.0.0' })).status).toBe(200);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Where every key is taken, 12 digits say whose it is, and no secret is looked at. */
function key(accessKeyId: string): Credentials {
  return { accessKeyId, secretAccessKey: 'any' };
}

async function status(credentials: Credentials, operation: string, input: object): Promise<number> {
  return (await server.call(credentials, operation, input)).status;
}

function policy(...actions: string[]) {
  return policyDocument([allow(actions, '*', { Principal: { AWS: stranger } })]);
}

describe('Without --auth enforce, any key', () => {
  it('is an administrator of its own account', async () => {
    for (const credentials of [strangersKey, anyKey, key('AKIAIOSFODNN7EXAMPLE')]) {
      const domain = `of-${credentials.accessKeyId.toLowerCase()}`;
      await server.ok(credentials, 'CreateDomain', { domain, tags: [{ key: 'team', value: 'core' }] });
      await server.ok(credentials, 'CreateRepository', { domain, repository: 'app' });
      const document = policyDocument([allow('DescribeDomain', '*', { Principal: { AWS: owner } })]);
      await server.ok(credentials, 'PutDomainPermissionsPolicy', { domain, policyDocument: document });
      expect(await status(credentials, 'DeleteDomainPermissionsPolicy', { domain })).toBe(200);
      await server.token(credentials, domain);
    }
    // Keys that are no account's are all of one.
    expect(await status(key('AKIAIOSFODNN7EXAMPLE'), 'DescribeDomain', { domain: 'of-test' })).toBe(200);
  });

  it('sees its own account’s domains and repositories only', async () => {
    const { domains } = await server.ok(strangersKey, 'ListDomains', {});
    expect(domains).toMatchObject([{ name: `of-${stranger}`, owner: stranger }]);
    const { repositories } = await server.ok(ownersKey, 'ListRepositories', {});
    expect(repositories).toMatchObject([{ name: 'app' }, { name: 'base' }]);
  });
});

describe('Another account’s domain', () => {
  it('is closed to API and npm', async () => {
    const refused = await server.call(strangersKey, 'DescribeDomain', foreign);
    expect(refused).toMatchObject({ status: 403, error: 'AccessDeniedException' });
    expect(refused.message).toBe(
      `User: ${userArn(stranger, stranger)} is not authorized to perform: codeartifact:DescribeDomain on resource: ` +
        `arn:aws:codeartifact:eu-west-1:${owner}:domain/acme because no resource-based policy allows the ` +
        'codeartifact:DescribeDomain action',
    );
    expect(await status(strangersKey, 'GetAuthorizationToken', foreign)).toBe(403);
    expect(await status(strangersKey, 'CreateRepository', { ...foreign, repository: 'mine' })).toBe(403);
    const own = await server.token(strangersKey, `of-${stranger}`);
    expect((await server.npm(own, owner, 'acme', 'app').fetch('widget')).status).toBe(401);
  });

  it('is opened by its policy, to what that says', async () => {
    const policyText = policy('GetAuthorizationToken', 'ReadFromRepository', 'DescribeDomain');
    await server.ok(ownersKey, 'PutDomainPermissionsPolicy', { domain: 'acme', policyDocument: policyText });
    expect(await status(strangersKey, 'DescribeDomain', foreign)).toBe(200);
    expect(await status(strangersKey, 'DeleteDomain', foreign)).toBe(403);
    expect(await status(anyKey, 'DescribeDomain', foreign)).toBe(403);
    const npm = server.npm(await server.token(strangersKey, 'acme', { domainOwner: owner }), owner, 'acme', 'app');
    expect((await npm.fetch('widget')).status).toBe(200);
    expect((await npm.publish({ name: 'gadget', version: '1.0.0' })).status).toBe(403);
    await server.ok(ownersKey, 'DeleteDomainPermissionsPolicy', { domain: 'acme' });
    expect((await npm.fetch('widget')).status).toBe(403);
  });

  it('is opened by a repository’s policy, as far as that repository', async () => {
    const onDomain = { domain: 'acme', policyDocument: policy('GetAuthorizationToken') };
    await server.ok(ownersKey, 'PutDomainPermissionsPolicy', onDomain);
    const policyText = policy('ReadFromRepository', 'PublishPackageVersion', 'ListPackages');
    await server.ok(ownersKey, 'PutRepositoryPermissionsPolicy', { ...app, policyDocument: policyText });
    const token = await server.token(strangersKey, 'acme', { domainOwner: owner });
    const npm = server.npm(token, owner, 'acme', 'app');
    expect((await npm.fetch('widget')).status).toBe(200);
    expect((await npm.publish({ name: 'gadget', version: '1.0.0' })).status).toBe(200);
    expect(await status(strangersKey, 'ListPackages', { ...foreign, repository: 'app' })).toBe(200);
    expect(await status(strangersKey, 'ListPackages', { ...foreign, repository: 'base' })).toBe(403);
    expect((await server.npm(token, owner, 'acme', 'base').fetch('widget')).status).toBe(403);
    expect(await status(strangersKey, 'DescribeDomain', foreign)).toBe(403);
  });

  it('is denied to its own people by its policy too', async () => {
    const document = policyDocument([
      { Effect: 'Deny', Principal: '*', Action: 'codeartifact:DescribeRepository', Resource: '*' },
    ]);
    await server.ok(ownersKey, 'PutDomainPermissionsPolicy', { domain: 'acme', policyDocument: document });
    expect(await status(ownersKey, 'DescribeRepository', app)).toBe(403);
    expect(await status(ownersKey, 'DescribeDomain', { domain: 'acme' })).toBe(200);
  });
});

describe('A parameter that is given twice', () => {
  it('names neither: nobody is asked about one thing and given another', async () => {
    const scope = `${owner}/20261126/eu-west-1/codeartifact/aws4_request`;
    const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
    for (const query of ['domain=acme&domain=other', `domain=acme&domain-owner=${owner}&domain-owner=${stranger}`]) {
      const response = await fetch(`${server.url}/v1/domain?${query}`, { headers });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('is given more than once');
    }
  });
});

describe('A role', () => {
  it('of any account may be assumed, and is its administrator', async () => {
    const session = await server.assumeRole(strangersKey, roleArn(owner, 'deployer'));
    expect(await status(session, 'DescribeDomain', { domain: 'acme' })).toBe(200);
    const npm = server.npm(await server.token(session, 'acme'), owner, 'acme', 'app');
    expect((await npm.json('-/whoami'))['username']).toBe(`arn:aws:sts::${owner}:assumed-role/deployer/a-session`);
    expect((await npm.publish({ name: 'rolled', version: '1.0.0' })).status).toBe(200);
    expect(await status(session, 'DescribeDomain', { domain: `of-${stranger}`, domainOwner: stranger })).toBe(403);
  });

  it('is bounded by the policy that its session brings', async () => {
    const Policy = policyDocument([allow(['DescribeDomain', 'GetAuthorizationToken', 'sts:*'])]);
    const session = await server.assumeRole(ownersKey, roleArn(owner, 'looker'), { Policy });
    expect(await status(session, 'DescribeDomain', { domain: 'acme' })).toBe(200);
    expect(await status(session, 'ListPackages', app)).toBe(403);
    const npm = server.npm(await server.token(session, 'acme'), owner, 'acme', 'app');
    expect((await npm.fetch('widget')).status).toBe(403);
  });
});

describe('Without --auth enforce, a web page', () => {
  const credential = 'X-Amz-Credential=111122223333/20260101/eu-west-1/codeartifact/aws4_request';
  const ask = (method: 'GET' | 'POST', path: string, headers: Record<string, string>) =>
    request(`${server.url}${path}&${credential}`, { method, headers, ...(method === 'POST' && { body: '{}' }) });
  const own = () => new URL(server.url).host;

  it.each([
    ['of another site', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
    ['of no origin that it tells', { origin: 'null' }],
    ['of another port', { origin: 'http://localhost:1' }],
    ['whose name leads here by its own DNS', { origin: 'http://evil.example', host: 'evil.example' }],
    ['that asks as an image would be', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('%s changes nothing and gets no token', async (_page, headers) => {
    for (const path of ['/v1/authorization-token?domain=acme', '/v1/repository?domain=acme&repository=of-a-page']) {
      const { statusCode, body } = await ask('POST', path, headers);
      expect([statusCode, await body.text()]).toEqual([403, expect.stringContaining('Requests of web pages')]);
    }
    expect(await status(ownersKey, 'DescribeRepository', { ...app, repository: 'of-a-page' })).not.toBe(200);
  });

  it('of the server itself, and a link to it, are served', async () => {
    for (const headers of [
      { origin: server.url },
      { origin: `http://${own()}` },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ] as Record<string, string>[]) {
      const { statusCode, body } = await ask('GET', '/v1/domain?domain=acme', headers);
      await body.dump();
      expect(statusCode).toBe(200);
    }
  });
});
