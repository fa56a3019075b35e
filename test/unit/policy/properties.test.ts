import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/core/policy/decide.ts';
import { compilePolicy, evaluate, PolicyError } from '../../../src/core/policy/policy.ts';
import { compiled, json, requests, statements } from './arbitrary.ts';
import { ask } from './ask.ts';

const verdicts = ['deny', 'allow', 'delegated', 'silent'];

describe('wildcards', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', 'ab', '*', '?', '**', '*?'), { maxLength: 8 })
    .map((all) => all.join(''));
  const value = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab'), { maxLength: 8 }).map((all) => all.join(''));

  test('match what a plain reading of them matches', () => {
    fc.assert(
      fc.property(pattern, value, (wild, text) => {
        const Statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringLike: { 'aws:x': wild } } };
        const policy = compilePolicy({ Version: '2012-10-17', Statement }, 'identity');
        expect(evaluate(policy, ask({ context: { 'aws:x': text } })) === 'allow').toBe(matches(wild, text));
      }),
      { numRuns: 1_000 },
    );
  });

  test('in an ARN match within their field', () => {
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 3, maxLength: 3 }),
        fc.array(value, { minLength: 3, maxLength: 3 }),
        (wild, texts) => {
          const Resource = `arn:aws:codeartifact:${wild.join(':')}`;
          const policy = compilePolicy({ Statement: { Effect: 'Allow', Action: '*', Resource } }, 'identity');
          const resource = `arn:aws:codeartifact:${texts.join(':')}`;
          const expected = wild.every((field, index) => matches(field, texts[index] ?? ''));
          expect(evaluate(policy, ask({ resource })) === 'allow').toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('whatever the policy and the request', () => {
  const kinds = ['identity', 'resource'] as const;

  test.each(kinds)('an %s policy answers', (kind) => {
    fc.assert(
      fc.property(fc.array(statements(kind), { minLength: 1, maxLength: 4 }), requests, (list, request) => {
        const policy = compiled(list, kind);
        expect(verdicts).toContain(policy && evaluate(policy, request));
      }),
    );
  });

  test.each(kinds)('of an %s policy, only keys it names are asked for', (kind) => {
    fc.assert(
      fc.property(fc.array(statements(kind), { minLength: 1, maxLength: 4 }), requests, (list, request) => {
        const policy = compiled(list, kind);
        if (policy === undefined) return;
        const context = (key: string) => {
          expect(policy.contextKeys).toContain(key);
          return request.context(key);
        };
        expect(evaluate(policy, { ...request, context })).toBe(evaluate(policy, request));
      }),
    );
  });

  test.each(kinds)('the order of statements of an %s policy means nothing', (kind) => {
    fc.assert(
      fc.property(fc.array(statements(kind), { minLength: 1, maxLength: 4 }), requests, (list, request) => {
        const [policy, reversed] = [compiled(list, kind), compiled(list.toReversed(), kind)];
        expect(reversed && evaluate(reversed, request)).toBe(policy && evaluate(policy, request));
      }),
    );
  });

  test.each(kinds)('a deny of an %s policy wins', (kind) => {
    fc.assert(
      fc.property(
        fc.array(statements(kind, fc.constant('Allow')), { maxLength: 3 }),
        statements(kind, fc.constant('Deny')),
        requests,
        (allowing, denying, request) => {
          const alone = compiled([denying], kind);
          const together = compiled([...allowing, denying], kind);
          if (alone === undefined || together === undefined || evaluate(alone, request) !== 'deny') return;
          expect(evaluate(together, request)).toBe('deny');
          const policies = { identity: [together], bounds: [], resource: [], isOwnAccount: true };
          expect(decide(policies, request).isAllowed).toBe(false);
        },
      ),
    );
  });

  test.each(kinds)('a statement about something else changes nothing in an %s policy', (kind) => {
    fc.assert(
      fc.property(
        fc.array(statements(kind), { minLength: 1, maxLength: 3 }),
        statements(kind),
        requests,
        (list, other, request) => {
          const { NotAction: _action, ...rest } = other;
          const unrelated = { ...rest, Action: ['s3:*', 'codeartifact:NoSuchAction'] };
          const [policy, more] = [compiled(list, kind), compiled([unrelated, ...list, unrelated], kind)];
          expect(more && evaluate(more, request)).toBe(policy && evaluate(policy, request));
        },
      ),
    );
  });
});

test('any JSON is a policy or refused in one line', () => {
  const near = fc.record({ Version: fc.constant('2012-10-17'), Statement: json });
  const nearer = fc.record({
    Statement: fc.record({ Effect: fc.constant('Allow'), Action: json, Resource: json, Condition: json }),
  });
  fc.assert(
    fc.property(fc.oneof(json, near, nearer, fc.string(), fc.json()), fc.boolean(), (document, isTrust) => {
      for (const source of [document, JSON.stringify(document)])
        try {
          compilePolicy(source, isTrust ? 'resource' : 'identity', { isTrust });
        } catch (error) {
          expect(error).toBeInstanceOf(PolicyError);
          expect(String(error)).toMatch(/^PolicyError: .{10,600}$/u);
        }
    }),
    { numRuns: 1_000 },
  );
});

/** The plain reading: a `*` is nothing, or a character and the same `*` again. */
function matches(wild: string, text: string): boolean {
  if (wild === '') return text === '';
  if (wild.startsWith('*')) return matches(wild.slice(1), text) || (text !== '' && matches(wild, text.slice(1)));
  return text !== '' && (wild.startsWith('?') || wild[0] === text[0]) && matches(wild.slice(1), text.slice(1));
}
