import { describe, expect, it } from 'vitest';
import { accessesOf } from '../../../src/api/access.ts';
import { type Operation, operations } from '../../../src/api/operations.ts';
import { npmRules } from '../../../src/formats/npm/rules.ts';
import { userOf } from '../../support/caller.ts';

const caller = userOf('111122223333', 'someone');
const formats = new Map([['npm', npmRules]]);
const prefix = 'arn:aws:codeartifact:eu-west-1:444455556666:';
const at = { domain: 'acme', domainOwner: '444455556666' };
const widget = { ...at, repository: 'app', format: 'npm', package: 'widget' };

describe('what a caller must be allowed', () => {
  it.each([
    ['ListDomains', {}, ['ListDomains *']],
    ['DescribeDomain', at, [`DescribeDomain ${prefix}domain/acme`]],
    [
      'CreateRepository',
      { ...at, repository: 'app', upstreams: [{ repositoryName: 'base' }], tags: [{ key: 'a', value: '' }] },
      [
        `CreateRepository ${prefix}repository/acme/app`,
        `TagResource ${prefix}repository/acme/app`,
        `AssociateWithDownstreamRepository ${prefix}repository/acme/base`,
      ],
    ],
    ['DescribePackage', widget, [`DescribePackage ${prefix}package/acme/app/npm//widget`]],
    [
      'DescribePackage',
      { ...widget, namespace: 'team' },
      [`DescribePackage ${prefix}package/acme/app/npm/team/widget`],
    ],
    [
      'CopyPackageVersions',
      { ...at, sourceRepository: 'from', destinationRepository: 'to', format: 'npm', package: 'widget' },
      [`CopyPackageVersions ${prefix}package/acme/to/npm//widget`, `ReadFromRepository ${prefix}repository/acme/from`],
    ],
    [
      'DescribePackageGroup',
      { ...at, packageGroup: '/npm/team/*' },
      [`DescribePackageGroup ${prefix}package-group/acme/npm/team/%2a`],
    ],
    ['TagResource', { resourceArn: `${prefix}domain/acme`, tags: [] }, [`TagResource ${prefix}domain/acme`]],
  ])('for %s', (name, input, expected) => {
    const accesses = accessesOf({ formats }, find(name), caller, input);
    expect(accesses.map(({ action, resource }) => `${action.replace('codeartifact:', '')} ${resource}`)).toEqual(
      expected,
    );
    const owner = name === 'ListDomains' ? caller.account : '444455556666';
    expect(accesses.every((access) => access.owner === owner)).toBe(true);
  });

  it('is about the own account when no owner is named', () => {
    const [access] = accessesOf({ formats }, find('DescribeDomain'), caller, { domain: 'acme' });
    expect(access).toMatchObject({ owner: caller.account, resource: expect.stringContaining(':111122223333:') });
  });
});

function find(name: string): Operation {
  const operation = operations.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}
