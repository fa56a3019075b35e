import { createHash } from 'node:crypto';
import type { Operation } from '../../src/api/operations.ts';

const content = 'an asset';

/** A value for each required input member of any operation, by name: what a careful caller would give. */
const samples: Readonly<Record<string, unknown>> = {
  domain: 'acme',
  repository: 'app',
  sourceRepository: 'app',
  destinationRepository: 'other',
  format: 'npm',
  package: 'widget',
  packageVersion: '1.0.0',
  asset: 'package.tgz',
  assetName: 'package.tgz',
  assetContent: content,
  assetSHA256: createHash('sha256').update(content).digest('hex'),
  externalConnection: 'public:npmjs',
  packageGroup: '/npm/*',
  originRestrictionType: 'PUBLISH',
  policyDocument: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'codeartifact:DescribeDomain', Resource: '*' }],
  }),
  restrictions: { publish: 'ALLOW', upstream: 'ALLOW' },
  tags: [],
  tagKeys: [],
  targetStatus: 'Published',
  versions: ['1.0.0'],
};

/** An input with all that an operation needs, about a domain of this account. */
export function sampleInput({ input, resource }: Operation, domainOwner: string): Record<string, unknown> {
  const members = input.filter(({ required, name }) => required || name === 'domainOwner');
  const arn = `arn:aws:codeartifact:eu-west-1:${domainOwner}:domain/acme`;
  const given = { ...samples, domainOwner, ...(resource === 'arn' && { resourceArn: arn }) };
  return Object.fromEntries(members.map(({ name }) => [name, Reflect.get(given, name)]));
}
