import { type Operator, operators, parseBoolean, type ValueTest } from './operators.ts';
import { PolicyError, shown } from './policy-error.ts';
import type { PolicyRequest } from './request.ts';
import { isContextKey, type Scope } from './template.ts';

/** Whether a request is as one key of one operator asks. */
export type Condition = (request: PolicyRequest) => boolean;

type Quantifier = 'ForAllValues' | 'ForAnyValue' | undefined;

/** An operator as it is written: with what stands before and behind its name. */
interface Comparison {
  readonly operator: Operator;
  readonly quantifier: Quantifier;
  /** `…IfExists`: holds where the request lacks the key. */
  readonly isOptional: boolean;
}

/**
 * Compiles a Condition element into conditions that must all hold. Throws PolicyError.
 * Source: AWS IAM user guide, "IAM JSON policy elements: Condition" and "Condition operators".
 */
export function compileConditions(element: unknown, scope: Scope): Condition[] {
  const conditions: Condition[] = [];
  for (const [name, keys] of entriesOf(element, `${scope.where}: Condition`)) {
    const where = `${scope.where}: ${shown(name)}`;
    const comparison = name === 'Null' ? undefined : readOperator(name, where);
    for (const [written, values] of entriesOf(keys, where)) {
      if (!isContextKey(written))
        throw new PolicyError(`${where}: ${shown(written)} is no context key; write one like aws:SourceIp`);
      const key = written.toLowerCase();
      scope.contextKeys.add(key);
      const place = `${where} of ${shown(written)}`;
      const texts = textsOf(values, place);
      if (comparison === undefined) conditions.push(compileNull(key, texts, place));
      else conditions.push(compare(key, comparison.operator.compile(texts, place, scope), comparison));
    }
  }
  return conditions;
}

function readOperator(name: string, where: string): Comparison {
  const [, prefix, base = '', suffix] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(name) ?? [];
  const operator = operators.get(base);
  if (operator === undefined)
    throw new PolicyError(
      `${where} is no condition operator; names are as in StringEquals, with ForAllValues: or ForAnyValue: before and ` +
        'IfExists behind where needed (not with Null)',
    );
  const quantifier = prefix === 'ForAllValues' || prefix === 'ForAnyValue' ? prefix : undefined;
  return { operator, quantifier, isOptional: suffix !== undefined };
}

/**
 * Of several values in the request one has to match; for a negated operator none may. A key the request lacks does not
 * match, so negated operators hold. ForAllValues holds for no value at all, and takes one empty text for that.
 */
function compare(key: string, test: ValueTest, { operator, quantifier, isOptional }: Comparison): Condition {
  const { isNegated } = operator;
  return (request) => {
    const values = request.context(key);
    if (values === undefined || values.length === 0) {
      if (isOptional || quantifier === 'ForAllValues') return true;
      return isNegated && quantifier === undefined;
    }
    const matches = (value: string) => test(value, request);
    if (quantifier === undefined) return values.some(matches) !== isNegated;
    if (values.length === 1 && values[0] === '') return quantifier === 'ForAllValues';
    return quantifier === 'ForAllValues'
      ? values.every((value) => matches(value) !== isNegated)
      : values.some((value) => matches(value) !== isNegated);
  };
}

/** `"Null": {"key": "true"}` holds where the request lacks the key. */
function compileNull(key: string, values: readonly string[], where: string): Condition {
  const accepted = new Set(values.map((value) => parseBoolean(value, where)));
  return (request) => {
    const found = request.context(key);
    return accepted.has(found === undefined || found.length === 0);
  };
}

function entriesOf(element: unknown, where: string): [string, unknown][] {
  if (typeof element === 'object' && element !== null && !Array.isArray(element)) return Object.entries(element);
  throw new PolicyError(`${where} must be an object like {"StringEquals": {"aws:PrincipalTag/team": "core"}}`);
}

/** Numbers and booleans are values without quotes: AWS, "Grammar of the IAM JSON policy language". */
function textsOf(values: unknown, where: string): string[] {
  return (Array.isArray(values) ? values : [values]).map((value) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new PolicyError(`${where}: ${shown(value)} must be a text, a number, true or false, or a list of them`);
  });
}
