import { type ActionTest, compileActions } from './actions.ts';
import { type Condition, compileConditions } from './conditions.ts';
import { PolicyError, shown } from './policy-error.ts';
import { compileNotPrincipal, compilePrincipal, type PrincipalTest } from './principals.ts';
import { compileResources, type ResourceTest } from './resources.ts';
import type { Scope } from './template.ts';

/** `identity`: who it hangs on is meant. `resource`: it names principals. `trust`: a role's, which is its own resource. */
export type StatementKind = 'identity' | 'resource' | 'trust';

/** A statement ready to be asked. */
export interface Statement {
  readonly isDeny: boolean;
  readonly hasAction: ActionTest;
  readonly hasResource: ResourceTest;
  readonly reaches: PrincipalTest;
  readonly conditions: readonly Condition[];
}

const elements = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

/** Compiles a statement; throws PolicyError. Source: AWS IAM user guide, "IAM JSON policy elements reference". */
export function compileStatement(
  statement: Readonly<Record<string, unknown>>,
  kind: StatementKind,
  scope: Scope,
): Statement {
  for (const name of Object.keys(statement))
    if (!elements.includes(name))
      throw new PolicyError(`${scope.where} has the unknown element ${shown(name)}; known are ${elements.join(', ')}`);
  const { Effect: effect, Condition: condition } = statement;
  if (effect !== 'Allow' && effect !== 'Deny')
    throw new PolicyError(`${scope.where}: Effect ${shown(effect)} is neither Allow nor Deny`);
  const isDeny = effect === 'Deny';
  return {
    isDeny,
    reaches: readPrincipal(statement, kind, scope),
    hasAction: readActions(statement, scope),
    hasResource: readResources(statement, kind, isDeny, scope),
    conditions: condition === undefined ? [] : compileConditions(condition, scope),
  };
}

function readPrincipal(statement: Readonly<Record<string, unknown>>, kind: StatementKind, scope: Scope): PrincipalTest {
  if (kind === 'identity') {
    for (const name of ['Principal', 'NotPrincipal'])
      if (statement[name] !== undefined)
        throw new PolicyError(
          `${scope.where} has ${name}, which an identity policy cannot have; it speaks of whom it is attached to`,
        );
    return () => 'caller';
  }
  if (kind === 'trust' && statement['NotPrincipal'] !== undefined)
    throw new PolicyError(`${scope.where} has NotPrincipal, which a trust policy cannot have; name a Principal`);
  const name = oneOf(statement, 'Principal', 'NotPrincipal', scope);
  // It would let in everyone else. Source: IAM user guide, "NotPrincipal": not supported with Allow.
  if (name === 'NotPrincipal' && statement['Effect'] === 'Allow')
    throw new PolicyError(`${scope.where} has NotPrincipal with Effect Allow; name who is allowed in Principal`);
  return (name === 'Principal' ? compilePrincipal : compileNotPrincipal)(statement[name], scope);
}

function readActions(statement: Readonly<Record<string, unknown>>, scope: Scope): ActionTest {
  const name = oneOf(statement, 'Action', 'NotAction', scope);
  const isListed = compileActions(textsOf(statement[name], name, scope), name, scope);
  return name === 'Action' ? isListed : (action) => !isListed(action);
}

/** Where a variable of NotResource has no value, the statement is taken the way that gives less: Allow does not match. */
function readResources(
  statement: Readonly<Record<string, unknown>>,
  kind: StatementKind,
  isDeny: boolean,
  scope: Scope,
): ResourceTest {
  if (kind === 'trust') {
    for (const name of ['Resource', 'NotResource'])
      if (statement[name] !== undefined)
        throw new PolicyError(`${scope.where} has ${name}, which a trust policy cannot have; the role is the resource`);
    return () => true;
  }
  const name = oneOf(statement, 'Resource', 'NotResource', scope);
  const texts = textsOf(statement[name], name, scope);
  if (name === 'Resource') return compileResources(texts, name, scope, false);
  const isListed = compileResources(texts, name, scope, !isDeny);
  return (request) => !isListed(request);
}

function oneOf(statement: Readonly<Record<string, unknown>>, name: string, opposite: string, { where }: Scope): string {
  const isThere = statement[name] !== undefined;
  if (isThere && statement[opposite] !== undefined)
    throw new PolicyError(`${where} has both ${name} and ${opposite}; leave one out`);
  if (!isThere && statement[opposite] === undefined)
    throw new PolicyError(`${where} has neither ${name} nor ${opposite}; write one of them`);
  return isThere ? name : opposite;
}

function textsOf(value: unknown, name: string, { where }: Scope): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => {
    if (typeof item === 'string') return item;
    throw new PolicyError(`${where}: ${name} ${shown(item)} must be a text or a list of texts`);
  });
}
