import { describe, expect, test } from 'vitest';
import { compilePolicy, evaluate, PolicyError } from '../../../src/core/policy/policy.ts';
import { ask, identityPolicy, identitySays } from './ask.ts';

const repositories = 'arn:aws:codeartifact:us-west-2:111122223333:repository/acme';
const own = { Resource: `${repositories}/\${aws:username}-*` };

describe('a policy variable in Resource', () => {
  test.each([
    ['alice', 'alice-main', 'allow'],
    ['alice', 'bob-main', 'silent'],
    ['al*', 'alice-main', 'silent'],
    ['al*', 'al*-main', 'allow'],
    ['?', 'a-main', 'silent'],
    [`\${aws:userid}`, `\${aws:userid}-main`, 'allow'],
    ['', '-main', 'allow'],
    [[], 'alice-main', 'silent'],
    [['alice', 'bob'], 'alice-main', 'silent'],
  ])('whose value is %j, for %s: %s', (value, name, verdict) => {
    const context = { 'aws:username': value };
    expect(identitySays(own, { resource: `${repositories}/${name}`, context })).toBe(verdict);
  });

  test('without a value matches nothing', () => {
    expect(identitySays(own, { resource: `${repositories}/alice-main` })).toBe('silent');
    expect(identitySays({ ...own, Effect: 'Deny' }, { resource: `${repositories}/alice-main` })).toBe('silent');
  });

  test('without a value never makes NotResource give more', () => {
    const others = { NotResource: own.Resource };
    expect(identitySays(others)).toBe('silent');
    expect(identitySays({ ...others, Effect: 'Deny' })).toBe('deny');
    expect(identitySays(others, { context: { 'aws:username': 'alice' } })).toBe('allow');
  });

  test.each([
    [`${repositories}/\${aws:PrincipalTag/team, 'shared'}`, 'shared'],
    [`${repositories}/\${aws:PrincipalTag/team,'shared'}`, 'shared'],
    [`${repositories}/\${aws:PrincipalTag/team, ''}x`, 'x'],
    [`${repositories}/\${*}`, '*'],
    [`${repositories}/\${?}`, '?'],
    [`${repositories}/\${$}`, '$'],
    [`${repositories}/$x`, '$x'],
  ])('%s is %s without a value', (Resource, name) => {
    expect(identitySays({ Resource }, { resource: `${repositories}/${name}` })).toBe('allow');
    expect(identitySays({ Resource }, { resource: `${repositories}/y` })).toBe('silent');
  });

  test('keeps its value before the default', () => {
    const Resource = `${repositories}/\${aws:PrincipalTag/Team, 'shared'}`;
    const context = { 'aws:principaltag/team': 'core' };
    expect(identitySays({ Resource }, { resource: `${repositories}/core`, context })).toBe('allow');
    expect(identitySays({ Resource }, { resource: `${repositories}/shared`, context })).toBe('silent');
  });
});

describe('a policy variable in Condition', () => {
  const tags = { 'aws:principaltag/team': 'core', 'aws:resourcetag/team': 'core' };

  test.each([
    ['StringEquals', `\${aws:PrincipalTag/team}`, tags, true],
    ['StringEquals', `\${aws:PrincipalTag/team}`, { ...tags, 'aws:resourcetag/team': 'web' }, false],
    ['StringEquals', ['web', `\${aws:PrincipalTag/team}`], tags, true],
    ['StringEqualsIgnoreCase', `\${aws:PrincipalTag/team}`, { ...tags, 'aws:resourcetag/team': 'CORE' }, true],
    ['StringLike', `\${aws:PrincipalTag/team}-*`, { ...tags, 'aws:resourcetag/team': 'core-web' }, true],
    ['StringLike', `\${aws:PrincipalTag/team}`, { ...tags, 'aws:principaltag/team': '*' }, false],
    ['StringNotEquals', `\${aws:PrincipalTag/team}`, tags, false],
    ['StringEquals', `\${aws:PrincipalTag/team}`, { 'aws:resourcetag/team': 'core' }, false],
    ['StringNotEquals', `\${aws:PrincipalTag/team}`, { 'aws:resourcetag/team': 'core' }, true],
    ['StringEquals', `\${aws:PrincipalTag/team, 'core'}`, { 'aws:resourcetag/team': 'core' }, true],
    ['StringEquals', `\${*}`, { 'aws:resourcetag/team': '*' }, true],
    ['StringLike', `\${*}`, { 'aws:resourcetag/team': 'core' }, false],
    [
      'ArnLike',
      `arn:aws:iam::\${aws:PrincipalAccount}:role/*`,
      { 'aws:principalaccount': '111122223333', 'aws:resourcetag/team': 'arn:aws:iam::111122223333:role/x' },
      true,
    ],
    [
      'ArnLike',
      `arn:aws:iam::\${aws:PrincipalAccount}:role/*`,
      { 'aws:resourcetag/team': 'arn:aws:iam::1:role/x' },
      false,
    ],
  ])('%s %j for %j: %s', (operator, value, context, expected) => {
    const Condition = { [operator]: { 'aws:ResourceTag/team': value } };
    expect(identitySays({ Condition }, { context })).toBe(expected ? 'allow' : 'silent');
  });

  test.each([
    ['NumericEquals', `\${aws:EpochTime}`],
    ['DateLessThan', `\${aws:CurrentTime}`],
    ['Bool', `\${aws:SecureTransport}`],
    ['IpAddress', `\${aws:SourceIp}`],
    ['Null', `\${aws:username}`],
  ])('cannot stand in %s', (operator, value) => {
    expect(() => identitySays({ Condition: { [operator]: { 'aws:x': value } } })).toThrow(PolicyError);
  });
});

test.each([
  `\${aws:username`,
  `\${}`,
  `\${username}`,
  `\${aws:username, anonymous}`,
  `\${aws:username, '}`,
  `\${aws:username,}`,
])('%s is no variable', (text) => {
  expect(() => identitySays({ Resource: `${repositories}/${text}` })).toThrow(PolicyError);
  expect(() => identitySays({ Condition: { StringEquals: { 'aws:x': text } } })).toThrow(/^Statement 1: "\$\{/);
});

test('variables are plain text before Version 2012-10-17', () => {
  const Statement = { Effect: 'Allow', Action: '*', Resource: `${repositories}/\${aws:username}` };
  for (const document of [{ Statement }, { Version: '2008-10-17', Statement }]) {
    const policy = compilePolicy(document, 'identity');
    const context = { 'aws:username': 'alice' };
    expect(evaluate(policy, ask({ resource: `${repositories}/alice`, context }))).toBe('silent');
    expect(evaluate(policy, ask({ resource: `${repositories}/\${aws:username}`, context }))).toBe('allow');
    expect([...policy.contextKeys]).toEqual([]);
  }
});

test('a policy tells the context keys of its conditions and variables, in lower case', () => {
  const policy = identityPolicy(
    { Resource: `${repositories}/\${aws:PrincipalTag/Team, 'x'}` },
    {
      Condition: {
        'ForAnyValue:StringLike': { 'aws:TagKeys': `\${aws:username}` },
        Null: { 'aws:RequestTag/Cost': 'false' },
        IpAddress: { 'aws:SourceIp': '203.0.113.7' },
      },
    },
  );
  expect([...policy.contextKeys].sort()).toEqual([
    'aws:principaltag/team',
    'aws:requesttag/cost',
    'aws:sourceip',
    'aws:tagkeys',
    'aws:username',
  ]);
});
