import { createHash } from 'node:crypto';
import { request as ask } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishDocument } from '../support/packages.ts';
import {
  allow,
  arnIn,
  deny,
  GuardedServer,
  keyOf,
  policyDocument,
  region,
  type Statement,
  tokenActions,
} from '../support/principals.ts';
import { jsonOf } from '../support/user.ts';

const owner = '111122223333';
const stranger = '444455556666';
const admin = keyOf(owner, 'admin');
const alice = keyOf(owner, 'alice');
const bob = keyOf(stranger, 'bob');
const app = { domain: 'acme', repository: 'app' };

let server: GuardedServer;
let token: string;
let adminToken: string;

/** Alice may read one repository, and publish and look at a few packages there. */
const alicesPolicy: Statement[] = [
  allow(tokenActions),
  allow('ReadFromRepository', arnIn(owner, 'repository/acme/app')),
  allow(
    ['PublishPackageVersion', 'DescribePackage', 'PutPackageMetadata'],
    [arnIn(owner, 'package/acme/app/npm/core/*'), arnIn(owner, 'package/acme/app/generic/core/café')],
  ),
  allow(['DescribeDomain', 'ListRepositoriesInDomain'], arnIn(owner, 'domain/acme')),
  allow('TagResource', arnIn(owner, 'package-group/acme/npm/core/%2a')),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy's variable
  allow('DescribeRepository', arnIn(owner, 'repository/acme/${aws:PrincipalTag/team}')),
];

beforeAll(async () => {
  const administrator = { policies: ['AdministratorAccess'] };
  server = await GuardedServer.enforcing({
    [owner]: { users: { admin: administrator, alice: { policies: [alicesPolicy], tags: { team: '*' } } } },
    [stranger]: { users: { bob: administrator } },
  });
  for (const domain of ['acme', 'elsewhere']) {
    await server.ok(admin, 'CreateDomain', { domain });
    for (const repository of ['app', 'base']) await server.ok(admin, 'CreateRepository', { domain, repository });
  }
  await server.ok(admin, 'CreatePackageGroup', { domain: 'acme', packageGroup: '/npm/core/*' });
  token = await server.token(alice, 'acme');
  adminToken = await server.token(admin, 'acme');
  for (const name of ['@web/tool', '@core/tool', 'tool']) {
    for (const repository of ['app', 'base']) await as(adminToken, repository).publish({ name, version: '1.0.0' });
  }
});
afterAll(() => server[Symbol.asyncDispose]());

function as(who: string, repository: string) {
  return server.npm(who, owner, 'acme', repository);
}

/** Sends a target as it is: nothing of it resolved, decoded or encoded. */
async function raw(
  target: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const authorization = `Bearer ${token}`;
    const sent = ask({ hostname, port, method, path: target, headers: { authorization, ...headers }, agent: false });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) });
    });
    sent.end(body);
  });
}

const place = `/d/${region}/acme-${owner}/npm/app/`;

describe('Who may publish one scope only', () => {
  it('publishes there, however the slash is written', async () => {
    for (const [index, name] of ['@core%2ftool', '@core%2Ftool', '%40core%2ftool', '@core/tool'].entries()) {
      const document = JSON.stringify(await publishDocument({ name: '@core/tool', version: `2.0.${index}` }));
      expect(await raw(place + name, { method: 'PUT', body: document })).toMatchObject({ status: 200 });
    }
  });

  it.each([
    ['@web%2ftool', 403],
    ['@web/tool', 403],
    ['%40web%2Ftool', 403],
    ['@web%252ftool', 403],
    ['%2540web%252ftool', 403],
    ['tool', 403],
    ['%74ool', 403],
    ['core%2ftool', 400],
    ['@CORE%2ftool', 403],
    ['@core%00%2ftool', 400],
    ['@core%2f..%2f@web%2ftool', 400],
    ['@core/../@web%2ftool', 400],
    ['@core%2f%2e%2e/@web%2ftool', 400],
    ['@core/tool/../../@web/tool', 400],
    ['./@web%2ftool', 400],
    ['@core%5c..%5c@web%2ftool', 400],
    ['/@web%2ftool', 400],
    ['../base/@core%2ftool', 400],
    ['@%2ftool', 403],
    ['@/tool', 404],
    [`@${encodeURIComponent('ｃｏｒｅ')}%2ftool`, 403],
  ])('does not get another package by PUT %s', async (path, status) => {
    const before = await server.revision();
    const document = JSON.stringify(await publishDocument({ name: '@web/tool', version: '3.0.0' }));
    const answer = await raw(place + path, { method: 'PUT', body: document });
    expect(answer.status, answer.body).toBe(status);
    expect(await server.revision()).toBe(before);
  });

  it('does not get another package by a document that names it', async () => {
    const document = JSON.stringify(await publishDocument({ name: '@web/tool', version: '3.0.0' }));
    expect(await raw(`${place}@core%2ftool`, { method: 'PUT', body: document })).toMatchObject({ status: 400 });
    const { versions } = await as(adminToken, 'app').json('@web%2ftool');
    expect(Object.keys(versions)).toEqual(['1.0.0']);
  });

  it('does not get another package’s tags', async () => {
    for (const path of ['-/package/@web%2ftool/dist-tags/x', '-/package/@core%2f..%2ftool/dist-tags/x']) {
      for (const method of ['PUT', 'DELETE']) {
        expect([400, 403]).toContain((await raw(place + path, { method, body: '"1.0.0"' })).status);
      }
    }
    expect(await as(adminToken, 'app').json('-/package/@web%2ftool/dist-tags')).toEqual({ latest: '1.0.0' });
  });
});

describe('Who may read one repository only', () => {
  const bare = `/d/${region}/acme-${owner}/npm`;
  const elsewhere = `/d/${region}/elsewhere-${owner}/npm`;

  it.each([
    [`${bare}/app/tool`, 200],
    [`${bare}/base/tool`, 403],
    [`${bare}/APP/tool`, 403],
    [`${bare}/none/tool`, 403],
    [`${bare}/app/../base/tool`, 400],
    [`${bare}/app%2f..%2fbase/tool`, 404],
    [`${bare}/%61pp/tool`, 404],
    [`${bare}//base/tool`, 404],
    [`${bare}/app/%2e%2e/base/tool`, 400],
    [`${bare}/base/../app/tool`, 403],
    [`${bare}/base/tool?repository=app`, 403],
    [`${elsewhere}/app/tool`, 401],
    [`${elsewhere}/../acme-${owner}/npm/app/tool`, 404],
    [`/d/us-east-1/acme-${owner}/npm/app/tool`, 401],
    [`/d/${region}/acme-${stranger}/npm/app/tool`, 401],
    [`/d/${region}/ACME-${owner}/npm/app/tool`, 404],
    [`/D/${region}/acme-${owner}/npm/base/tool`, 400],
    [`//d/${region}/acme-${owner}/npm/base/tool`, 400],
  ])('gets for GET %s the status %i', async (target, status) => {
    const answer = await raw(target);
    expect(answer.status, answer.body).toBe(status);
    if (status !== 200) expect(answer.body).not.toContain('dist-tags');
    expect(await raw(target, { method: 'HEAD' })).toEqual({ status, body: '' });
  });

  it.each([
    [`acme-${owner}.d.codeartifact.${region}.packyard.example`, '/npm/app/tool', 200],
    [`ACME-${owner}.D.codeartifact.${region}.packyard.example:80`, '/npm/app/tool', 200],
    [`acme-${owner}.d.codeartifact.${region}.packyard.example`, '/npm/base/tool', 403],
    [`acme-${owner}.d.codeartifact.us-east-1.packyard.example`, '/npm/app/tool', 401],
    [`elsewhere-${owner}.d.codeartifact.${region}.packyard.example`, '/npm/app/tool', 401],
    // A host's domain is the only one there: a path in the other style is a path of a format 'd'.
    [`elsewhere-${owner}.d.codeartifact.${region}.packyard.example`, `${bare}/app/tool`, 401],
    [`acme-${owner}.d.codeartifact.${region}.packyard.example`, `${elsewhere}/app/tool`, 403],
    [`acme-${owner}.d.codeartifact.${region}.packyard.example`, `${bare}/base/tool`, 403],
    [`acme-${owner}.d.codeartifact.${region}.packyard.example`, '/v1/domain?domain=acme', 403],
    [`acme-${owner}.d.codeartifact.${region}.packyard.example`, '/_packyard/events', 403],
  ])('gets at host %s for %s the status %i', async (host, path, status) => {
    const answer = await raw(path, {
      headers: { host, 'x-forwarded-host': `acme-${owner}.d.codeartifact.${region}.x` },
    });
    expect(answer.status, answer.body).toBe(status);
  });

  it('gets nothing by a target with another host than the header’s', async () => {
    const host = `acme-${owner}.d.codeartifact.${region}.packyard.example`;
    const other = `elsewhere-${owner}.d.codeartifact.${region}.packyard.example`;
    expect((await raw(`http://${host}/npm/app/tool`, { headers: { host: other } })).status).toBe(401);
    expect((await raw(`http://${other}/npm/base/tool`, { headers: { host } })).status).toBe(403);
  });

  it('gets nothing by a token in the address', async () => {
    for (const name of ['token', 'access_token', 'authorization', 'X-Amz-Security-Token']) {
      const target = `${bare}/app/tool?${name}=${token}`;
      expect((await raw(target, { headers: { authorization: '' } })).status).toBe(401);
    }
  });
});

describe('Who may ask the API for one thing only', () => {
  const npm = { ...app, format: 'npm' };

  it.each([
    [{ ...npm, namespace: 'core', package: 'tool' }, 200],
    [{ ...npm, namespace: 'web', package: 'tool' }, 403],
    [{ ...npm, package: 'tool' }, 403],
    [{ ...npm, namespace: '@core', package: 'tool' }, 400],
    [{ ...npm, namespace: 'CORE', package: 'tool' }, 403],
    [{ ...npm, package: '@core/tool' }, 400],
    [{ ...npm, package: 'core/tool' }, 400],
    [{ ...npm, namespace: 'core/x/../../web', package: 'tool' }, 400],
    [{ ...npm, namespace: '', package: 'tool' }, 400],
    [{ ...npm, namespace: '..', package: 'tool' }, 403],
    [{ ...npm, namespace: '*', package: 'tool' }, 403],
    [{ ...npm, format: 'NPM', namespace: 'core', package: 'tool' }, 400],
    [{ ...npm, repository: 'base', namespace: 'core', package: 'tool' }, 403],
    [{ ...npm, repository: 'App', namespace: 'core', package: 'tool' }, 403],
    [{ ...npm, domain: 'elsewhere', namespace: 'core', package: 'tool' }, 403],
    [{ ...npm, domainOwner: stranger, namespace: 'core', package: 'tool' }, 403],
  ])('gets for DescribePackage %j the status %i', async (input, status) => {
    const outcome = await server.call(alice, 'DescribePackage', input);
    expect(outcome.status, outcome.message).toBe(status);
  });

  it('gets a name as it is spelled, and not one that looks like it', async () => {
    const assetContent = 'bytes';
    const publish = async (name: string, namespace = 'core') =>
      (
        await server.call(alice, 'PublishPackageVersion', {
          ...app,
          format: 'generic',
          namespace,
          package: name,
          packageVersion: '1.0.0',
          assetName: 'a.bin',
          assetContent,
          assetSHA256: createHash('sha256').update(assetContent).digest('hex'),
        })
      ).status;
    expect(await publish('café')).toBe(200);
    expect(await publish('café'.normalize('NFD'))).toBe(403);
    expect(await publish('CAFÉ')).toBe(403);
    expect(await publish('cafe')).toBe(403);
    expect(await publish('café', 'Core')).toBe(403);
  });

  it('gets nothing by a tag that reads as a wildcard', async () => {
    expect((await server.call(alice, 'DescribeRepository', app)).status).toBe(403);
  });

  it('gets nothing by another spelling of an ARN', async () => {
    const tags = [{ key: 'a', value: 'b' }];
    const tag = (resource: string) => server.call(alice, 'TagResource', { resourceArn: arnIn(owner, resource), tags });
    expect((await tag('package-group/acme/npm/core/%2a')).status).toBe(200);
    for (const other of ['npm/core/*', 'npm/core/%2A', 'npm//core/%2a', 'npm/core/%252a', 'npm/core/../web/%2a']) {
      expect([400, 403]).toContain((await tag(`package-group/acme/${other}`)).status);
    }
    expect((await tag('repository/acme/app')).status).toBe(403);
    expect((await tag('domain/acme')).status).toBe(403);
    const far = arnIn(owner, 'domain/acme').replace(region, 'us-east-1');
    expect((await server.call(admin, 'TagResource', { resourceArn: far, tags })).status).toBe(404);
  });

  it('gets nothing in another region', async () => {
    const { CreateDomainCommand, DescribeDomainCommand } = await import('@aws-sdk/client-codeartifact');
    await server.aws(admin, { region: 'us-east-1' }).send(new CreateDomainCommand({ domain: 'acme' }));
    expect((await server.call(alice, 'DescribeDomain', { domain: 'acme' })).status).toBe(200);
    const far = server.aws(alice, { region: 'us-east-1' });
    await expect(far.send(new DescribeDomainCommand({ domain: 'acme' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`arn:aws:codeartifact:us-east-1:${owner}:domain/acme`),
    });
  });

  it('is told the same of what is there and what is not', async () => {
    for (const [operation, there, missing] of [
      ['DescribeRepository', app, { ...app, repository: 'missing' }],
      ['DescribeDomain', { domain: 'elsewhere' }, { domain: 'nowhere' }],
    ] as const) {
      const one = await server.call(alice, operation, there);
      const other = await server.call(alice, operation, missing);
      expect(other.status).toBe(403);
      const unnamed = (message: string) => message.replace(/resource: \S+/, '');
      expect(unnamed(other.message)).toBe(unnamed(one.message));
    }
  });
});

describe('A presigned request', () => {
  const describeDomain = { path: '/v1/domain', query: { domain: 'acme' } };

  async function presigned(who = alice): Promise<string> {
    const response = await server.send(who, describeDomain, { expiresIn: 60 });
    expect(response.status).toBe(who === alice ? 200 : 403);
    return response.url;
  }

  it('is that of its signer, for what was signed, for as long as it says', async () => {
    const url = await presigned();
    await presigned({ ...alice, secretAccessKey: 'guessed' });
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
    expect((await fetch(url.replace('domain=acme', 'domain=elsewhere'))).status).toBe(403);
    expect((await fetch(`${url}&domain-owner=${stranger}`)).status).toBe(403);
    expect((await fetch(`${url}&domain=elsewhere`)).status).toBe(403);
    expect((await fetch(url.replace('/v1/domain?', '/v1/domain/permissions/policy?'))).status).toBe(403);
    expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).status).toBe(403);
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(400);
    expect((await fetch(url, { headers: { 'x-amz-security-token': 'more' } })).status).toBe(403);
    server.clock.ahead += 61_000;
    expect((await fetch(url)).status).toBe(403);
  });

  it('for STS is none for the API, nor the other way round', async () => {
    expect((await server.send(admin, describeDomain, { service: 'sts' })).status).toBe(403);
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    expect((await server.send(admin, { method: 'POST', path: '/', body })).status).toBe(403);
    expect((await server.send(admin, { method: 'POST', path: '/', body }, { service: 'sts' })).status).toBe(200);
  });
});

describe('Events', () => {
  it('of a domain that denies them are not told to its account either', async () => {
    const events = async () => (await server.send(admin, { path: '/_packyard/events' })).text();
    expect(await events()).toContain('"domainName":"acme"');
    const everyone = { Principal: '*' };
    const policy = policyDocument([allow('*', '*', everyone), deny('packyard:ReadEvents', '*', everyone)]);
    await server.ok(admin, 'PutDomainPermissionsPolicy', { domain: 'acme', policyDocument: policy });
    expect(await events()).toBe('');
    await server.ok(admin, 'DeleteDomainPermissionsPolicy', { domain: 'acme' });
    expect(await events()).toContain('"domainName":"acme"');
  });

  it('are told to their account, and of a domain to who may hear them there', async () => {
    const signed = (who: typeof bob) => server.send(who, { path: '/_packyard/events' });
    expect(await (await signed(admin)).text()).toContain('"packageNamespace":"web"');
    expect(await (await signed(bob)).text()).toBe('');
    expect((await signed(alice)).status).toBe(403);
    const withToken = (bearer: string) =>
      fetch(`${server.url}/_packyard/events`, { headers: { authorization: `Bearer ${bearer}` } });
    expect((await withToken(token)).status).toBe(403);
    expect((await withToken(adminToken)).status).toBe(200);
    await server.ok(admin, 'PutDomainPermissionsPolicy', {
      domain: 'acme',
      policyDocument: policyDocument([allow('GetAuthorizationToken', '*', { Principal: { AWS: stranger } })]),
    });
    const bobs = await server.token(bob, 'acme', { domainOwner: owner });
    const refused = await withToken(bobs);
    expect(refused.status).toBe(403);
    expect((await jsonOf(refused))['message']).toContain(
      'because no resource-based policy allows the packyard:ReadEvents',
    );
  });
});
