import { readDocument } from './document.ts';
import { PolicyError, shown } from './policy-error.ts';
import type { PolicyRequest } from './request.ts';
import { compileStatement, type Statement, type StatementKind } from './statement.ts';

export { PolicyError } from './policy-error.ts';
export type { PolicyPrincipal, PolicyRequest } from './request.ts';

export type PolicyKind = 'identity' | 'resource';

/** A policy ready to be asked by `evaluate`. */
export interface Policy {
  /** Names, in lower case, of the context keys that its conditions and variables mention: no other is ever asked for. */
  readonly contextKeys: ReadonlySet<string>;
  /** The statements that speak of an action, those that deny first. */
  statementsOf(action: string): readonly Statement[];
}

export interface CompileOptions {
  /** The policy is a role's trust policy, of kind `resource`: it has no Resource, as it speaks of the role alone. */
  readonly isTrust?: boolean;
}

/**
 * What one policy says; a deny wins over any allow. `delegated`: a resource policy allows the account of the caller, not
 * the caller. Within that account this gives nothing beyond what identity policies give; from another account it counts
 * like an allow, because there identity policies must allow as well.
 */
export type Verdict = 'deny' | 'allow' | 'delegated' | 'silent';

/** As many actions as there are in CodeArtifact and STS, and some. */
const maxKnownActions = 256;

/**
 * Compiles a policy: a parsed document, or its JSON text. Throws PolicyError.
 * Source: AWS IAM user guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language".
 */
export function compilePolicy(document: unknown, kind: PolicyKind, { isTrust = false }: CompileOptions = {}): Policy {
  const { statements: sources, hasVariables } = readDocument(document);
  const statementKind: StatementKind = isTrust ? 'trust' : kind;
  const contextKeys = new Set<string>();
  const sids = new Set<string>();
  const statements = sources.map((source, index) => {
    const sid = readSid(source['Sid'], statementKind, index, sids);
    const where = `Statement ${index + 1}${sid === '' ? '' : ` (Sid ${shown(sid)})`}`;
    return compileStatement(source, statementKind, { where, hasVariables, contextKeys });
  });
  statements.sort((a, b) => Number(b.isDeny) - Number(a.isDeny));
  return { contextKeys, statementsOf: byAction(statements) };
}

/** Says what `policy` means for `request`. */
export function evaluate(policy: Policy, request: PolicyRequest): Verdict {
  let verdict: Verdict = 'silent';
  for (const statement of policy.statementsOf(request.action)) {
    const reach = statement.reaches(request.principal);
    if (reach === 'nobody') continue;
    const verdictHere = statement.isDeny ? 'deny' : reach === 'caller' ? 'allow' : 'delegated';
    if (verdictHere === verdict || !statement.hasResource(request)) continue;
    if (!statement.conditions.every((condition) => condition(request))) continue;
    if (verdictHere !== 'delegated') return verdictHere;
    verdict = verdictHere;
  }
  return verdict;
}

/** Statements by action, found once per action: after that, those that do not speak of it cost nothing. */
function byAction(statements: readonly Statement[]): Policy['statementsOf'] {
  const known = new Map<string, readonly Statement[]>();
  return (action) => {
    const found = known.get(action);
    if (found !== undefined) return found;
    const lower = action.toLowerCase();
    const speaking = statements.filter((statement) => statement.hasAction(lower));
    if (known.size < maxKnownActions) known.set(action, speaking);
    return speaking;
  };
}

/** AWS names the characters for identity policies; services differ in what they take for a resource's policy. */
function readSid(sid: unknown, kind: StatementKind, index: number, sids: Set<string>): string {
  if (sid === undefined || sid === '') return '';
  if (typeof sid !== 'string') throw new PolicyError(`Statement ${index + 1}: Sid ${shown(sid)} must be a text`);
  const isWellFormed = kind === 'resource' ? !/\p{Cc}/u.test(sid) : /^[a-zA-Z0-9]+$/.test(sid);
  if (!isWellFormed)
    throw new PolicyError(`Statement ${index + 1}: Sid ${shown(sid)} has other characters than letters and digits`);
  if (sids.has(sid))
    throw new PolicyError(`Statement ${index + 1}: Sid ${shown(sid)} is that of an earlier statement; choose another`);
  sids.add(sid);
  return sid;
}
