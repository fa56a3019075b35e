import { type ArnTest, arnFields, compileArnFields, hasAllFields, isArn } from './arn-pattern.ts';
import { parseDate } from './dates.ts';
import { globMatches } from './glob.ts';
import { isInRange, parseAddress, parseIpRange } from './ip-range.ts';
import { PolicyError, shown } from './policy-error.ts';
import type { PolicyRequest } from './request.ts';
import { globSource, type Piece, parseTemplate, resolveText, type Scope } from './template.ts';

/** Whether a value of the request matches at least one of the policy's. */
export type ValueTest = (value: string, request: PolicyRequest) => boolean;

export interface Operator {
  /** Throws PolicyError for a value the operator cannot take. `where` names statement, operator and key. */
  readonly compile: (values: readonly string[], where: string, scope: Scope) => ValueTest;
  /** The operator asks for the opposite of what `compile` tests. */
  readonly isNegated: boolean;
}

type Compare = (value: number, bound: number) => boolean;
const equal: Compare = (value, bound) => value === bound;
const less: Compare = (value, bound) => value < bound;
const atMost: Compare = (value, bound) => value <= bound;
const more: Compare = (value, bound) => value > bound;
const atLeast: Compare = (value, bound) => value >= bound;

/**
 * The condition operators but Null, by their exact names without prefix and suffix. Policy variables stand in texts and
 * ARNs only. Source: AWS IAM user guide, "IAM JSON policy elements: Condition operators".
 */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ...pair('StringEquals', 'StringNotEquals', (values, _where, scope) => compileTexts(values, scope, (text) => text)),
  ...pair('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', (values, _where, scope) =>
    compileTexts(values, scope, (text) => text.toLowerCase()),
  ),
  ...pair('StringLike', 'StringNotLike', compilePatterns),
  ...pair('NumericEquals', 'NumericNotEquals', compareNumbers(equal)),
  positive('NumericLessThan', compareNumbers(less)),
  positive('NumericLessThanEquals', compareNumbers(atMost)),
  positive('NumericGreaterThan', compareNumbers(more)),
  positive('NumericGreaterThanEquals', compareNumbers(atLeast)),
  ...pair('DateEquals', 'DateNotEquals', compareDates(equal)),
  positive('DateLessThan', compareDates(less)),
  positive('DateLessThanEquals', compareDates(atMost)),
  positive('DateGreaterThan', compareDates(more)),
  positive('DateGreaterThanEquals', compareDates(atLeast)),
  positive('Bool', compileBooleans),
  positive('BinaryEquals', compileBinaries),
  ...pair('IpAddress', 'NotIpAddress', compileAddresses),
  ...pair('ArnEquals', 'ArnNotEquals', compileArns),
  ...pair('ArnLike', 'ArnNotLike', compileArns),
]);

function positive(name: string, compile: Operator['compile']): [string, Operator] {
  return [name, { compile, isNegated: false }];
}

function pair(name: string, negatedName: string, compile: Operator['compile']): [string, Operator][] {
  return [
    [name, { compile, isNegated: false }],
    [negatedName, { compile, isNegated: true }],
  ];
}

function compileTexts(values: readonly string[], scope: Scope, fold: (text: string) => string): ValueTest {
  const texts = new Set<string>();
  const templates: Piece[][] = [];
  for (const value of values) {
    const pieces = parseTemplate(value, scope, false);
    if (pieces.some(({ kind }) => kind === 'variable')) templates.push(pieces);
    else texts.add(fold(pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('')));
  }
  return (value, request) => {
    const folded = fold(value);
    if (texts.has(folded)) return true;
    return templates.some((template) => {
      const text = resolveText(template, request);
      return text !== undefined && fold(text) === folded;
    });
  };
}

function compilePatterns(values: readonly string[], _where: string, scope: Scope): ValueTest {
  const sources = values.map((value) => globSource(parseTemplate(value, scope, true)));
  return (value, request) =>
    sources.some((source) => {
      const glob = source(request);
      return glob !== undefined && globMatches(glob, value);
    });
}

/** ArnEquals and ArnLike are the same: AWS. Each of the six fields is compared separately. */
function compileArns(values: readonly string[], where: string, scope: Scope): ValueTest {
  const tests = values.map((value): ArnTest => {
    if (value === '*') return () => true;
    const fields = arnFields(parseTemplate(value, scope, true));
    if (value.startsWith('arn:') && hasAllFields(fields)) return compileArnFields(fields);
    throw new PolicyError(`${where}: ${shown(value)} is no ARN; write all six fields, with * where any value will do`);
  });
  return (value, request) => isArn(value) && tests.some((test) => test(value, request) ?? false);
}

function compareNumbers(compare: Compare): Operator['compile'] {
  return (values, where) => {
    const bounds = values.map((value) => parseNumber(value) ?? refuse(value, where, 'is no number', '10 or 0.5'));
    return (text) => {
      const value = parseNumber(text);
      return value !== undefined && bounds.some((bound) => compare(value, bound));
    };
  };
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : undefined;
}

function compareDates(compare: Compare): Operator['compile'] {
  return (values, where) => {
    const bounds = values.map(
      (value) => parseDate(value) ?? refuse(value, where, 'is no date', '2026-11-26T04:00:00Z or seconds since 1970'),
    );
    return (text) => {
      const value = parseDate(text);
      return value !== undefined && bounds.some((bound) => compare(value, bound));
    };
  };
}

function compileBooleans(values: readonly string[], where: string): ValueTest {
  const accepted = new Set(values.map((value) => String(parseBoolean(value, where))));
  return (value) => accepted.has(value.toLowerCase());
}

/** `true` or `false` in any case; PolicyError for anything else. */
export function parseBoolean(value: string, where: string): boolean {
  const lower = value.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : refuse(value, where, 'is neither', 'true or false');
}

function compileBinaries(values: readonly string[], where: string): ValueTest {
  const accepted = new Set(values.map((value) => decode(value) ?? refuse(value, where, 'is no base64', 'QmluYXJ5')));
  return (value) => {
    const bytes = decode(value);
    return bytes !== undefined && accepted.has(bytes);
  };
}

/** The bytes of base64 as a text that is the same for the same bytes. */
function decode(base64: string): string | undefined {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(base64) ? Buffer.from(base64, 'base64').toString('latin1') : undefined;
}

function compileAddresses(values: readonly string[], where: string): ValueTest {
  const ranges = values.map(
    (value) => parseIpRange(value) ?? refuse(value, where, 'is no address', '203.0.113.0/24 or 2001:db8::/32'),
  );
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && ranges.some((range) => isInRange(address, range));
  };
}

function refuse(value: string, where: string, problem: string, example: string): never {
  throw new PolicyError(`${where}: ${shown(value)} ${problem}; write ${example}`);
}
