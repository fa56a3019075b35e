import { expect, test } from 'vitest';
import { decide } from '../../../src/core/policy/decide.ts';
import { ask, identityPolicy, resourcePolicy } from './ask.ts';

const start = 'arn:aws:codeartifact:us-west-2:111122223333';
const common = [
  { Action: ['codeartifact:Describe*', 'codeartifact:List*'] },
  { Action: 'codeartifact:GetAuthorizationToken', Resource: `${start}:domain/acme` },
  { Effect: 'Deny', Action: 'codeartifact:Delete*' },
  {
    Effect: 'Deny',
    Action: 'codeartifact:*',
    Condition: { NotIpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '2001:db8::/32'] } },
  },
];
const reading = {
  Action: ['codeartifact:Read*', 'codeartifact:GetPackageVersion*'],
  Resource: [
    `${start}:package/acme/*`,
    `arn:aws:codeartifact:*:111122223333:repository/acme/\${aws:PrincipalTag/team}-*`,
  ],
  Condition: { StringEquals: { 'aws:ResourceTag/team': `\${aws:PrincipalTag/team}` } },
};
const named = { Principal: { AWS: ['444455556666', 'arn:aws:iam::111122223333:user/alice'] } };

/** Two identity policies, a domain's and a repository's of five statements, two of them with a condition. */
test('a decision takes less than 20 µs', () => {
  const policies = {
    identity: [
      identityPolicy(...common, reading),
      identityPolicy(...common, { ...reading, Action: 'codeartifact:Put*' }),
    ],
    bounds: [],
    resource: [
      resourcePolicy(...common.map((part) => ({ ...part, ...named })), { ...reading, ...named }),
      resourcePolicy(...common.map((part) => ({ ...part, ...named })), { ...reading, ...named }),
    ],
    isOwnAccount: false,
  };
  const request = ask({
    resource: `${start}:repository/acme/core-main`,
    context: { 'aws:sourceip': '203.0.113.7', 'aws:principaltag/team': 'core', 'aws:resourcetag/team': 'core' },
  });
  const batch = 100;
  const times = Array.from({ length: 300 }, () => {
    const begin = performance.now();
    for (let count = 0; count < batch; count += 1) expectAllowed(decide(policies, request).isAllowed);
    return ((performance.now() - begin) * 1000) / batch;
  });
  const median = times.toSorted((a, b) => a - b)[times.length / 2] ?? Number.POSITIVE_INFINITY;
  console.info(`a decision takes ${median.toFixed(2)} µs`);
  expect(median).toBeLessThan(20);
});

function expectAllowed(isAllowed: boolean): void {
  if (!isAllowed) throw new Error('The typical request is not allowed');
}
