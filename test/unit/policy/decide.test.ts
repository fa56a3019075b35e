import { describe, expect, test } from 'vitest';
import { type Bound, decide, type Policies } from '../../../src/core/policy/decide.ts';
import { compilePolicy } from '../../../src/core/policy/policy.ts';
import { alice, ask, bob, identityPolicy, resourcePolicy, session } from './ask.ts';

const action = 'codeartifact:ReadFromRepository';
const allow = identityPolicy({ Action: action });
const deny = identityPolicy({ Effect: 'Deny', Action: action });
const silent = identityPolicy({ Action: 's3:*' });
const toAccount = { Principal: { AWS: ['111122223333', '444455556666'] } };
const toCaller = {
  Principal: { AWS: ['arn:aws:iam::111122223333:user/alice', 'arn:aws:iam::444455556666:user/bob'] },
};
const onResource = {
  silent: [],
  delegated: [resourcePolicy(toAccount)],
  allow: [resourcePolicy(toAccount), resourcePolicy(toCaller)],
  deny: [resourcePolicy({ ...toCaller, Effect: 'Deny' }), resourcePolicy(toCaller)],
};
const identity = { silent: [silent], allow: [silent, allow], deny: [allow, deny] };
const ok = 'allowed';
const noIdentity = `because no identity-based policy allows the ${action} action`;
const noResource = `because no resource-based policy allows the ${action} action`;
const deniedByIdentity = 'with an explicit deny in an identity-based policy';
const deniedByResource = 'with an explicit deny in a resource-based policy';

function answer(policies: Partial<Policies>, principal = alice): string {
  const decision = decide(
    { identity: [], bounds: [], resource: [], isOwnAccount: true, ...policies },
    ask({ principal }),
  );
  return decision.isAllowed ? ok : decision.why;
}

describe('in the own account one allow is enough', () => {
  test.each([
    ['silent', 'silent', noIdentity],
    ['silent', 'delegated', noIdentity],
    ['silent', 'allow', ok],
    ['silent', 'deny', deniedByResource],
    ['allow', 'silent', ok],
    ['allow', 'delegated', ok],
    ['allow', 'allow', ok],
    ['allow', 'deny', deniedByResource],
    ['deny', 'silent', deniedByIdentity],
    ['deny', 'allow', deniedByIdentity],
    ['deny', 'deny', deniedByIdentity],
  ] as const)('identity %s, resource %s: %s', (own, resource, expected) => {
    expect(answer({ identity: identity[own], resource: onResource[resource] })).toBe(expected);
  });
});

describe('from another account both sides have to allow', () => {
  test.each([
    ['silent', 'silent', noIdentity],
    ['silent', 'allow', noIdentity],
    ['silent', 'deny', deniedByResource],
    ['allow', 'silent', noResource],
    ['allow', 'delegated', ok],
    ['allow', 'allow', ok],
    ['allow', 'deny', deniedByResource],
    ['deny', 'allow', deniedByIdentity],
  ] as const)('identity %s, resource %s: %s', (own, resource, expected) => {
    const policies = { identity: identity[own], resource: onResource[resource], isOwnAccount: false };
    expect(answer(policies, bob)).toBe(expected);
  });
});

describe('a bound', () => {
  const boundary = (policy: Bound['policy']): Bound => ({ policy, kind: 'permissions boundary' });
  const sessionPolicy = (policy: Bound['policy']): Bound => ({ policy, kind: 'session policy' });

  test.each([
    [[boundary(allow)], ok],
    [[boundary(allow), sessionPolicy(allow)], ok],
    [[boundary(silent)], `because no permissions boundary allows the ${action} action`],
    [[boundary(allow), sessionPolicy(silent)], `because no session policy allows the ${action} action`],
    [[boundary(deny)], 'with an explicit deny in a permissions boundary'],
    [[boundary(silent), sessionPolicy(deny)], 'with an explicit deny in a session policy'],
  ])('has to allow as well (%#)', (bounds, expected) => {
    expect(answer({ identity: [allow], bounds }, session)).toBe(expected);
    expect(answer({ resource: onResource.allow, bounds })).toBe(expected);
  });

  test('grants nothing', () => {
    expect(answer({ bounds: [boundary(allow)] })).toBe(noIdentity);
  });
});

describe('a role', () => {
  const trust = (Principal: unknown, Effect = 'Allow') =>
    compilePolicy({ Statement: { Effect, Principal, Action: 'codeartifact:*' } }, 'resource', { isTrust: true });
  const noTrust = `because no role trust policy allows the ${action} action`;

  test.each([
    ['allow', [], true, noTrust],
    ['allow', [trust({ AWS: '111122223333' })], true, ok],
    ['silent', [trust({ AWS: '111122223333' })], true, noIdentity],
    ['silent', [trust({ AWS: alice.arn })], true, ok],
    ['silent', [trust({ AWS: alice.arn })], false, noIdentity],
    ['allow', [trust({ AWS: alice.arn })], false, ok],
    ['allow', [trust({ AWS: alice.arn }, 'Deny')], true, 'with an explicit deny in the role trust policy'],
  ] as const)('has to trust the caller in any case (%#)', (own, resource, isOwnAccount, expected) => {
    expect(answer({ identity: identity[own], resource, isOwnAccount, isTrust: true })).toBe(expected);
  });
});
