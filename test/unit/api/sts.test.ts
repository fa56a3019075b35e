import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { joseSessions } from '../../../src/adapters/jose/sessions.ts';
import { principalsDirectory } from '../../../src/adapters/principals/directory.ts';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import { type StsDeps, sts, stsError } from '../../../src/api/sts.ts';
import type { Caller } from '../../../src/core/caller.ts';
import { type ErrorCode, PackyardError, StoreUnavailable } from '../../../src/core/errors.ts';
import { openDirectory, openIdentity } from '../../../src/core/identity/open-directory.ts';
import { memorySettings } from '../../support/memory-settings.ts';

const time = { now: Date.UTC(2026, 0, 1, 12, 0, 0, 250) };
const clock = { now: () => time.now };
const sessions = await joseSessions(memorySettings(), systemIds(clock), clock);
const open: StsDeps = { directory: openDirectory(), sessions, clock };

const folder = mkdtempSync(join(tmpdir(), 'packyard-sts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'principals.yaml');
writeFileSync(
  file,
  `
accounts:
  "111122223333":
    users:
      admin: { accessKeys: [{ id: admin, secret: s }], policies: [AdministratorAccess] }
      nobody: { accessKeys: [{ id: nobody, secret: s }] }
      named: { accessKeys: [{ id: named, secret: s }], tags: { team: core } }
    root: { accessKeys: [{ id: root, secret: s }] }
    roles:
      any:
        trust: { Statement: { Effect: Allow, Principal: { AWS: "111122223333" }, Action: ["sts:AssumeRole", "sts:TagSession"] } }
        policies: [AdministratorAccess]
        maxSessionSeconds: 7200
      named:
        trust: { Statement: { Effect: Allow, Principal: { AWS: "arn:aws:iam::111122223333:user/named" }, Action: "sts:AssumeRole" } }
      partner:
        trust:
          Statement:
            Effect: Allow
            Principal: { AWS: "999988887777" }
            Action: "sts:AssumeRole"
            Condition: { StringEquals: { "sts:ExternalId": secret-word, "aws:PrincipalAccount": "999988887777" } }
      tagged:
        trust:
          Statement:
            - { Effect: Allow, Principal: { AWS: "111122223333" }, Action: "sts:AssumeRole" }
            - Effect: Allow
              Principal: { AWS: "111122223333" }
              Action: "sts:TagSession"
              Condition: { StringEquals: { "aws:RequestTag/team": core }, "ForAllValues:StringEquals": { "aws:TagKeys": [team] } }
  "999988887777":
    users:
      admin: { accessKeys: [{ id: theirs, secret: s }], policies: [AdministratorAccess] }
`,
);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const directory = principalsDirectory(file, { clock, log, environment: {} });
const enforced: StsDeps = { directory, sessions, clock };

function keyOf(accessKeyId: string): Caller {
  const key = directory.findKey(accessKeyId);
  if (key === undefined) throw new Error(`${accessKeyId} is nobody's`);
  return { ...key.caller, region: 'eu-west-1' };
}

const anyone: Caller = { ...openIdentity('111122223333'), region: 'eu-west-1' };
const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

function ask(deps: StsDeps, caller: Caller, parameters: Readonly<Record<string, string>>) {
  const body = new URLSearchParams({ Version: '2011-06-15', ...parameters }).toString();
  return sts(deps, { body, caller, requestId: 'a-request' });
}

const assume = (deps: StsDeps, caller: Caller, name: string, parameters: Readonly<Record<string, string>> = {}) =>
  ask(deps, caller, { Action: 'AssumeRole', RoleArn: roleArn(name), RoleSessionName: 'ci', ...parameters });

/** `ok`, or status, code and text of the refusal. */
async function outcome(answer: ReturnType<typeof sts>): Promise<string> {
  const { status, body } = await answer;
  if (status === 200) return 'ok';
  return `${status} ${element(body, 'Code')}: ${element(body, 'Message')}`;
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

/** The caller that the credentials in an answer make. */
async function callerOf(answer: ReturnType<typeof sts>): Promise<Caller> {
  const { body } = await answer;
  const key = await sessions.find(element(body, 'AccessKeyId'), element(body, 'SessionToken'));
  if (key === undefined) throw new Error(body);
  expect(key.secret).toBe(element(body, 'SecretAccessKey'));
  return { ...key.caller, region: 'eu-west-1' };
}

describe('GetCallerIdentity', () => {
  it('says who the caller is', async () => {
    const caller = { ...anyone, principal: 'arn:aws:iam::111122223333:user/"o\'wner"\u0000', userId: 'AIDA<&>' };
    expect(await ask(open, caller, { Action: 'GetCallerIdentity' })).toMatchInlineSnapshot(`
      {
        "body": "<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <GetCallerIdentityResult>
          <Arn>arn:aws:iam::111122223333:user/&quot;o&apos;wner&quot;�</Arn>
          <UserId>AIDA&lt;&amp;&gt;</UserId>
          <Account>111122223333</Account>
        </GetCallerIdentityResult>
        <ResponseMetadata>
          <RequestId>a-request</RequestId>
        </ResponseMetadata>
      </GetCallerIdentityResponse>
      ",
        "headers": {
          "content-type": "text/xml",
          "x-amzn-requestid": "a-request",
        },
        "status": 200,
      }
    `);
  });

  it('needs no permission', async () => {
    expect(await outcome(ask(enforced, keyOf('nobody'), { Action: 'GetCallerIdentity' }))).toBe('ok');
  });
});

describe('AssumeRole', () => {
  it('gives credentials of the role for an hour', async () => {
    const { body } = await assume(enforced, keyOf('admin'), 'any');
    const redacted = body
      .replace(/<AccessKeyId>ASIA[A-Z2-7]{16}</, '<AccessKeyId>ASIA…<')
      .replace(/<SecretAccessKey>[^<]{40}</, '<SecretAccessKey>…<')
      .replace(/<SessionToken>[\w.-]+</, '<SessionToken>…<');
    expect(redacted).toMatchInlineSnapshot(`
      "<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
        <AssumeRoleResult>
          <AssumedRoleUser>
            <AssumedRoleId>AROA7FCOAMVDBDSO5E7EL:ci</AssumedRoleId>
            <Arn>arn:aws:sts::111122223333:assumed-role/any/ci</Arn>
          </AssumedRoleUser>
          <Credentials>
            <AccessKeyId>ASIA…</AccessKeyId>
            <SecretAccessKey>…</SecretAccessKey>
            <SessionToken>…</SessionToken>
            <Expiration>2026-01-01T13:00:00Z</Expiration>
          </Credentials>
        </AssumeRoleResult>
        <ResponseMetadata>
          <RequestId>a-request</RequestId>
        </ResponseMetadata>
      </AssumeRoleResponse>
      "
    `);
  });

  it('makes the caller a session of the role, with the tags and the policy it was given', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'codeartifact:Get*', Resource: '*' },
    };
    const answer = assume(enforced, keyOf('admin'), 'any', {
      DurationSeconds: '900',
      Policy: JSON.stringify(policy, null, 2),
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'core',
      'Tags.member.2.Key': '__proto__',
      'Tags.member.2.Value': '',
    });
    expect(element((await answer).body, 'PackedPolicySize')).toBe('4');
    const caller = await callerOf(answer);
    expect(caller).toEqual({
      account: '111122223333',
      region: 'eu-west-1',
      accessKeyId: expect.stringMatching(/^ASIA/),
      principal: 'arn:aws:sts::111122223333:assumed-role/any/ci',
      userId: expect.stringMatching(/^AROA[A-Z2-7]{17}:ci$/),
      roleArn: roleArn('any'),
      sessionName: 'ci',
      tags: Object.fromEntries([
        ['team', 'core'],
        ['__proto__', ''],
      ]),
      sessionPolicy: JSON.stringify(policy),
      expiresAt: Date.UTC(2026, 0, 1, 12, 15),
    });
    expect(await outcome(ask(enforced, caller, { Action: 'GetCallerIdentity' }))).toBe('ok');
    expect(await outcome(assume(enforced, caller, 'any'))).toContain('is not authorized to perform: sts:AssumeRole');
  });

  it.each<[string, string, string, Readonly<Record<string, string>>, boolean]>([
    ['an administrator, where the account is trusted', 'admin', 'any', {}, true],
    ['a user without policies, where the account is trusted', 'nobody', 'any', {}, false],
    ['a user without policies, where the user itself is trusted', 'named', 'named', {}, true],
    ['an administrator, where another user is trusted', 'admin', 'named', {}, false],
    ['an administrator of another account that is not trusted', 'theirs', 'any', {}, false],
    [
      'one of another account that is trusted, with the external id',
      'theirs',
      'partner',
      { ExternalId: 'secret-word' },
      true,
    ],
    ['the same with another external id', 'theirs', 'partner', { ExternalId: 'guess' }, false],
    ['the same without external id', 'theirs', 'partner', {}, false],
    ['an administrator, for a role that is not there', 'admin', 'gone', {}, false],
  ])('is for some: %s', async (_who, key, role, parameters, isAllowed) => {
    const caller = keyOf(key);
    const answer = await outcome(assume(enforced, caller, role, parameters));
    expect(answer).toBe(
      isAllowed
        ? 'ok'
        : `403 AccessDenied: User: ${caller.principal} is not authorized to perform: sts:AssumeRole on resource: ${roleArn(role)}`,
    );
  });

  it('takes tags where the trust policy has sts:TagSession for them', async () => {
    const tags = (key: string, value: string) => ({ 'Tags.member.1.Key': key, 'Tags.member.1.Value': value });
    const assumeWith = (key: string, value: string) =>
      outcome(assume(enforced, keyOf('admin'), 'tagged', tags(key, value)));
    const denied =
      '403 AccessDenied: User: arn:aws:iam::111122223333:user/admin is not authorized to perform: sts:TagSession on ' +
      `resource: ${roleArn('tagged')}`;
    expect(await assumeWith('Team', 'core')).toBe(denied);
    expect([await assumeWith('team', 'core'), await assumeWith('team', 'other')]).toEqual(['ok', denied]);
  });

  it('is not for root', async () => {
    expect(await outcome(assume(enforced, keyOf('root'), 'any'))).toBe(
      '403 AccessDenied: Roles may not be assumed by root accounts.',
    );
  });

  it('is for as long as the role allows, and for an hour from one role to another', async () => {
    const admin = keyOf('admin');
    expect(await outcome(assume(enforced, admin, 'any', { DurationSeconds: '7200' }))).toBe('ok');
    expect(await outcome(assume(enforced, admin, 'any', { DurationSeconds: '7201' }))).toBe(
      '400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
    const chained = await callerOf(assume(enforced, admin, 'any'));
    expect(await outcome(assume(enforced, chained, 'any'))).toBe('ok');
    expect(await outcome(assume(enforced, chained, 'any', { DurationSeconds: '3601' }))).toBe(
      '400 ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  });

  it('is for everyone and every role with --auth open', async () => {
    const arn = 'arn:aws:iam::999988887777:role/service-role/any.thing';
    const caller = await callerOf(assume(open, anyone, 'any', { RoleArn: arn, DurationSeconds: '43200' }));
    expect(caller).toMatchObject({
      account: '999988887777',
      principal: 'arn:aws:sts::999988887777:assumed-role/any.thing/ci',
      roleArn: arn,
    });
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'too short a session name',
      { RoleSessionName: 'c' },
      '400 ValidationError: 1 validation error detected: Value &apos;c&apos; at &apos;roleSessionName&apos; failed to ' +
        'satisfy constraint: Member must have length greater than or equal to 2',
    ],
    [
      'characters that a session name cannot have, and too short a time',
      { RoleSessionName: 'a b', DurationSeconds: '899' },
      '400 ValidationError: 2 validation errors detected: Value &apos;a b&apos; at &apos;roleSessionName&apos; failed to ' +
        'satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value &apos;899&apos; at ' +
        '&apos;durationSeconds&apos; failed to satisfy constraint: Member must have value greater than or equal to 900',
    ],
    ['a time that is no number', { DurationSeconds: '1h' }, '400 ValidationError: The request cannot be read'],
    ['a time beyond twelve hours', { DurationSeconds: '43201' }, 'value less than or equal to 43200'],
    ['an empty ARN', { RoleArn: '' }, 'length greater than or equal to 20'],
    [
      'the ARN of a user',
      { RoleArn: 'arn:aws:iam::111122223333:user/alice' },
      '400 ValidationError: arn:aws:iam::111122223333:user/alice is invalid',
    ],
    [
      'an ARN that is none',
      { RoleArn: 'twenty-one characters' },
      '400 ValidationError: twenty-one characters is invalid',
    ],
    ['a policy that is none', { Policy: '{}' }, '400 MalformedPolicyDocument: '],
    [
      'a policy with a principal',
      { Policy: '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}' },
      '400 MalformedPolicyDocument: ',
    ],
    ['a policy that is too long', { Policy: ' '.repeat(2049) }, 'length less than or equal to 2048'],
    ['a tag without value', { 'Tags.member.1.Key': 'a' }, 'Value null at &apos;tags.1.member.value&apos;'],
    [
      'a tag twice',
      { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '', 'Tags.member.2.Key': 'A', 'Tags.member.2.Value': '' },
      '400 ValidationError: Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    ['a tag of AWS’s', { 'Tags.member.1.Key': 'aws:a', 'Tags.member.1.Value': '' }, '400 ValidationError: Tag keys'],
    ['too many tags', manyTags(51, 'v'), 'length less than or equal to 50'],
    [
      'more tags than there is room for',
      manyTags(50, 'v'.repeat(200)),
      '400 PackedPolicyTooLarge: Packed policy consumes 255% of allotted space, please use smaller policy.',
    ],
    ['policies by ARN', { 'PolicyArns.member.1.arn': 'x' }, 'The parameter PolicyArns is not supported; leave it out.'],
    ['transitive tags', { 'TransitiveTagKeys.member.1': 'x' }, 'The parameter TransitiveTagKeys is not supported'],
    ['a token of a device', { SerialNumber: 'x', TokenCode: '1' }, 'The parameter SerialNumber is not supported'],
  ])('refuses %s', async (_what, parameters, expected) => {
    expect(await outcome(assume(open, anyone, 'any', parameters))).toContain(expected);
  });
});

function manyTags(count: number, value: string): Record<string, string> {
  const tags = Array.from({ length: count }, (_, index) => [
    [`Tags.member.${index + 1}.Key`, `k${index}`],
    [`Tags.member.${index + 1}.Value`, value],
  ]);
  return Object.fromEntries(tags.flat());
}

describe('STS', () => {
  it.each([
    [
      'Action=GetSessionToken&Version=2011-06-15',
      'InvalidAction',
      'Could not find operation GetSessionToken for version 2011-06-15',
    ],
    ['Action=%3Cb%3E', 'InvalidAction', 'Could not find operation &lt;b&gt; for version none'],
    ['', 'MissingAction', 'The request has no Action.'],
  ])('refuses %s', async (body, code, message) => {
    const answer = await sts(open, { body, caller: anyone, requestId: 'a-request' });
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/xml' } });
    expect(answer.body).toContain(`<Code>${code}</Code>\n    <Message>${message}</Message>`);
    expect(answer.body).toContain('<RequestId>a-request</RequestId>');
  });

  it.each<[ErrorCode, string]>([
    ['InvalidSignatureException', '403 SignatureDoesNotMatch'],
    ['UnrecognizedClientException', '403 InvalidClientTokenId'],
    ['ExpiredTokenException', '403 ExpiredToken'],
    ['MissingAuthenticationTokenException', '403 MissingAuthenticationToken'],
    ['IncompleteSignatureException', '400 IncompleteSignature'],
    ['PayloadTooLargeException', '413 PayloadTooLarge'],
  ])('has its own name for %s', (code, expected) => {
    const { status, body } = stsError(new PackyardError(code, 'why'), 'a-request');
    expect(`${status} ${element(body, 'Code')} ${element(body, 'Type')}`).toBe(`${expected} Sender`);
  });

  it('tells nothing of a fault of its own', () => {
    for (const [error, code] of [
      [new Error('inside'), 'InternalFailure'],
      [new StoreUnavailable('inside'), 'ServiceUnavailable'],
    ] as const) {
      const { body } = stsError(error, 'a-request');
      expect([element(body, 'Code'), element(body, 'Type'), body.includes('inside')]).toEqual([
        code,
        'Receiver',
        false,
      ]);
    }
  });
});
