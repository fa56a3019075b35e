import { describe, expect, test } from 'vitest';
import { PolicyError } from '../../../src/core/policy/policy.ts';
import { identitySays } from './ask.ts';

const start = 'arn:aws:codeartifact:us-west-2:111122223333';

describe('Resource', () => {
  test.each([
    ['*', `${start}:domain/acme`],
    ['*', '*'],
    [`${start}:domain/acme`, `${start}:domain/acme`],
    [`${start}:*`, `${start}:repository/acme/main`],
    [`${start}:repository/acme/*`, `${start}:repository/acme/main`],
    [`${start}:repository/*/main`, `${start}:repository/acme/main`],
    [`${start}:repository/acme/m??n`, `${start}:repository/acme/main`],
    [`${start}:package/acme/main/*`, `${start}:package/acme/main/npm//react`],
    [`${start}:package/acme/main/npm/*`, `${start}:package/acme/main/npm/babel/core`],
    [`${start}:package/acme/main/npm//*`, `${start}:package/acme/main/npm//react`],
    [`${start}:package/acme/*/react`, `${start}:package/acme/main/npm//react`],
    [`${start}:package/acme/main/generic/*`, `${start}:package/acme/main/generic/a:b/c`],
    ['arn:aws:codeartifact:*:111122223333:domain/acme', `${start}:domain/acme`],
    ['arn:aws:codeartifact:us-*:*:domain/acme', `${start}:domain/acme`],
    ['arn:*:codeartifact:us-west-?:1111*:domain/a*e', `${start}:domain/acme`],
    ['arn:aws:codeartifact:*:*:*', `${start}:domain/acme`],
  ])('%s includes %s', (listed, resource) => {
    expect(identitySays({ Resource: listed }, { resource })).toBe('allow');
    expect(identitySays({ NotResource: listed }, { resource })).toBe('silent');
  });

  test.each([
    [`${start}:domain/acme`, `${start}:domain/ACME`],
    [`${start}:domain/acme`, `${start}:domain/acme2`],
    [`${start}:domain/acme`, '*'],
    [`${start}:*`, '*'],
    ['arn:aws:codeartifact:*:*:*', '*'],
    [`${start}:package/acme/main/npm//*`, `${start}:package/acme/main/npm/babel/core`],
    [`${start}:repository/acme/*`, `${start}:repository/acme`],
    ['arn:aws:codeartifact:us-east-1:111122223333:domain/acme', `${start}:domain/acme`],
    ['arn:aws:codeartifact:us-west-2:*:domain/acme', `${start}:repository/domain/acme`],
    [
      'arn:aws:codeartifact:*:111122223333:domain/d',
      'arn:aws:codeartifact:us-west-2:9:package/a/r/generic/x:111122223333:domain/d',
    ],
    ['arn:aws:codeartifact:*:*:domain/acme', 'arn:aws:codeartifact'],
    ['arn:aws:codeartifact:*:*:*', 'nonsense'],
  ])('%s does not include %s', (listed, resource) => {
    expect(identitySays({ Resource: listed }, { resource })).toBe('silent');
    expect(identitySays({ NotResource: listed }, { resource })).toBe('allow');
  });

  test.each([
    'arn:*',
    'arn:aws:*',
    'arn:aws:codeartifact',
    'arn:aws:codeartifact:*',
    'arn:aws:codeartifact:us-*',
    `${start}`,
  ])('%s lacks fields of an ARN, and any value will do for them', (listed) => {
    expect(identitySays({ Resource: listed }, { resource: `${start}:domain/acme` })).toBe('allow');
    expect(identitySays({ Resource: listed }, { resource: 'arn:aws-cn:s3:::bucket' })).toBe(
      listed === 'arn:*' ? 'allow' : 'silent',
    );
    expect(identitySays({ Resource: listed }, { resource: '*' })).toBe('silent');
  });

  test('is one or a list of which one is enough', () => {
    const Resource = [`${start}:domain/acme`, `${start}:repository/acme/*`];
    expect(identitySays({ Resource })).toBe('allow');
    expect(identitySays({ Resource }, { resource: `${start}:domain/acme` })).toBe('allow');
    expect(identitySays({ Resource }, { resource: `${start}:domain/other` })).toBe('silent');
    expect(identitySays({ Resource: [] })).toBe('silent');
  });

  test.each([
    ['acme', 'must be an ARN'],
    ['', 'must be an ARN'],
    ['*:domain/acme', 'must be an ARN'],
    ['arn:aws:*:us-west-2:111122223333:domain/acme', 'wildcard for the service'],
    [`arn:aws:codeartifact:us-west-2:\${aws:PrincipalAccount}:domain/acme`, 'before the fifth colon'],
    [7, 'must be a text'],
    [null, 'must be a text'],
  ])('is not %j: %s', (listed, problem) => {
    expect(() => identitySays({ Resource: listed })).toThrow(PolicyError);
    expect(() => identitySays({ Resource: listed })).toThrow(problem);
  });
});
