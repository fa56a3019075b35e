import { describe, expect, test } from 'vitest';
import { compilePolicy, evaluate, PolicyError } from '../../../src/core/policy/policy.ts';
import { alice, ask } from './ask.ts';

const statement = { Effect: 'Allow', Action: 'codeartifact:*', Resource: '*' };
const named = { ...statement, Principal: '*' };
const { Resource: _resource, ...trusting } = { ...named, Action: 'sts:AssumeRole' };

describe('a policy document', () => {
  test.each([
    ['one statement', { Version: '2012-10-17', Statement: statement }],
    ['a list of statements', { Version: '2012-10-17', Statement: [statement, statement] }],
    ['the old version', { Version: '2008-10-17', Statement: [statement] }],
    ['no version', { Statement: [statement] }],
    [
      'an Id and Sids',
      {
        Id: 'cd3ad3d9',
        Statement: [
          { Sid: 'Read1', ...statement },
          { Sid: '', ...statement },
        ],
      },
    ],
  ])('may have %s, as an object or as JSON text', (_what, document) => {
    expect(evaluate(compilePolicy(document, 'identity'), ask())).toBe('allow');
    expect(evaluate(compilePolicy(JSON.stringify(document, null, 2), 'identity'), ask())).toBe('allow');
  });

  test.each([
    ['', 'The policy is no JSON; check its quotes, commas and braces'],
    ['{', 'The policy is no JSON; check its quotes, commas and braces'],
    ['[]', 'The policy must be a JSON object with Version and Statement'],
    [null, 'The policy must be a JSON object with Version and Statement'],
    [7, 'The policy must be a JSON object with Version and Statement'],
    [undefined, 'The policy holds a value that JSON does not have; write it as JSON'],
    [new Map(), 'The policy holds a value that JSON does not have; write it as JSON'],
    [{}, 'The policy has no Statement; write at least one'],
    [{ Statement: [] }, 'The policy has no Statement; write at least one'],
    [{ Statement: [7] }, 'Statement 1 is 7; it must be an object with Effect and Action'],
    [{ Statement: [statement, null] }, 'Statement 2 is null; it must be an object with Effect and Action'],
    [
      { Statement: [statement], Statements: [] },
      'The policy has the unknown element "Statements"; known are Version, Id, Statement',
    ],
    [
      { Version: '2012-10-18', Statement: [statement] },
      'The policy\'s Version "2012-10-18" is unknown; write 2012-10-17',
    ],
    [{ Version: null, Statement: [statement] }, "The policy's Version null is unknown; write 2012-10-17"],
    [{ Id: 7, Statement: [statement] }, "The policy's Id 7 must be a text"],
  ])('cannot be %j', (document, message) => {
    expect(() => compilePolicy(document, 'identity')).toThrow(new PolicyError(message));
  });
});

describe('a statement', () => {
  test.each([
    [{ ...statement, Effect: 'allow' }, 'Statement 1: Effect "allow" is neither Allow nor Deny'],
    [{ ...statement, Effect: undefined }, 'The policy holds a value that JSON does not have; write it as JSON'],
    [{ ...statement, Actions: 'x' }, /^Statement 1 has the unknown element "Actions"; known are Sid, Effect, /],
    [{ ...statement, NotAction: 's3:*' }, 'Statement 1 has both Action and NotAction; leave one out'],
    [{ ...statement, NotResource: '*' }, 'Statement 1 has both Resource and NotResource; leave one out'],
    [{ Effect: 'Allow', Resource: '*' }, 'Statement 1 has neither Action nor NotAction; write one of them'],
    [{ Effect: 'Allow', Action: '*' }, 'Statement 1 has neither Resource nor NotResource; write one of them'],
    [
      { ...statement, Sid: 'not this one' },
      'Statement 1: Sid "not this one" has other characters than letters and digits',
    ],
    [{ ...statement, Sid: 7 }, 'Statement 1: Sid 7 must be a text'],
    [{ ...statement, Sid: 'Read', Action: 'read' }, /^Statement 1 \(Sid "Read"\): Action "read" is no action; write /],
    [named, /^Statement 1 has Principal, which an identity policy cannot have/],
    [{ ...statement, NotPrincipal: '*' }, /^Statement 1 has NotPrincipal, which an identity policy cannot have/],
  ])('of an identity policy cannot be %j', (source, message) => {
    const compile = () => compilePolicy({ Version: '2012-10-17', Statement: [source] }, 'identity');
    expect(compile).toThrow(PolicyError);
    expect(compile).toThrow(message);
  });

  test.each([
    [statement, 'Statement 1 has neither Principal nor NotPrincipal; write one of them'],
    [{ ...named, NotPrincipal: '*' }, 'Statement 1 has both Principal and NotPrincipal; leave one out'],
    [{ ...named, Sid: 'a\nb' }, /^Statement 1: Sid "a\\nb" has other/],
    [trusting, 'Statement 1 has neither Resource nor NotResource; write one of them'],
  ])('of a resource policy cannot be %j', (source, message) => {
    expect(() => compilePolicy({ Statement: source }, 'resource')).toThrow(message);
  });

  test.each([
    [{ ...trusting, Resource: '*' }, /^Statement 1 has Resource, which a trust policy cannot have/],
    [{ ...trusting, NotResource: '*' }, /^Statement 1 has NotResource, which a trust policy cannot have/],
    [
      { Effect: 'Deny', Action: '*', NotPrincipal: '*' },
      /^Statement 1 has NotPrincipal, which a trust policy cannot have/,
    ],
    [
      { Effect: 'Allow', Action: 'sts:AssumeRole' },
      'Statement 1 has neither Principal nor NotPrincipal; write one of them',
    ],
  ])('of a trust policy cannot be %j', (source, message) => {
    expect(() => compilePolicy({ Statement: source }, 'resource', { isTrust: true })).toThrow(message);
  });

  test('has a Sid of its own', () => {
    const Statement = [
      { ...statement, Sid: 'Read' },
      { ...statement, Sid: 'Read' },
    ];
    const message = 'Statement 2: Sid "Read" is that of an earlier statement; choose another';
    expect(() => compilePolicy({ Statement }, 'identity')).toThrow(message);
    const onResource = Statement.map((item) => ({ ...item, Principal: '*', Sid: 'may read' }));
    expect(() => compilePolicy({ Statement: onResource }, 'resource')).toThrow('Statement 2: Sid "may read"');
    expect(() => compilePolicy({ Statement: onResource.slice(1) }, 'resource')).not.toThrow();
  });
});

test('a trust policy speaks of its role, whatever its ARN', () => {
  const policy = compilePolicy({ Statement: trusting }, 'resource', { isTrust: true });
  const resource = 'arn:aws:iam::111122223333:role/publisher';
  expect(evaluate(policy, ask({ principal: alice, action: 'sts:AssumeRole', resource }))).toBe('allow');
  expect(evaluate(policy, ask({ principal: alice, action: 'sts:TagSession', resource }))).toBe('silent');
});
