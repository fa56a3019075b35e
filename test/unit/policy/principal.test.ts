import { describe, expect, test } from 'vitest';
import { PolicyError } from '../../../src/core/policy/policy.ts';
import { alice, bob, resourceSays, rootUser, session } from './ask.ts';

const callers = { alice, bob, rootUser, session };

describe('Principal', () => {
  test.each([
    ['*', 'alice', 'allow'],
    [{ AWS: '*' }, 'bob', 'allow'],
    [{ AWS: 'arn:aws:iam::111122223333:user/alice' }, 'alice', 'allow'],
    [{ AWS: ['arn:aws:iam::444455556666:user/bob', 'arn:aws:iam::111122223333:user/alice'] }, 'bob', 'allow'],
    [{ AWS: 'arn:aws:iam::111122223333:user/alice' }, 'bob', 'silent'],
    [{ AWS: 'arn:aws:iam::111122223333:user/Alice' }, 'alice', 'silent'],
    [{ AWS: 'arn:aws:iam::111122223333:user/alice' }, 'session', 'silent'],
    [{ AWS: 'arn:aws:iam::111122223333:role/ci/publisher' }, 'session', 'allow'],
    [{ AWS: 'arn:aws:iam::111122223333:role/publisher' }, 'session', 'silent'],
    [{ AWS: 'arn:aws:sts::111122223333:assumed-role/publisher/build-17' }, 'session', 'allow'],
    [{ AWS: 'arn:aws:sts::111122223333:assumed-role/publisher/build-18' }, 'session', 'silent'],
    [{ AWS: 'arn:aws:iam::111122223333:root' }, 'alice', 'delegated'],
    [{ AWS: '111122223333' }, 'alice', 'delegated'],
    [{ AWS: '111122223333' }, 'session', 'delegated'],
    [{ AWS: '111122223333' }, 'rootUser', 'allow'],
    [{ AWS: ['111122223333', 'arn:aws:iam::111122223333:user/alice'] }, 'alice', 'allow'],
    [{ AWS: '111122223333' }, 'bob', 'silent'],
    [{ AWS: 'arn:aws:sts::111122223333:federated-user/eve' }, 'alice', 'silent'],
    [{ Service: 'codebuild.amazonaws.com' }, 'alice', 'silent'],
    [{ Federated: 'accounts.example', CanonicalUser: ['0123'] }, 'alice', 'silent'],
    [{ Service: 'codebuild.amazonaws.com', AWS: '111122223333' }, 'alice', 'delegated'],
    [{ AWS: [] }, 'alice', 'silent'],
    [{}, 'alice', 'silent'],
  ] as const)('%j takes %s for: %s', (Principal, caller, verdict) => {
    expect(resourceSays({ Principal }, { principal: callers[caller] })).toBe(verdict);
  });

  test('that is an account reaches all its callers with a deny', () => {
    const statement = { Effect: 'Deny', Principal: { AWS: '111122223333' } };
    expect(resourceSays(statement, { principal: alice })).toBe('deny');
    expect(resourceSays(statement, { principal: session })).toBe('deny');
    expect(resourceSays(statement, { principal: bob })).toBe('silent');
  });

  test.each([
    'alice',
    '',
    ['*'],
    null,
    7,
    { aws: '*' },
    JSON.parse('{"__proto__": "*"}'),
    { AWS: 7 },
    { AWS: { a: '*' } },
    { AWS: 'alice' },
    { AWS: '11112222333' },
    { AWS: 'arn:aws:iam::111122223333:user/*' },
    { AWS: 'arn:aws:iam::111122223333:role/pub?isher' },
    { AWS: 'arn:aws:iam::*:root' },
    { AWS: 'arn:aws:iam::111122223333:group/developers' },
    { AWS: 'arn:aws:sts::111122223333:assumed-role/publisher' },
    { AWS: 'arn:aws:sts::111122223333:assumed-role/publisher/*' },
    { AWS: 'arn:aws:s3:::bucket' },
    { Service: 7 },
  ])('is not %j', (Principal) => {
    expect(() => resourceSays({ Principal })).toThrow(PolicyError);
    expect(() => resourceSays({ Principal })).toThrow(/^Statement 1: Principal/);
  });
});

describe('NotPrincipal', () => {
  const aliceArn = 'arn:aws:iam::111122223333:user/alice';
  const root = 'arn:aws:iam::111122223333:root';

  test.each([
    [{ AWS: aliceArn }, 'alice', 'silent'],
    [{ AWS: aliceArn }, 'bob', 'deny'],
    [{ AWS: aliceArn }, 'session', 'deny'],
    [{ AWS: 'arn:aws:iam::111122223333:role/ci/publisher' }, 'session', 'silent'],
    [{ AWS: root }, 'alice', 'silent'],
    [{ AWS: '111122223333' }, 'session', 'silent'],
    [{ AWS: root }, 'bob', 'deny'],
    // AWS's own example lists the account beside the user, and means that user only.
    [{ AWS: [aliceArn, root] }, 'alice', 'silent'],
    [{ AWS: [aliceArn, root] }, 'rootUser', 'silent'],
    [{ AWS: [aliceArn, root] }, 'session', 'deny'],
    [{ AWS: [aliceArn, '444455556666'] }, 'bob', 'silent'],
    ['*', 'alice', 'silent'],
    [{ Service: 'codebuild.amazonaws.com' }, 'alice', 'deny'],
  ] as const)('%j takes %s for: %s', (NotPrincipal, caller, verdict) => {
    expect(resourceSays({ Effect: 'Deny', NotPrincipal }, { principal: callers[caller] })).toBe(verdict);
  });

  test('with Allow would be everyone else, and is refused', () => {
    expect(() => resourceSays({ NotPrincipal: { AWS: aliceArn } }, { principal: bob })).toThrow(
      'NotPrincipal with Effect Allow',
    );
  });
});
