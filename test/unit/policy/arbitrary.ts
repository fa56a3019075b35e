import fc from 'fast-check';
import { compilePolicy, type Policy, type PolicyKind } from '../../../src/core/policy/policy.ts';
import { alice, ask, bob, repository, rootUser, session } from './ask.ts';

const word = fc.constantFrom(
  'a',
  'acme',
  '*',
  '?',
  'Read*',
  `\${aws:username}`,
  `\${aws:x, 'a'}`,
  `\${*}`,
  '',
  ':',
  '/',
  'ä',
);
const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(''));
const listOf = (item: fc.Arbitrary<string>) => fc.oneof(item, fc.array(item, { maxLength: 3 }));
const key = fc.constantFrom('aws:username', 'aws:SourceIp', 'AWS:TagKeys', 'aws:ResourceTag/team');
const base = fc.constantFrom(
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
);
const operator = fc
  .tuple(fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'), base, fc.constantFrom('', 'IfExists'))
  .map((parts) => parts.join(''));
const condition = fc.oneof(
  fc.dictionary(operator, fc.dictionary(key, listOf(text), { maxKeys: 2 }), { maxKeys: 2 }),
  fc.record({ IpAddress: fc.dictionary(key, fc.constantFrom('203.0.113.0/24', '2001:db8::/32')) }),
  fc.record({ DateLessThan: fc.dictionary(key, fc.constantFrom('2026', '1795665600')) }),
  fc.record({ Null: fc.dictionary(key, fc.boolean()) }),
);
const action = fc.constantFrom('*', 'codeartifact:*', 'codeartifact:Read*', 'CodeArtifact:?eadFromRepository', 'sts:*');
const resource = fc.oneof(
  fc.constantFrom('*', 'arn:aws:codeartifact', repository),
  text.map((tail) => `arn:aws:codeartifact:*:111122223333:${tail}`),
);
const principal = fc.oneof(
  fc.constant('*'),
  fc.record({ AWS: fc.constantFrom<unknown>('*', '111122223333', alice.arn, [bob.arn, session.roleArn]) }),
);

function either(name: string, value: fc.Arbitrary<unknown>) {
  return fc.tuple(fc.constantFrom(name, `Not${name}`), value).map(([element, listed]) => ({ [element]: listed }));
}

/** Statements as they are written; some cannot be compiled. */
export function statements(kind: PolicyKind, effect = fc.constantFrom('Allow', 'Deny')) {
  return fc
    .tuple(
      effect.map((Effect) => ({ Effect })),
      either('Action', listOf(action)),
      either('Resource', listOf(resource)),
      fc.oneof(
        fc.constant({}),
        condition.map((Condition) => ({ Condition })),
      ),
      kind === 'resource' ? either('Principal', principal) : fc.constant({}),
    )
    .map((parts) => Object.assign({}, ...parts) as Record<string, unknown>)
    .filter((statement) => compiled([statement], kind) !== undefined);
}

/** The policy of statements that may have no meaning. */
export function compiled(list: readonly unknown[], kind: PolicyKind): Policy | undefined {
  try {
    return compilePolicy({ Version: '2012-10-17', Statement: list }, kind);
  } catch {
    return undefined;
  }
}

export const requests = fc
  .record({
    principal: fc.constantFrom(alice, bob, rootUser, session),
    action: fc.oneof(fc.constantFrom('codeartifact:ReadFromRepository', 'sts:AssumeRole'), fc.string()),
    resource: fc.oneof(fc.constantFrom('*', repository), fc.string()),
    context: fc.dictionary(
      fc.constantFrom('aws:username', 'aws:sourceip', 'aws:tagkeys', 'aws:resourcetag/team', 'aws:x'),
      fc.array(fc.oneof(text, fc.constantFrom('203.0.113.7', '2026-11-26', '7')), { maxLength: 3 }),
    ),
  })
  .map(ask);

/** JSON of any shape, much of it close to a policy. */
export const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(fc.string(), text, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          'Version',
          'Statement',
          'Effect',
          'Action',
          'Resource',
          'Principal',
          'NotPrincipal',
          'Condition',
        ),
        fc.constantFrom('Sid', 'AWS', 'StringLike', 'Null', 'aws:username', '__proto__', 'constructor'),
        fc.string(),
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;
