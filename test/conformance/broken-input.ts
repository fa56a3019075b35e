import { errorFieldNames } from '../../src/api/constraints.ts';
import type { Operation } from '../../src/api/operations.ts';
import type { InputRule, Rule, StringRule } from '../../src/api/rules.ts';
import { type WireRequest, wireRequest } from './wire.ts';

/** A request that is against the model in one place. */
export interface BrokenRequest {
  readonly title: string;
  readonly request: WireRequest;
  readonly reason: 'FIELD_VALIDATION_FAILED' | 'CANNOT_PARSE';
  /** What the error text says, besides other things. */
  readonly says: string;
}

/** A value that breaks its rule. */
interface BrokenValue extends Pick<BrokenRequest, 'title' | 'reason' | 'says'> {
  readonly value: unknown;
}

/** Every way in which one member of an operation's input can be against the model. */
export function brokenRequests(operation: Operation, good: Readonly<Record<string, unknown>>): BrokenRequest[] {
  const members = operation.input.filter((member) => member.in !== 'payload');
  return [...members.flatMap((member) => brokenMember(operation, good, member)), ...brokenBodies(operation, good)];
}

function brokenMember(
  operation: Operation,
  good: Readonly<Record<string, unknown>>,
  member: InputRule,
): BrokenRequest[] {
  const { name, rule, required, wire } = member;
  const field = errorFieldNames[name] ?? name;
  const with_ = (value: unknown) => wireRequest(operation, { ...good, [name]: value });
  const values = member.in === 'body' ? brokenJson(rule, field) : brokenText(rule, field);
  const requests = values.map(({ value, ...rest }) => ({ ...rest, request: with_(value) }));
  if (required) {
    const says = `Value null at '${field}' failed to satisfy constraint: Member must not be null`;
    requests.push({ title: `no ${name}`, request: with_(undefined), reason: 'FIELD_VALIDATION_FAILED', says });
    if (member.in === 'body') {
      requests.push({ title: `null as ${name}`, request: with_(null), reason: 'FIELD_VALIDATION_FAILED', says });
    }
  }
  if (member.in === 'query' && good[name] !== undefined) {
    const request = with_(good[name]);
    request.query.append(wire, String(good[name]));
    requests.push({
      title: `${name} twice`,
      request,
      reason: 'CANNOT_PARSE',
      says: `'${wire}' is given more than once`,
    });
  }
  return requests;
}

function brokenBodies(operation: Operation, good: Readonly<Record<string, unknown>>): BrokenRequest[] {
  if (!operation.input.some((member) => member.in === 'body')) return [];
  return ['{"a":', '[]', 'null', '"text"', '{"a":"\u0007"}'].map((bytes) => ({
    title: `the body ${JSON.stringify(bytes)}`,
    request: { ...wireRequest(operation, good), bytes },
    reason: 'CANNOT_PARSE',
    says: 'The request body',
  }));
}

function brokenText(rule: Rule, field: string): BrokenValue[] {
  if (rule.kind === 'string') return brokenStrings(rule, field);
  if (rule.kind === 'number') return [...brokenNumbers(rule, field), unreadable('text', field, 'some', 'an integer')];
  return [unreadable('a word', field, 'yes', 'true or false')];
}

function brokenJson(rule: Rule, field: string): BrokenValue[] {
  switch (rule.kind) {
    case 'string':
      return [...brokenStrings(rule, field), unreadable('a number', field, 7, 'a string')];
    case 'number':
      return [...brokenNumbers(rule, field), unreadable('text', field, '7', 'an integer')];
    case 'boolean':
      return [unreadable('text', field, 'true', 'true or false')];
    case 'list':
      return [unreadable('an object', field, {}, 'a list'), ...brokenItems(rule, field)];
    case 'map':
      return [unreadable('a list', field, [], 'an object'), ...brokenEntries(rule, field)];
    case 'structure':
      return [unreadable('text', field, 'all', 'an object'), ...brokenStructures(rule, field)];
    case 'stream':
      return [];
  }
}

function brokenItems({ max, element }: Extract<Rule, { kind: 'list' }>, field: string): BrokenValue[] {
  const tooMany = max === undefined ? [] : [tooLong(field, Array(max + 1).fill('1'), max)];
  if (element.kind !== 'string') {
    const inside = brokenJson(element, `${field}.1.member`);
    return [...tooMany, ...inside.map((broken) => ({ ...broken, value: [broken.value] }))];
  }
  const values = brokenStrings(element, field).map(({ title, value }) => ({
    title: `an item: ${title}`,
    value: [value],
    reason: 'FIELD_VALIDATION_FAILED' as const,
    says: `at '${field}' failed to satisfy constraint: Member must satisfy constraint: [`,
  }));
  return [...tooMany, ...values, unreadable('a list of numbers', field, [7], 'a list of strings')];
}

function brokenEntries({ key, value }: Extract<Rule, { kind: 'map' }>, field: string): BrokenValue[] {
  if (value.kind !== 'string') return [];
  const goodKey = key.values?.[0] ?? '1.0.0';
  const goodValue = value.values?.[0] ?? 'revision';
  const entry = (what: string, title: string, entries: object, says: string): BrokenValue => ({
    title: `${what}: ${title}`,
    value: entries,
    reason: 'FIELD_VALIDATION_FAILED',
    says: `at '${field}' failed to satisfy constraint: ${says} must satisfy constraint: [`,
  });
  return [
    ...brokenStrings(key, field).map((broken) =>
      entry('a key', broken.title, { [String(broken.value)]: goodValue }, 'Map keys'),
    ),
    ...brokenStrings(value, field).map((broken) =>
      entry('a value', broken.title, { [goodKey]: broken.value }, 'Map value'),
    ),
    unreadable('an object of numbers', field, { [goodKey]: 7 }, 'an object of strings'),
  ];
}

function brokenStructures({ members }: Extract<Rule, { kind: 'structure' }>, field: string): BrokenValue[] {
  const good = Object.fromEntries(members.map(({ name, rule }) => [name, goodString(rule)]));
  return members.flatMap(({ name, rule, required }) => {
    const memberField = `${field}.${name}`;
    const broken = brokenJson(rule, memberField).map((each) => ({ ...each, value: { ...good, [name]: each.value } }));
    if (!required) return broken;
    const { [name]: _, ...without } = good;
    const says = `Value null at '${memberField}' failed to satisfy constraint: Member must not be null`;
    return [...broken, { title: `no ${memberField}`, value: without, reason: 'FIELD_VALIDATION_FAILED', says }];
  });
}

function goodString(rule: Rule): string {
  return rule.kind === 'string' ? (rule.values?.[0] ?? 'app') : '';
}

function brokenStrings({ min = 0, max, pattern, values }: StringRule, field: string): BrokenValue[] {
  const broken: BrokenValue[] = [];
  if (max !== undefined) broken.push(tooLong(field, '1'.repeat(max + 1), max));
  if (min > 0) {
    const says = `at '${field}' failed to satisfy constraint: Member must have length greater than or equal to ${min}`;
    const value = '1'.repeat(min - 1);
    broken.push({ title: `${field} too short`, value, reason: 'FIELD_VALIDATION_FAILED', says });
  }
  if (pattern !== undefined) {
    const candidates = ['Z', '!', ' ', '\u0007'].map((character) => character.repeat(Math.max(min, 2)));
    const value = candidates.find((candidate) => !pattern.expression.test(candidate));
    if (value === undefined) throw new Error(`All candidates fit the pattern ${pattern.text}.`);
    const says = `at '${field}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.text}`;
    broken.push({ title: `${field} against its pattern`, value, reason: 'FIELD_VALIDATION_FAILED', says });
  }
  if (values !== undefined) {
    const says = `at '${field}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`;
    broken.push({ title: `${field} of no enum`, value: 'nonsense', reason: 'FIELD_VALIDATION_FAILED', says });
  }
  return broken;
}

function tooLong(field: string, value: unknown, max: number): BrokenValue {
  const says = `at '${field}' failed to satisfy constraint: Member must have length less than or equal to ${max}`;
  return { title: `${field} too long`, value, reason: 'FIELD_VALIDATION_FAILED', says };
}

function brokenNumbers({ min, max }: Extract<Rule, { kind: 'number' }>, field: string): BrokenValue[] {
  const bound = (title: string, value: number, says: string): BrokenValue => ({
    title: `${field} ${title}`,
    value,
    reason: 'FIELD_VALIDATION_FAILED',
    says: `Value '${value}' at '${field}' failed to satisfy constraint: Member must have value ${says}`,
  });
  return [
    ...(max === undefined ? [] : [bound('too large', max + 1, `less than or equal to ${max}`)]),
    ...(min === undefined ? [] : [bound('too small', min - 1, `greater than or equal to ${min}`)]),
  ];
}

function unreadable(what: string, field: string, value: unknown, expected: string): BrokenValue {
  return {
    title: `${what} as ${field}`,
    value,
    reason: 'CANNOT_PARSE',
    says: `the value at '${field}' must be ${expected}`,
  };
}
