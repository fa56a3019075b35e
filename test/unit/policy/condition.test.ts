import { describe, expect, test } from 'vitest';
import { PolicyError } from '../../../src/core/policy/policy.ts';
import { identitySays } from './ask.ts';

/** Whether `{operator: {key: values}}` holds for a request whose key has these values. */
function holds(operator: string, values: unknown, found?: string | readonly string[]): boolean {
  const statement = { Condition: { [operator]: { 'aws:Key': values } } };
  return identitySays(statement, { context: found === undefined ? {} : { 'aws:key': found } }) === 'allow';
}

describe('texts', () => {
  test.each([
    ['StringEquals', 'core', 'core', true],
    ['StringEquals', 'core', 'Core', false],
    ['StringEquals', ['core', 'web'], 'web', true],
    ['StringEquals', 'co*', 'core', false],
    ['StringEquals', 'co*', 'co*', true],
    ['StringEquals', 7, '7', true],
    ['StringEquals', true, 'true', true],
    ['StringEquals', [], 'core', false],
    ['StringEqualsIgnoreCase', 'core', 'CORE', true],
    ['StringEqualsIgnoreCase', 'CORE', 'web', false],
    ['StringLike', 'co*', 'core', true],
    ['StringLike', 'c?re', 'core', true],
    ['StringLike', 'c?re', 'centre', false],
    ['StringLike', 'CO*', 'core', false],
    ['StringLike', '*', '', true],
    ['StringLike', ['web', '*re'], 'core', true],
  ])('%s %j of %j: %s', (operator, values, found, expected) => {
    expect(holds(operator, values, found)).toBe(expected);
    expect(holds(operator.replace('String', 'StringNot'), values, found)).toBe(!expected);
  });
});

describe('numbers', () => {
  test.each([
    ['NumericEquals', 10, '10.0', true],
    ['NumericEquals', '10', '11', false],
    ['NumericEquals', ['10', '11'], '11', true],
    ['NumericEquals', '10', 'ten', false],
    ['NumericNotEquals', '10', '11', true],
    ['NumericNotEquals', ['10', '11'], '11', false],
    ['NumericLessThan', '10', '9.5', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '-1', '0', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '1e3', '1000', true],
    ['NumericLessThan', '10', '', false],
  ])('%s %j of %j: %s', (operator, values, found, expected) => {
    expect(holds(operator, values, found)).toBe(expected);
  });
});

describe('dates', () => {
  test.each([
    ['DateEquals', '2026-11-26T04:00:00Z', '1795665600', true],
    ['DateEquals', '2026-11-26T05:00+01:00', '2026-11-26T04:00:00.000Z', true],
    ['DateEquals', '2026', '2026-01-01T00:00Z', true],
    ['DateEquals', 2026, '2026-01', true],
    ['DateNotEquals', '2026-11-26', '2026-11-27', true],
    ['DateLessThan', '2026-11-26', '2026-11-25T23:59:59.9Z', true],
    ['DateLessThan', '2026-11-26', '2026-11-26', false],
    ['DateLessThanEquals', '2026-11-26', '2026-11-26', true],
    ['DateGreaterThan', 1795665600, '2026-11-26T04:00:01Z', true],
    ['DateGreaterThanEquals', '2026-11-26T04:00:00Z', '1795665600', true],
    ['DateGreaterThan', '2026-11-26', 'tomorrow', false],
  ])('%s %j of %j: %s', (operator, values, found, expected) => {
    expect(holds(operator, values, found)).toBe(expected);
  });
});

describe('booleans, bytes and absence', () => {
  test.each([
    ['Bool', 'true', 'true', true],
    ['Bool', true, 'TRUE', true],
    ['Bool', 'False', 'false', true],
    ['Bool', 'true', 'false', false],
    ['Bool', 'false', 'no', false],
    ['Bool', 'false', undefined, false],
    ['BoolIfExists', 'false', undefined, true],
    ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', true],
    ['BinaryEquals', 'QQ==', 'QQ', true],
    ['BinaryEquals', 'QmluYXJ5', 'qmluYXJ5', false],
    ['Null', 'true', undefined, true],
    ['Null', true, [], true],
    ['Null', 'true', 'core', false],
    ['Null', 'false', 'core', true],
    ['Null', false, undefined, false],
  ])('%s %j of %j: %s', (operator, values, found, expected) => {
    expect(holds(operator, values, found)).toBe(expected);
  });
});

describe('addresses', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.77', true],
    ['203.0.113.0/24', '203.0.114.1', false],
    ['203.0.113.77/24', '203.0.113.1', true],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.6/31', '203.0.113.7', true],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['10.0.0.0/9', '10.127.255.255', true],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['128.0.0.0/1', '255.0.0.1', true],
    [['192.0.2.0/24', '203.0.113.0/24'], '203.0.113.77', true],
    ['2001:db8::/32', '2001:db8:1234::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8:1234:5678::/64', '2001:db8:1234:5678:9::', true],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201', true],
    ['203.0.113.0/24', '::ffff:203.0.113.77', true],
    ['::ffff:203.0.113.0/120', '203.0.113.77', true],
    ['::/0', '203.0.113.7', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', 'localhost', false],
    ['::/0', 'fe80::1%eth0', false],
  ])('%j of %s: %s', (values, found, expected) => {
    expect(holds('IpAddress', values, found)).toBe(expected);
    expect(holds('NotIpAddress', values, found)).toBe(!expected);
  });
});

describe('ARNs', () => {
  test.each([
    ['arn:aws:iam::111122223333:role/publisher', 'arn:aws:iam::111122223333:role/publisher', true],
    ['arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:role/ci/publisher', true],
    ['arn:aws:iam::111122223333:role/p?blisher', 'arn:aws:iam::111122223333:role/publisher', true],
    ['arn:aws:*:*:*:*', 'arn:aws:iam::111122223333:user/alice', true],
    ['*', 'arn:aws:iam::111122223333:user/alice', true],
    ['*', 'alice', false],
    ['arn:aws:iam::*:role/publisher', 'arn:aws:iam::1:role/x:role/publisher', false],
    ['arn:aws:iam::111122223333:role/Publisher', 'arn:aws:iam::111122223333:role/publisher', false],
    ['arn:*:iam::111122223333:root', 'arn:aws:iam::111122223333:root', true],
  ])('%s of %s: %s', (values, found, expected) => {
    for (const name of ['ArnEquals', 'ArnLike']) {
      expect(holds(name, values, found)).toBe(expected);
      expect(holds(name.replace('Arn', 'ArnNot'), values, found)).toBe(!expected);
    }
  });
});

describe('a key the request does not have', () => {
  test.each([
    ['StringEquals', false],
    ['StringNotEquals', true],
    ['StringLike', false],
    ['StringNotLike', true],
    ['StringEqualsIfExists', true],
    ['StringNotEqualsIfExists', true],
    ['ForAllValues:StringEquals', true],
    ['ForAllValues:StringNotEquals', true],
    ['ForAnyValue:StringEquals', false],
    ['ForAnyValue:StringNotEquals', false],
    ['ForAnyValue:StringEqualsIfExists', true],
  ])('makes %s %s', (operator, expected) => {
    expect(holds(operator, 'core')).toBe(expected);
    expect(holds(operator, 'core', [])).toBe(expected);
  });
});

describe('several values', () => {
  test.each([
    ['StringEquals', ['a', 'b'], ['b', 'c'], true],
    ['StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['StringNotEquals', ['a', 'b'], ['b', 'c'], false],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringLike', ['k*'], ['key1', 'key2'], true],
    ['ForAllValues:StringEquals', ['a'], [''], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['b', 'c'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['ForAnyValue:StringEquals', [''], [''], false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAllValues:StringEqualsIfExists', ['a'], ['a', 'c'], false],
  ])('%s %j of %j: %s', (operator, values, found, expected) => {
    expect(holds(operator, values, found)).toBe(expected);
  });
});

describe('a Condition', () => {
  test('holds where all operators and all their keys hold', () => {
    const Condition = {
      StringEquals: { 'aws:PrincipalTag/Team': 'core', 'AWS:username': ['alice', 'carol'] },
      IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
    };
    const context = { 'aws:principaltag/team': 'core', 'aws:username': 'alice', 'aws:sourceip': '203.0.113.7' };
    expect(identitySays({ Condition }, { context })).toBe('allow');
    for (const key of Object.keys(context))
      expect(identitySays({ Condition }, { context: { ...context, [key]: '198.51.100.1' } })).toBe('silent');
  });

  test('may be empty', () => {
    expect(identitySays({ Condition: {} })).toBe('allow');
    expect(identitySays({ Condition: { StringEquals: {} } })).toBe('allow');
  });

  test.each([
    ['StringMatches', 'core', 'is no condition operator'],
    ['stringequals', 'core', 'is no condition operator'],
    ['StringEqualsIfexists', 'core', 'is no condition operator'],
    ['ForAll:StringEquals', 'core', 'is no condition operator'],
    ['ForAllValues:', 'core', 'is no condition operator'],
    ['NullIfExists', 'true', 'is no condition operator'],
    ['constructor', 'true', 'is no condition operator'],
    ['Null', 'maybe', 'write true or false'],
    ['Bool', '1', 'write true or false'],
    ['NumericEquals', 'ten', 'is no number'],
    ['NumericEquals', '0x10', 'is no number'],
    ['DateLessThan', 'tomorrow', 'is no date'],
    ['DateLessThan', '2026-11-26T04:00:00', 'is no date'],
    ['DateLessThan', '2026-02-30', 'is no date'],
    ['BinaryEquals', 'ä', 'is no base64'],
    ['IpAddress', '203.0.113.0/33', 'is no address'],
    ['IpAddress', '203.0.113.0/', 'is no address'],
    ['IpAddress', '203.0.113', 'is no address'],
    ['IpAddress', '2001:db8::/129', 'is no address'],
    ['ArnLike', 'arn:aws:iam::*', 'is no ARN'],
    ['ArnLike', 'publisher', 'is no ARN'],
    ['StringEquals', null, 'must be a text'],
    ['StringEquals', { a: 1 }, 'must be a text'],
    ['StringEquals', [['a']], 'must be a text'],
  ])('cannot have %s of %j: %s', (operator, values, problem) => {
    expect(() => holds(operator, values)).toThrow(PolicyError);
    expect(() => holds(operator, values)).toThrow(problem);
  });

  test.each([
    [null, 'Condition must be an object'],
    [[], 'Condition must be an object'],
    ['x', 'Condition must be an object'],
    [{ StringEquals: 'x' }, '"StringEquals" must be an object'],
    [{ Unknown: {} }, 'is no condition operator'],
    [{ StringEquals: { username: 'alice' } }, 'is no context key'],
    [{ StringEquals: { ['__proto__']: 'alice' } }, 'is no context key'],
  ])('cannot be %j: %s', (Condition, problem) => {
    expect(() => identitySays({ Condition })).toThrow(PolicyError);
    expect(() => identitySays({ Condition })).toThrow(problem);
  });
});
