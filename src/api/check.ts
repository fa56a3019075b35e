import type { Rule, StringRule } from './rules.ts';

/** What is wrong with an input, gathered over all of it. */
export interface Problems {
  /** Values of the wrong type: the request cannot be read. */
  readonly unreadable: string[];
  /** Constraint failures, in AWS's words. */
  readonly failures: string[];
}

/**
 * Reads a JSON value by its rule: types first, then constraints; what is wrong goes to `problems`. Structures come back
 * with declared members only and a null member counts as absent. Names that clash with JavaScript's own (`__proto__`)
 * are plain names here.
 */
export function readJson(rule: Rule, value: unknown, field: string, problems: Problems): unknown {
  switch (rule.kind) {
    case 'string':
      if (typeof value !== 'string') return unreadable(problems, field, 'a string');
      checkString(rule, value, field, problems);
      return value;
    case 'number':
      if (typeof value !== 'number' || !Number.isInteger(value)) return unreadable(problems, field, 'an integer');
      checkNumber(rule, value, String(value), field, problems);
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : unreadable(problems, field, 'true or false');
    case 'list':
      return readList(rule, value, field, problems);
    case 'map':
      return readMap(rule, value, field, problems);
    case 'structure':
      return readStructure(rule, value, field, problems);
    case 'stream':
      throw new Error(`Member ${field} is bytes, not JSON.`);
  }
}

/** Reads a member that travels as text, in the query or in a header. */
export function readText(rule: Rule, text: string, field: string, problems: Problems): unknown {
  if (rule.kind === 'string') {
    checkString(rule, text, field, problems);
    return text;
  }
  if (rule.kind === 'number') {
    if (!/^-?[0-9]+$/.test(text)) return unreadable(problems, field, 'an integer');
    checkNumber(rule, Number(text), text, field, problems);
    return Number(text);
  }
  if (rule.kind === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    return unreadable(problems, field, 'true or false');
  }
  throw new Error(`Member ${field} cannot travel as text.`);
}

/** Records that a required member is missing. The text is the usual one of AWS's services (unverified here). */
export function missing(field: string, problems: Problems): undefined {
  problems.failures.push(`Value null at '${field}' failed to satisfy constraint: Member must not be null`);
  return undefined;
}

function unreadable(problems: Problems, field: string, expected: string): undefined {
  problems.unreadable.push(`the value at '${field}' must be ${expected}`);
  return undefined;
}

function fail(problems: Problems, value: string, field: string, constraint: string): void {
  problems.failures.push(`Value '${value}' at '${field}' failed to satisfy constraint: ${constraint}`);
}

function checkString(rule: StringRule, value: string, field: string, problems: Problems): void {
  for (const constraint of brokenConstraints(rule, value)) fail(problems, value, field, constraint);
}

function checkNumber(
  rule: Extract<Rule, { kind: 'number' }>,
  value: number,
  text: string,
  field: string,
  problems: Problems,
): void {
  if (rule.min !== undefined && value < rule.min) {
    fail(problems, text, field, `Member must have value greater than or equal to ${rule.min}`);
  }
  if (rule.max !== undefined && value > rule.max) {
    fail(problems, text, field, `Member must have value less than or equal to ${rule.max}`);
  }
}

/** Lengths count characters, not UTF-16 units. */
function brokenConstraints(rule: StringRule, value: string): string[] {
  const { min, max, pattern, values } = rule;
  const broken: string[] = [];
  const length = [...value].length;
  if (max !== undefined && length > max) broken.push(lengthAtMost(max));
  if (min !== undefined && length < min) broken.push(lengthAtLeast(min));
  if (pattern !== undefined && !pattern.expression.test(value)) broken.push(matches(pattern.text));
  if (values !== undefined && !values.includes(value)) broken.push(oneOf(values));
  return broken;
}

const lengthAtMost = (max: number) => `Member must have length less than or equal to ${max}`;
const lengthAtLeast = (min: number) => `Member must have length greater than or equal to ${min}`;
const matches = (pattern: string) => `Member must satisfy regular expression pattern: ${pattern}`;
const oneOf = (values: readonly string[]) => `Member must satisfy enum value set: [${values.join(', ')}]`;

/** Everything a string of this rule must be; AWS names all of it when an item of a list or map breaks any of it. */
function allConstraints({ min, max, pattern, values }: StringRule): string {
  const all: string[] = [];
  if (max !== undefined) all.push(lengthAtMost(max));
  if (min !== undefined) all.push(lengthAtLeast(min));
  if (pattern !== undefined) all.push(matches(pattern.text));
  if (values !== undefined) all.push(oneOf(values));
  return `[${all.join(', ')}]`;
}

function readList(rule: Extract<Rule, { kind: 'list' }>, value: unknown, field: string, problems: Problems): unknown {
  if (!Array.isArray(value)) return unreadable(problems, field, 'a list');
  if (rule.max !== undefined && value.length > rule.max) {
    fail(problems, javaText(value), field, lengthAtMost(rule.max));
    // Its items are not looked at: the answer would grow with the request.
    return undefined;
  }
  const { element } = rule;
  if (element.kind === 'string') {
    if (!value.every((item) => typeof item === 'string')) return unreadable(problems, field, 'a list of strings');
    if (value.some((item) => brokenConstraints(element, item).length > 0)) {
      fail(problems, javaText(value), field, `Member must satisfy constraint: ${allConstraints(element)}`);
    }
    return value;
  }
  return value.map((item, index) => {
    const itemField = `${field}.${index + 1}.member`;
    return item === null ? missing(itemField, problems) : readJson(element, item, itemField, problems);
  });
}

function readMap(rule: Extract<Rule, { kind: 'map' }>, value: unknown, field: string, problems: Problems): unknown {
  if (!isObject(value)) return unreadable(problems, field, 'an object');
  const element = rule.value;
  if (element.kind !== 'string') throw new Error(`Member ${field} is a map of something other than strings.`);
  const entries = Object.entries(value);
  const items = entries.map(([, item]) => item);
  if (!items.every((item) => typeof item === 'string')) return unreadable(problems, field, 'an object of strings');
  if (entries.some(([key]) => brokenConstraints(rule.key, key).length > 0)) {
    fail(problems, javaText(value), field, `Map keys must satisfy constraint: ${allConstraints(rule.key)}`);
  }
  if (items.some((item) => brokenConstraints(element, item).length > 0)) {
    fail(problems, javaText(value), field, `Map value must satisfy constraint: ${allConstraints(element)}`);
  }
  return Object.fromEntries(entries);
}

function readStructure(
  rule: Extract<Rule, { kind: 'structure' }>,
  value: unknown,
  field: string,
  problems: Problems,
): unknown {
  if (!isObject(value)) return unreadable(problems, field, 'an object');
  const members: [string, unknown][] = [];
  for (const { name, required, rule: memberRule } of rule.members) {
    const memberField = `${field}.${name}`;
    const member = ownMember(value, name);
    if (member !== undefined) members.push([name, readJson(memberRule, member, memberField, problems)]);
    else if (required) missing(memberField, problems);
  }
  return Object.fromEntries(members);
}

/** A JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member the sender wrote, null counting as absent. */
export function ownMember(value: object, name: string): unknown {
  if (!Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name) ?? undefined;
}

const maxEcho = 1_000;

/** A value in an error text: lists and maps look as Java prints them; what is deep or long is cut. */
function javaText(value: unknown): string {
  const text = javaValue(value, 0);
  return text.length > maxEcho ? `${text.slice(0, maxEcho)}…` : text;
}

function javaValue(value: unknown, depth: number): string {
  if (depth > 5) return '…';
  if (Array.isArray(value))
    return `[${value
      .slice(0, maxEcho)
      .map((item) => javaValue(item, depth + 1))
      .join(', ')}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => `${key}=${javaValue(item, depth + 1)}`);
    return `{${entries.join(', ')}}`;
  }
  return String(value);
}
