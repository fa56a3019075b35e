import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { principalsDirectory } from '../../../src/adapters/principals/directory.ts';
import type { Caller } from '../../../src/core/caller.ts';
import { callerContext } from '../../../src/core/identity/caller-context.ts';
import { policyPrincipal } from '../../../src/core/identity/policy-principal.ts';
import { decide } from '../../../src/core/policy/decide.ts';

const folder = mkdtempSync(join(tmpdir(), 'packyard-principals-'));
const file = join(folder, 'principals.yaml');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const time = { now: 1_000_000 };
let logged: unknown[] = [];
beforeEach(() => {
  logged = [];
});
const deps = {
  clock: { now: () => time.now },
  log: {
    info: (_fields: object, message: string) => logged.push(message),
    warn: () => undefined,
    error: (fields: object, message: string) => logged.push([message, fields]),
  },
  environment: { BOBS_SECRET: 'from the environment' },
};

function directoryOf(text: string) {
  writeFileSync(file, text);
  return principalsDirectory(file, deps);
}

const manual = `
accounts:
  "111122223333":
    organization: o-example
    users:
      alice:
        accessKeys: [{ id: AKIAALICE0000000000, secret: alices secret }]
        policies: [AdministratorAccess]
        permissionsBoundary: OnlyCodeArtifact
        tags: { Team: core }
      bob:
        accessKeys:
          - { id: AKIABOB000000000000, secretEnv: BOBS_SECRET }
          - { id: AKIABOB000000000001, secret: bobs second }
        groups: [developers]
    groups:
      developers:
        policies:
          - AWSCodeArtifactReadOnlyAccess
          - Statement: { Effect: Allow, Action: "codeartifact:Publish*", Resource: "*" }
    roles:
      publisher:
        trust: { Statement: { Effect: Allow, Principal: { AWS: "111122223333" }, Action: "sts:AssumeRole" } }
        policies: [arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess]
        maxSessionSeconds: 7200
        tags: { team: release, stage: live }
    root:
      accessKeys: [{ id: AKIAROOT00000000000, secret: roots secret }]
policies:
  OnlyCodeArtifact:
    Version: 2012-10-17
    Statement: { Effect: Allow, Action: "codeartifact:*", Resource: "*" }
`;

describe('a principals file', () => {
  const who = (key: string): Caller => {
    const found = directoryOf(manual).findKey(key)?.caller;
    if (found === undefined) throw new Error(`${key} is nobody's`);
    return { ...found, region: 'eu-west-1' };
  };

  const may = (
    caller: Caller,
    action: string,
    resource = 'arn:aws:codeartifact:eu-west-1:111122223333:domain/acme',
  ) => {
    const standing = directoryOf(manual).standing(caller);
    if (standing === undefined) return 'is not there';
    const { identity, bounds } = standing;
    const principal = policyPrincipal(caller);
    const request = { principal, action, resource, context: callerContext(caller, standing) };
    const decision = decide({ identity, bounds, resource: [], isOwnAccount: true }, request);
    return decision.isAllowed ? 'may' : decision.why;
  };

  const session: Caller = {
    account: '111122223333',
    region: 'eu-west-1',
    accessKeyId: 'ASIA',
    principal: 'arn:aws:sts::111122223333:assumed-role/publisher/ci',
    userId: 'AROA:ci',
    roleArn: 'arn:aws:iam::111122223333:role/publisher',
    sessionName: 'ci',
    tags: { Team: 'of the session' },
  };

  it('says whose an access key is', () => {
    expect(directoryOf(manual).findKey('AKIAALICE0000000000')).toEqual({
      secret: 'alices secret',
      caller: {
        account: '111122223333',
        accessKeyId: 'AKIAALICE0000000000',
        principal: 'arn:aws:iam::111122223333:user/alice',
        userId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
        tags: {},
      },
    });
    expect(directoryOf(manual).findKey('AKIABOB000000000000')?.secret).toBe('from the environment');
    expect(directoryOf(manual).findKey('AKIANOBODY')).toBeUndefined();
  });

  it('gives a user what its policies and groups allow', () => {
    const bob = who('AKIABOB000000000001');
    expect(may(bob, 'codeartifact:DescribeDomain')).toBe('may');
    expect(may(bob, 'codeartifact:PublishPackageVersion')).toBe('may');
    expect(may(bob, 'codeartifact:DeleteDomain')).toBe(
      'because no identity-based policy allows the codeartifact:DeleteDomain action',
    );
  });

  it('bounds what a user may', () => {
    const alice = who('AKIAALICE0000000000');
    expect(may(alice, 'codeartifact:DeleteDomain')).toBe('may');
    expect(may(alice, 'sts:AssumeRole')).toBe('because no permissions boundary allows the sts:AssumeRole action');
  });

  it('gives a role’s session what the role may, and less with a policy of its own', () => {
    expect(may(session, 'codeartifact:DeleteDomain')).toBe('may');
    const sessionPolicy = '{"Statement":{"Effect":"Allow","Action":"codeartifact:Get*","Resource":"*"}}';
    expect(may({ ...session, sessionPolicy }, 'codeartifact:DeleteDomain')).toBe(
      'because no session policy allows the codeartifact:DeleteDomain action',
    );
  });

  it('lets root do everything', () => {
    expect(may(who('AKIAROOT00000000000'), 'iam:CreateUser', '*')).toBe('may');
  });

  it('knows nobody else, whatever tokens they hold', () => {
    const alice = who('AKIAALICE0000000000');
    expect(may({ ...alice, principal: 'arn:aws:iam::111122223333:user/carol' }, 'codeartifact:DescribeDomain')).toBe(
      'is not there',
    );
    expect(may({ ...session, roleArn: 'arn:aws:iam::111122223333:role/gone' }, 'codeartifact:Get')).toBe(
      'is not there',
    );
  });

  it('says what conditions ask of the caller', () => {
    const context = (caller: Caller) => {
      const standing = directoryOf(manual).standing(caller);
      if (standing === undefined) throw new Error('the caller is not there');
      const keys = ['arn', 'account', 'type', 'orgid', 'tag/team', 'tag/stage'].map((key) => `aws:principal${key}`);
      const values = callerContext(caller, standing);
      return [...keys, 'aws:username', 'aws:userid', 'aws:nothing'].map((key) => values(key)?.join());
    };
    expect(context(who('AKIAALICE0000000000'))).toEqual([
      'arn:aws:iam::111122223333:user/alice',
      '111122223333',
      'User',
      'o-example',
      'core',
      undefined,
      'alice',
      expect.stringMatching(/^AIDA/),
      undefined,
    ]);
    expect(context(session)).toEqual([
      'arn:aws:iam::111122223333:role/publisher',
      '111122223333',
      'AssumedRole',
      'o-example',
      'of the session',
      'live',
      undefined,
      'AROA:ci',
      undefined,
    ]);
    expect(context(who('AKIAROOT00000000000'))).toEqual([
      'arn:aws:iam::111122223333:root',
      '111122223333',
      'Account',
      'o-example',
      undefined,
      undefined,
      undefined,
      '111122223333',
      undefined,
    ]);
  });

  it('says which roles there are', () => {
    const directory = directoryOf(manual);
    expect(directory.findRole('arn:aws:iam::111122223333:role/publisher')?.maxSessionSeconds).toBe(7_200);
    expect(directory.findRole('arn:aws:iam::111122223333:role/other')).toBeUndefined();
  });

  it('may be JSON, and may be empty', () => {
    const json = { accounts: { '111122223333': { root: { accessKeys: [{ id: 'root', secret: 's' }] } } } };
    expect(directoryOf(JSON.stringify(json)).findKey('root')?.secret).toBe('s');
    expect(directoryOf('').findKey('root')).toBeUndefined();
  });
});

describe('a principals file that changes', () => {
  const withKey = (id: string) =>
    `accounts: {"111122223333": {users: {alice: {accessKeys: [{id: ${id}, secret: s}]}}}}`;

  it('counts from a second later on', () => {
    const directory = directoryOf(withKey('first'));
    writeFileSync(file, withKey('second'));
    expect(directory.findKey('second')).toBeUndefined();
    time.now += 1_000;
    expect([directory.findKey('first'), directory.findKey('second')?.secret]).toEqual([undefined, 's']);
    expect(logged).toEqual(['the principals file has changed and was read again']);
  });

  it('stays as it was while it cannot be used, which is logged once', () => {
    const directory = directoryOf(withKey('first'));
    for (const text of ['accounts: [', 'accounts: [']) {
      writeFileSync(file, text);
      for (let times = 0; times < 3; times += 1) {
        time.now += 1_000;
        expect(directory.findKey('first')?.secret).toBe('s');
        // The same version is not tried again.
        expect(logged.length).toBeLessThanOrEqual(2);
      }
    }
    expect(logged[0]).toEqual([
      'the principals file cannot be used; its last good version stays',
      { file, problem: expect.stringContaining(`${file}:1: `) },
    ]);
    rmSync(file);
    time.now += 1_000;
    expect(directory.findKey('first')?.secret).toBe('s');
    writeFileSync(file, withKey('second'));
    time.now += 1_000;
    expect(directory.findKey('second')?.secret).toBe('s');
  });
});

describe('a principals file that cannot be used', () => {
  const account = (text: string) => `accounts:\n  "111122223333":\n    ${text}\n`;
  it.each<[string, string, string]>([
    ['no YAML', 'accounts: [', '1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['a key twice', 'accounts: {}\naccounts: {}', '2: Map keys must be unique'],
    ['a list', '- a', '1: must be a map with: accounts, policies'],
    ['an unknown key', 'acounts: {}', "1: acounts: unknown key 'acounts'; did you mean 'accounts'?"],
    [
      'an unknown key deep inside',
      account('users: { alice: { policy: [] } }'),
      "3: accounts.111122223333.users.alice.policy: unknown key 'policy'; did you mean 'policies'?",
    ],
    [
      'an account id that YAML takes for a number',
      'accounts: {000000000001: {}}',
      '1: accounts.1: an account id is 12 digits in quotes',
    ],
    [
      'a user’s name that IAM would not have',
      account('users: { "al ice": {} }'),
      "3: accounts.111122223333.users.al ice: a user's name has up to 64 letters, digits and +=,.@_-",
    ],
    [
      'a secret that YAML takes for a number',
      account('users: { alice: { accessKeys: [{ id: a, secret: 12345 }] } }'),
      '3: accounts.111122223333.users.alice.accessKeys[0].secret: must be text; put it in quotes',
    ],
    [
      'a key without secret',
      account('users: { alice: { accessKeys: [{ id: a }] } }'),
      "3: accounts.111122223333.users.alice.accessKeys[0]: must have one of 'secret' and 'secretEnv'",
    ],
    [
      'a secret that the environment lacks',
      account('users: { alice: { accessKeys: [{ id: a, secretEnv: NOWHERE }] } }'),
      '3: accounts.111122223333.users.alice.accessKeys[0].secretEnv: the environment variable NOWHERE is not set; put ' +
        'the secret there',
    ],
    [
      'an access key id twice',
      account(
        'users:\n      alice: { accessKeys: [{ id: a, secret: s }] }\n      bob: { accessKeys: [{ id: a, secret: t }] }',
      ),
      "5: accounts.111122223333.users.bob.accessKeys[0]: access key id 'a' is already that of " +
        'arn:aws:iam::111122223333:user/alice; choose another',
    ],
    [
      'an unknown policy',
      account('users: { alice: { policies: [AdminstratorAccess] } }'),
      "3: accounts.111122223333.users.alice.policies[0]: there is no policy 'AdminstratorAccess'; did you mean " +
        "'AdministratorAccess'?",
    ],
    [
      'an unknown group',
      account('users: { alice: { groups: [devs] } }\n    groups: { dev: {} }'),
      "3: accounts.111122223333.users.alice.groups[0]: there is no group 'devs'; did you mean 'dev'?",
    ],
    [
      'a policy that is neither name nor document',
      account('users: { alice: { policies: [7] } }'),
      '3: accounts.111122223333.users.alice.policies[0]: must be the name of a policy or a policy document',
    ],
    [
      'a policy of AWS’s name',
      'policies: { AdministratorAccess: {} }',
      '1: policies.AdministratorAccess: AWS has a policy of this name; choose another',
    ],
    [
      'a role without trust',
      account('roles: { r: {} }'),
      '3: accounts.111122223333.roles.r.trust: must be a trust policy',
    ],
    [
      'a session that would be too long',
      account('roles: { r: { trust: {}, maxSessionSeconds: 50000 } }'),
      '3: accounts.111122223333.roles.r.maxSessionSeconds: must be a whole number from 3600 to 43200',
    ],
  ])('%s', (_what, text, message) => {
    expect(() => directoryOf(text)).toThrow(new Error(`${file}:${message}`));
  });

  it('tells what is wrong with a policy, and where', () => {
    const text = account(
      'users: { alice: { policies: [{ Statement: { Effect: Maybe, Action: "*", Resource: "*" } }] } }',
    );
    expect(() => directoryOf(text)).toThrow(/:3: accounts\.111122223333\.users\.alice\.policies\[0\]: .*Effect/);
    const trust = 'trust: { Statement: { Effect: Allow, Action: "sts:AssumeRole" } }';
    expect(() => directoryOf(account(`roles: { r: { ${trust} } }`))).toThrow(/roles\.r\.trust: .*Principal/);
  });

  it('is not there', () => {
    const missing = join(folder, 'missing.yaml');
    expect(() => principalsDirectory(missing, deps)).toThrow(
      `${missing}: the principals file cannot be read (ENOENT); check path and permissions`,
    );
  });

  it('never shows a secret', () => {
    for (const text of [
      account('users: { alice: { accessKeys: [{ id: a, secret: "hush", secretEnv: B }] } }'),
      account('users: { alice: { accessKeys: [{ id: a, secret: "hush }] } }'),
      account('users: { alice: { accessKeys: [{ id: a, secret: [hush] }] } }'),
      account('users: { alice: { accessKeys: hush } }'),
    ]) {
      expect(() => directoryOf(text)).toThrow(/^(?!.*hush)/s);
    }
  });
});
