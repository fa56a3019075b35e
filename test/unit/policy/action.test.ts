import { describe, expect, test } from 'vitest';
import { PolicyError } from '../../../src/core/policy/policy.ts';
import { identitySays } from './ask.ts';

describe('Action', () => {
  test.each([
    ['*', 'codeartifact:ReadFromRepository'],
    ['*:*', 'codeartifact:ReadFromRepository'],
    ['codeartifact:*', 'codeartifact:ReadFromRepository'],
    ['codeartifact:ReadFromRepository', 'codeartifact:ReadFromRepository'],
    ['CODEARTIFACT:readfromrepository', 'codeartifact:ReadFromRepository'],
    ['codeartifact:Get*', 'codeartifact:GetAuthorizationToken'],
    ['codeartifact:*Repository*', 'codeartifact:DeleteRepositoryPermissionsPolicy'],
    ['codeartifact:List?ackages', 'codeartifact:ListPackages'],
    ['sts:GetServiceBearerToken', 'sts:GetServiceBearerToken'],
  ])('%s includes %s', (listed, action) => {
    expect(identitySays({ Action: listed }, { action })).toBe('allow');
    expect(identitySays({ NotAction: listed }, { action })).toBe('silent');
  });

  test.each([
    ['codeartifact:Get*', 'codeartifact:ListDomains'],
    ['codeartifact:Read', 'codeartifact:ReadFromRepository'],
    ['s3:*', 'codeartifact:ReadFromRepository'],
    ['codeartifact:List?Packages', 'codeartifact:ListPackages'],
    ['sts:*', 'codeartifact:GetAuthorizationToken'],
  ])('%s does not include %s', (listed, action) => {
    expect(identitySays({ Action: listed }, { action })).toBe('silent');
    expect(identitySays({ NotAction: listed }, { action })).toBe('allow');
  });

  test('is one or a list of which one is enough', () => {
    const Action = ['sts:*', 'codeartifact:Describe*', 'codeartifact:ReadFromRepository'];
    expect(identitySays({ Action })).toBe('allow');
    expect(identitySays({ Action }, { action: 'codeartifact:DescribeDomain' })).toBe('allow');
    expect(identitySays({ Action }, { action: 'codeartifact:DeleteDomain' })).toBe('silent');
    expect(identitySays({ Action: [] })).toBe('silent');
  });

  test.each([
    'ReadFromRepository',
    ':Read',
    'codeartifact:',
    'code*:Read',
    'codeartifact:Read:x',
    '',
    'a b:c',
    7,
    null,
    {},
  ])('is not %j', (listed) => {
    expect(() => identitySays({ Action: listed })).toThrow(PolicyError);
    expect(() => identitySays({ NotAction: [listed] })).toThrow(/^Statement 1: NotAction/);
  });
});
