import {
  CreateDomainCommand,
  CreateRepositoryCommand,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npm } from '../../src/formats/npm/index.ts';
import { TestClock } from '../support/clock.ts';
import { account, awsClient, NpmUser, region, tokenFor } from '../support/user.ts';
import { World } from '../support/world.ts';

const clock = new TestClock();
let world: World;
const tokens: Record<string, string | undefined> = {};

beforeAll(async () => {
  world = await World.with({ team: [] }, {}, { clock });
  await world.npm('team').publish({ name: 'secret', version: '1.0.0' });
  await world.aws.send(new CreateDomainCommand({ domain: 'other-domain' }));
  const foreign = awsClient(world.server.url, '111122223333');
  await foreign.send(new CreateDomainCommand({ domain: world.domain }));
  const short = await world.aws.send(new GetAuthorizationTokenCommand({ domain: world.domain, durationSeconds: 900 }));
  const [header, payload = '', signature = ''] = world.token.split('.');
  const forgedPayload = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('acme', 'acmf')).toString(
    'base64url',
  );
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  Object.assign(tokens, {
    missing: undefined,
    garbled: 'not-a-token',
    empty: '',
    cut: world.token.slice(0, -5),
    forged: `${header}.${forgedPayload}.${signature}`,
    unsigned: `${unsigned}.${payload}.`,
    'of another domain': await tokenFor(world.aws, 'other-domain'),
    'of an equal domain of another account': await tokenFor(foreign, world.domain),
    expired: short.authorizationToken,
  });
  clock.ahead = 901_000;
});
afterAll(() => world[Symbol.asyncDispose]());

const kinds = [
  'missing',
  'garbled',
  'empty',
  'cut',
  'forged',
  'unsigned',
  'of another domain',
  'of an equal domain of another account',
  'expired',
];

/** Every route of the format with its parameters filled in. */
const requests = npm.routes.map(({ method, path }) => {
  const filled = path.replace(':package', 'secret').replace(':file', 'secret-1.0.0.tgz').replace(/:\w+/g, '1.0.0');
  return [method, filled] as const;
});

describe.each(kinds)('A token %s', (kind) => {
  it.each(requests)('gets 401 with a challenge from %s /%s, and no data', async (method, path) => {
    const user = world.npmWith(tokens[kind], 'team');
    const response = await user.fetch(path, { method, ...(method === 'PUT' && { body: '{}' }) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="acme/team", Basic realm="acme/team"');
    const body = await response.text();
    expect(body).toContain('token');
    expect(body).not.toMatch(/otp|one-time|ipaddress|sha512/i);
  });

  it('learns nothing of repositories that are not there', async () => {
    const response = await world.npmWith(tokens[kind], 'no-such-repository').fetch('secret');
    expect(response.status).toBe(401);
  });
});

describe('A good token', () => {
  const basic = (user: string) => `Basic ${Buffer.from(`${user}:${world.token}`).toString('base64')}`;

  it.each([
    ['Bearer', () => `Bearer ${world.token}`],
    ['bearer in lower case', () => `bearer ${world.token}`],
    ['the password of user aws', () => basic('aws')],
    ['the password of any user', () => basic('someone')],
    ['no scheme at all', () => world.token],
  ])('is taken as %s', async (_, authorization) => {
    const user = world.npmWith(undefined, 'team');
    expect((await user.fetch('secret', { headers: { authorization: authorization() } })).status).toBe(200);
  });

  it('works at an address in host style too, and not in another region', async () => {
    const { request } = await import('undici');
    const ask = async (path: string, host: string) => {
      const { statusCode } = await request(world.server.url + path, {
        headers: { host, authorization: `Bearer ${world.token}` },
      });
      return statusCode;
    };
    expect(await ask('/npm/team/secret', `acme-${account}.d.codeartifact.${region}.example.test:4566`)).toBe(200);
    expect(await ask('/npm/team/secret', `acme-${account}.d.codeartifact.us-east-1.example.test`)).toBe(401);
  });

  it('gets 404 for a repository, a format, a route or a domain that is not there', async () => {
    const { url } = world.server;
    const at = (path: string) => new NpmUser(`${url}/d/${region}/acme-${account}/${path}`, world.token).fetch('');
    expect((await at('npm/nowhere/secret')).status).toBe(404);
    expect((await at('cobol/team/secret')).status).toBe(404);
    expect((await at('npm/team/-/nothing/of/the/kind')).status).toBe(404);
    expect((await at('npm/team/secret/1.0.0/2/3/4')).status).toBe(404);
    expect((await new NpmUser(`${url}/d/${region}/Not_A_Domain/npm/team/`, world.token).fetch('secret')).status).toBe(
      404,
    );
  });
});

describe('Every route of every format', () => {
  it('declares the permission it needs', () => {
    for (const route of npm.routes) {
      const isRead = route.method === 'GET';
      expect(route.action === 'ReadFromRepository', `${route.method} ${route.path}`).toBe(isRead);
      if (!isRead) expect(route.coordinate, `${route.method} ${route.path}`).toBeDefined();
    }
  });
});

describe('An access key of 12 digits', () => {
  it('is the account, and may not touch another account’s domain', async () => {
    const foreign = awsClient(world.server.url, '444455556666');
    const input = { domain: world.domain, domainOwner: account, repository: 'mine' };
    await expect(foreign.send(new CreateRepositoryCommand(input))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'because no resource-based policy allows the codeartifact:CreateRepository action',
      ),
    });
    const missing = { domain: 'no-such-domain', domainOwner: account };
    await expect(foreign.send(new GetAuthorizationTokenCommand(missing))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
