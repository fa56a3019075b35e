import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/api/operations.ts';
import { formats } from '../../src/formats/all.ts';
import {
  type Accounts,
  allow,
  deny,
  GuardedServer,
  keyOf,
  type PrincipalSketch,
  policyDocument,
  roleArn,
  type Statement,
  userArn,
} from '../support/principals.ts';
import { jsonOf } from '../support/user.ts';
import { type Case, cases, type Need, owner, type Person, stranger } from './cases.ts';
import { operationAsks, routeAsks } from './needs.ts';

let server: GuardedServer;
let adminToken: string;
const admin = keyOf(owner, 'admin');
const repositories = ['app', 'other', 'base'];
const tokens = new Map<string, string>();

beforeAll(async () => {
  const everyone = Object.fromEntries(Object.keys(people().users).map((name) => [name, administrator]));
  const everyoneBeyond = Object.fromEntries(Object.keys(people().strangers).map((name) => [name, administrator]));
  // Nobody listens there: what is asked of it is refused at once.
  server = await GuardedServer.enforcing(accounts(everyone, everyoneBeyond), {
    registry: { 'public:npmjs': 'http://127.0.0.1:9/' },
  });
  await server.ok(admin, 'CreateDomain', { domain: 'acme' });
  await server.ok(admin, 'PutDomainPermissionsPolicy', {
    domain: 'acme',
    policyDocument: policyDocument([allow('GetAuthorizationToken', '*', { Principal: '*' })]),
  });
  adminToken = await server.token(admin, 'acme');
  // What a token is good for is decided with each request: these are got by administrators, who are none any more then.
  for (const { account, name } of tokenHolders()) {
    tokens.set(`${account} ${name}`, await server.token(keyOf(account, name), 'acme', { domainOwner: owner }));
  }
  server.write(accounts(people().users, people().strangers));
});
afterAll(() => server[Symbol.asyncDispose]());

const administrator: PrincipalSketch = { policies: ['AdministratorAccess'] };

function accounts(
  users: Readonly<Record<string, PrincipalSketch>>,
  strangers: Readonly<Record<string, PrincipalSketch>>,
): Accounts {
  const roles = { worker: administrator };
  return {
    [owner]: { users: { ...users, admin: administrator, leaver: administrator }, roles },
    [stranger]: { users: { ...strangers, admin: administrator } },
  };
}

/** For each case those who have exactly what it needs, all but one of it, and what only they themselves can be given. */
function people() {
  const users: Record<string, PrincipalSketch> = { nobody: {} };
  const strangers: Record<string, PrincipalSketch> = { nobody: {} };
  for (const { id, needs } of cases) {
    users[`${id}_exact`] = strangers[`${id}_exact`] = { policies: [allowing(needs)] };
    users[`${id}_own`] = { policies: [allowing(needs.filter(({ isInDomainPolicy }) => !isInDomainPolicy))] };
    users[`${id}_rest`] = { policies: [allowing(needs.filter(({ inPolicyOf }) => inPolicyOf === undefined))] };
    for (const [index, need] of needs.entries()) {
      users[`${id}_without-${index}`] = { policies: [allowing(needs.filter((other) => other !== need))] };
      users[`${id}_denied-${index}`] = { policies: [allowing(needs), [deny(need.action, need.resource)]] };
    }
  }
  return { users, strangers };
}

/** Statements that allow exactly this; a policy must have one. */
function allowing(needs: readonly Need[], more: Statement = {}): Statement[] {
  const statements = needs.map(({ action, resource }) => allow(action, resource, more));
  return statements.length > 0 ? statements : [allow('s3:GetObject', '*', more)];
}

function tokenHolders() {
  const ids = new Set(cases.filter(({ by }) => by === 'token').map(({ id }) => id));
  const isOne = (name: string) => ids.has(name.split('_')[0] ?? '') || name === 'nobody';
  const { users, strangers } = people();
  return [
    ...Object.keys({ ...users, leaver: {} })
      .filter((name) => isOne(name) || name === 'leaver')
      .map((name) => ({ account: owner, name })),
    ...Object.keys(strangers)
      .filter(isOne)
      .map((name) => ({ account: stranger, name })),
  ];
}

function person(name: string, account = owner): Person {
  return { credentials: keyOf(account, name), token: tokens.get(`${account} ${name}`) };
}

/** Makes what cases ask for, as far as those before have taken it away. */
async function restore(): Promise<void> {
  for (const repository of repositories) await server.call(admin, 'CreateRepository', { domain: 'acme', repository });
  await server.call(admin, 'CreatePackageGroup', { domain: 'acme', packageGroup: '/npm/*' });
  const npm = server.npm(adminToken, owner, 'acme', 'app');
  for (const name of ['widget', '@team/widget']) await npm.publish({ name, version: '1.0.0' });
}

interface ResourcePolicies {
  readonly domain?: readonly Statement[];
  /** By name. */
  readonly repositories?: Readonly<Record<string, readonly Statement[]>>;
}

/** Makes these the only policies on the domain and its repositories. */
async function setPolicies({ domain: onDomain, repositories: onRepositories = {} }: ResourcePolicies): Promise<void> {
  const domain = 'acme';
  const set = (kind: string, name: object, statements: readonly Statement[] | undefined) =>
    statements === undefined
      ? server.call(admin, `Delete${kind}PermissionsPolicy`, name)
      : server.ok(admin, `Put${kind}PermissionsPolicy`, { ...name, policyDocument: policyDocument(statements) });
  await set('Domain', { domain }, onDomain);
  for (const repository of repositories) await set('Repository', { domain, repository }, onRepositories[repository]);
}

/** The needs as statements of the policies of the repositories that they are about. */
function inRepositories(needs: readonly Need[], make: (needs: readonly Need[]) => readonly Statement[]) {
  const byRepository = Map.groupBy(needs, ({ inPolicyOf }) => inPolicyOf);
  const policies: Record<string, readonly Statement[]> = {};
  for (const [repository, its] of byRepository) if (repository !== undefined) policies[repository] = make(its);
  return policies;
}

async function expectPermitted(asked: Case, who: Person): Promise<void> {
  const { status, message } = await asked.ask(server, who);
  expect([401, 403], `${status} ${message}`).not.toContain(status);
  expect(status, message).not.toBe(500);
  expect(status, message).toBeLessThan(503);
  if (asked.name === 'DeleteRepository') await restore();
}

/** @param need what is lacking, when the answer can name but this */
async function expectRefused(asked: Case, who: Person, need?: Need, status = 403): Promise<void> {
  const outcome = await withoutChange(() => asked.ask(server, who));
  expect(outcome.status, outcome.message).toBe(status);
  if (need === undefined || !asked.isTold) return;
  expect(outcome.message).toContain(`is not authorized to perform: ${need.action} on resource: ${need.resource} `);
}

/** Fails when anything is written while something is asked for. */
async function withoutChange<T>(ask: () => Promise<T>): Promise<T> {
  const before = await server.revision();
  const answer = await ask();
  if ((await server.revision()) === before) return answer;
  // What was rendered for those before is written a moment later than it was asked for.
  await setTimeout(100);
  const settled = await server.revision();
  const again = await ask();
  expect(await server.revision()).toBe(settled);
  return again;
}

describe('The matrix', () => {
  it('has every operation and every route of every format', () => {
    expect(Object.keys(operationAsks).sort()).toEqual(operations.map(({ name }) => name).sort());
    const routes = formats.flatMap((format) =>
      format.routes.map(({ method, path }) => `${format.rules.name} ${method} ${path}`),
    );
    expect(Object.keys(routeAsks).sort()).toEqual(routes.sort());
    for (const { name, needs } of cases) expect(needs, name).not.toHaveLength(0);
  });
});

describe.each(cases)('$name', (asked) => {
  const { id, needs, isOfOwnAccount } = asked;
  const inDomain = needs.filter(({ isInDomainPolicy }) => isInDomainPolicy);
  const inRepository = needs.filter(({ inPolicyOf }) => inPolicyOf !== undefined);
  const principal = (name: string, account = owner) => ({ Principal: { AWS: userArn(account, name) } });

  beforeAll(restore);

  it('is permitted by an identity policy that gives exactly what it needs, and by nothing less', async () => {
    await setPolicies({});
    await expectPermitted(asked, person(`${id}_exact`));
    await expectRefused(asked, person('nobody'), needs[0]);
    for (const [index, need] of needs.entries()) await expectRefused(asked, person(`${id}_without-${index}`), need);
  });

  it('is refused where the identity policy denies any of it, whatever else allows', async () => {
    const everyone = { Principal: '*' };
    const repositories = inRepositories(inRepository, (its) => allowing(its, everyone));
    await setPolicies({ domain: allowing(inDomain, everyone), repositories });
    for (const [index, need] of needs.entries()) await expectRefused(asked, person(`${id}_denied-${index}`), need);
  });

  it('is refused where the domain’s policy denies any of it, unless that is nothing a domain’s policy speaks on', async () => {
    for (const need of needs) {
      await setPolicies({ domain: [deny(need.action, '*', principal(`${id}_exact`))] });
      if (need.isInDomainPolicy) await expectRefused(asked, person(`${id}_exact`), need);
      else await expectPermitted(asked, person(`${id}_exact`));
    }
  });

  it('is refused where the repository’s policy denies any of it, unless it is about something else', async () => {
    for (const need of needs) {
      const denial = [deny(need.action, '*', principal(`${id}_exact`))];
      await setPolicies({ repositories: { [need.inPolicyOf ?? 'app']: denial } });
      if (need.inPolicyOf !== undefined) await expectRefused(asked, person(`${id}_exact`), need);
      else await expectPermitted(asked, person(`${id}_exact`));
    }
  });

  if (inDomain.length > 0) {
    it('is permitted to the own account by the domain’s policy, and by nothing less', async () => {
      const caller = person(`${id}_own`);
      const statements = (given: readonly Need[]) => allowing(given, principal(`${id}_own`));
      await setPolicies({ domain: statements(inDomain) });
      await expectPermitted(asked, caller);
      for (const need of inDomain) {
        await setPolicies({ domain: statements(inDomain.filter((other) => other !== need)) });
        await expectRefused(asked, caller, need);
      }
    });
  }

  if (inRepository.length > 0) {
    it('is permitted to the own account by repositories’ policies, and by nothing less', async () => {
      const caller = person(`${id}_rest`);
      const policies = (given: readonly Need[]) =>
        inRepositories(given, (its) => allowing(its, principal(`${id}_rest`)));
      await setPolicies({ repositories: policies(inRepository) });
      await expectPermitted(asked, caller);
      for (const need of inRepository) {
        await setPolicies({ repositories: policies(inRepository.filter((other) => other !== need)) });
        await expectRefused(asked, caller, need);
      }
    });
  }

  it('is permitted by no policy of a domain or a repository that has no say in it', async () => {
    const everything = [allow('*', '*', principal('nobody'))];
    await setPolicies({ domain: everything });
    const beyondDomain = needs.find(({ isInDomainPolicy }) => !isInDomainPolicy);
    if (beyondDomain === undefined) await expectPermitted(asked, person('nobody'));
    else await expectRefused(asked, person('nobody'), beyondDomain);
    await setPolicies({ repositories: { app: everything, other: everything, base: everything } });
    const beyondRepository = needs.find(({ inPolicyOf }) => inPolicyOf === undefined);
    if (beyondRepository === undefined) await expectPermitted(asked, person('nobody'));
    else await expectRefused(asked, person('nobody'), beyondRepository);
  });

  if (isOfOwnAccount) return;

  it('is permitted to another account by both its identity and a policy here only', async () => {
    const caller = person(`${id}_exact`, stranger);
    const foreign = needs.filter(({ resource }) => resource !== '*');
    await setPolicies({});
    await expectRefused(asked, caller, foreign[0]);
    const everyone = { Principal: { AWS: [stranger] } };
    await setPolicies({ domain: allowing(foreign, everyone) });
    await expectRefused(asked, person('nobody', stranger), needs[0]);
    const never = foreign.find(({ isInDomainPolicy }) => !isInDomainPolicy);
    if (never === undefined) await expectPermitted(asked, caller);
    else await expectRefused(asked, caller, never);
    for (const need of foreign) {
      const others = foreign.filter((other) => other !== need);
      await setPolicies({ domain: allowing(others, everyone) });
      await expectRefused(asked, caller, need);
    }
    if (inRepository.length < foreign.length) return;
    await setPolicies({ repositories: inRepositories(foreign, (its) => allowing(its, everyone)) });
    await expectPermitted(asked, caller);
    await expectRefused(asked, person('nobody', stranger), needs[0]);
  });
});

const signed = cases.filter(({ by }) => by === 'signature');
const tokened = cases.filter(({ by }) => by === 'token');

describe('Who gives no good credentials', () => {
  beforeAll(() => setPolicies({ domain: [allow('*', '*', { Principal: '*' })] }));

  it.each(signed)('cannot ask for $name', async (asked) => {
    const session = await server.assumeRole(admin, roleArn(owner, 'worker'));
    await expectPermitted(asked, { credentials: session });
    const wrong = [
      { ...admin, secretAccessKey: 'guessed' },
      { ...admin, secretAccessKey: keyOf(stranger, 'admin').secretAccessKey },
      keyOf(owner, 'unknown'),
      { accessKeyId: owner, secretAccessKey: 'test' },
      { ...admin, sessionToken: session.sessionToken },
      { ...session, sessionToken: `${session.sessionToken}x` },
      { accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey },
    ];
    for (const credentials of wrong) await expectRefused(asked, { credentials });
  });

  it.each(operations)('cannot ask for $name without a signature', async ({ method, path }) => {
    const response = await withoutChange(() => fetch(server.url + path, { method }));
    expect(response.status).toBe(403);
    expect(response.headers.get('x-amzn-errortype')).toContain('MissingAuthenticationTokenException');
  });

  it.each([
    'GET /',
    'POST /',
    'PUT /',
    'OPTIONS /v1/domain',
    'HEAD /v1/domain',
    'GET /v1',
    'GET /v1/unknown',
    'GET /v2/domain',
    'GET /_packyard',
    'GET /_packyard/unknown',
    'POST /_packyard/events',
    'HEAD /_packyard/events',
    'GET /metrics',
  ])('gets nothing by %s', async (request) => {
    const [method = '', path = ''] = request.split(' ');
    const response = await withoutChange(() => fetch(server.url + path, { method }));
    expect(response.status).toBe(403);
  });

  it('is told no more than that the server is there', async () => {
    const response = await fetch(`${server.url}/_packyard/health`);
    expect(Object.keys(await jsonOf(response))).toEqual(['status', 'version']);
  });

  it('cannot read events without a signature or a token', async () => {
    expect((await fetch(`${server.url}/_packyard/events`)).status).toBe(401);
    const unsigned = await fetch(`${server.url}/_packyard/events?X-Amz-Signature=00`);
    expect(unsigned.status).toBe(400);
  });

  it.each(tokened)('cannot ask for $name', async (asked) => {
    const good = tokens.get(`${owner} leaver`) ?? '';
    await expectPermitted(asked, { credentials: admin, token: good });
    for (const token of [
      undefined,
      'not-a-token',
      good.slice(0, -3),
      good.toLowerCase(),
      `${good}.x`,
      admin.accessKeyId,
    ]) {
      await expectRefused(asked, { credentials: admin, token }, undefined, 401);
    }
  });
});

describe('A token for something else', () => {
  const others: string[] = [];
  beforeAll(async () => {
    await server.ok(admin, 'CreateDomain', { domain: 'elsewhere' });
    others.push(await server.token(admin, 'elsewhere'));
    const foreigner = keyOf(stranger, 'admin');
    await server.ok(foreigner, 'CreateDomain', { domain: 'acme' });
    others.push(await server.token(foreigner, 'acme'));
    const far = server.aws(admin, { region: 'us-east-1' });
    const { CreateDomainCommand, GetAuthorizationTokenCommand } = await import('@aws-sdk/client-codeartifact');
    await far.send(new CreateDomainCommand({ domain: 'acme' }));
    const { authorizationToken = '' } = await far.send(new GetAuthorizationTokenCommand({ domain: 'acme' }));
    others.push(authorizationToken);
    others.push((await server.assumeRole(admin, roleArn(owner, 'worker'))).sessionToken);
  });

  // The events that are told are those of the token's own domain, whichever that is.
  it.each(tokened.filter(({ id }) => id !== 'events-token'))('is none for $name', async (asked) => {
    expect(others).toHaveLength(4);
    for (const token of others) await expectRefused(asked, { credentials: admin, token }, undefined, 401);
  });
});

describe('Who is no longer there', () => {
  const leaver = keyOf(owner, 'leaver');
  let session: Person['credentials'];
  let token: string | undefined;
  beforeAll(async () => {
    session = await server.assumeRole(admin, roleArn(owner, 'worker'));
    const all = accounts({ nobody: {} }, {});
    const { leaver: _, ...users } = all[owner]?.users ?? {};
    server.write({ ...all, [owner]: { users } });
    token = tokens.get(`${owner} leaver`);
  });

  it.each(cases)('cannot ask for $name', async (asked) => {
    await expectRefused(asked, { credentials: leaver, token });
    if (asked.by === 'signature') await expectRefused(asked, { credentials: session });
  });
});

describe('What has run out', () => {
  let session: Person['credentials'];
  let token: string;
  beforeAll(async () => {
    server.write(accounts({}, {}));
    session = await server.assumeRole(admin, roleArn(owner, 'worker'), { DurationSeconds: '900' });
    token = await server.token(admin, 'acme', { durationSeconds: 900 });
    server.clock.ahead += 901_000;
  });

  it.each(cases)('is no good for $name', async (asked) => {
    await expectRefused(asked, { credentials: session, token }, undefined, asked.by === 'token' ? 401 : 403);
  });
});
