import { describe, expect, test } from 'vitest';
import { compilePolicy, evaluate, PolicyError } from '../../../src/core/policy/policy.ts';
import { ask, identityPolicy } from './ask.ts';

const statement = { Effect: 'Allow', Action: '*', Resource: '*' };

describe('a policy made to do harm is refused', () => {
  test.each([
    ['nested 10,000 times', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['nested in its condition', { Statement: { ...statement, Condition: { StringLike: { 'aws:x': [[['a']]] } } } }],
    ['of 100,000 stars', { Statement: { ...statement, Resource: `arn:aws:codeartifact:::${'*'.repeat(100_000)}` } }],
    ['of 100,000 stars as text', JSON.stringify({ Statement: { ...statement, Action: '*'.repeat(100_000) } })],
    ['of a million numbers', { Statement: new Array(1_000_000).fill(7) }],
    ['with one long name', { ['x'.repeat(30_000)]: 1 }],
    ['with __proto__', '{"__proto__": {"Statement": []}, "Statement": []}'],
    [
      'with __proto__ in a statement',
      '{"Statement": {"__proto__": {"Effect": "Allow"}, "Action": "*", "Resource": "*"}}',
    ],
    ['with a toJSON', { Statement: statement, toJSON: () => ({}) }],
  ])('%s', (_what, document) => {
    expect(() => compilePolicy(document, 'identity')).toThrow(PolicyError);
  });

  test('that holds itself, or the same over and over', () => {
    const circle: Record<string, unknown> = { ...statement };
    circle['Condition'] = circle;
    expect(() => compilePolicy({ Statement: circle }, 'identity')).toThrow('nested too deeply');
    let laughs: unknown = 'lol';
    for (let level = 0; level < 6; level += 1) laughs = new Array(100).fill(laughs);
    expect(() => compilePolicy(laughs, 'identity')).toThrow('longer than 20480 characters');
  });

  test('and the message stays short', () => {
    const long = 'x'.repeat(10_000);
    for (const part of [
      { Sid: `${long}!` },
      { [long]: 1 },
      { Action: long },
      { Condition: { [long]: { [long]: long } } },
    ])
      expect(() => compilePolicy({ Statement: { ...statement, ...part } }, 'identity')).toThrow(/^.{10,400}$/);
  });
});

describe('takes no long time over', () => {
  test.each([
    ['many stars', '*a'.repeat(5_000), 'a'.repeat(20_000)],
    ['many stars that do not match', `${'*a'.repeat(5_000)}b`, 'a'.repeat(20_000)],
    ['many question marks', `*${'?a'.repeat(100)}b*`, 'a'.repeat(20_000)],
    ['stars in a row', `${'*'.repeat(10_000)}b`, 'a'.repeat(20_000)],
    ['unclosed variables in old policies', `\${`.repeat(4_000), `\${`.repeat(10_000)],
  ])('%s', (_what, pattern, value) => {
    const policy = compilePolicy(
      { Statement: { ...statement, Condition: { StringLike: { 'aws:x': pattern } } } },
      'identity',
    );
    const start = performance.now();
    evaluate(policy, ask({ context: { 'aws:x': value } }));
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('many variables with long values', () => {
    const policy = identityPolicy({ Condition: { StringLike: { 'aws:x': `*\${aws:y}`.repeat(1_000) } } });
    const start = performance.now();
    evaluate(policy, ask({ context: { 'aws:x': 'a'.repeat(20_000), 'aws:y': `${'a'.repeat(256)}b` } }));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

test('names of JavaScript mean nothing in a request', () => {
  const policy = identityPolicy({ Action: 'codeartifact:*' });
  for (const action of ['constructor', '__proto__', 'toString'])
    expect(evaluate(policy, ask({ action, resource: action }))).toBe('silent');
});
