import { type ArnTest, arnFields, compileArnFields, hasAllFields } from './arn-pattern.ts';
import { globMatches } from './glob.ts';
import { PolicyError, shown } from './policy-error.ts';
import type { PolicyRequest } from './request.ts';
import { globSource, type Piece, parseTemplate, type Scope } from './template.ts';

/** Whether the request's resource is one of the list. */
export type ResourceTest = (request: PolicyRequest) => boolean;

/**
 * Compiles Resource or NotResource: `*`, or ARNs with wildcards, in which policy variables may stand after the fifth
 * colon. An ARN whose variable has no value counts as `whenUnresolved`. Throws PolicyError.
 * Source: AWS IAM user guide, "IAM JSON policy elements: Resource".
 */
export function compileResources(
  resources: readonly string[],
  element: string,
  scope: Scope,
  whenUnresolved: boolean,
): ResourceTest {
  if (resources.some((resource) => /^\*+$/.test(resource))) return () => true;
  const tests = resources.map((resource) => compileResource(resource, element, scope));
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return (request) => only(request.resource, request) ?? whenUnresolved;
  return (request) => tests.some((test) => test(request.resource, request) ?? whenUnresolved);
}

function compileResource(resource: string, element: string, scope: Scope): ArnTest {
  const refuse = (problem: string): never => {
    throw new PolicyError(`${scope.where}: ${element} ${shown(resource)} ${problem}`);
  };
  if (!resource.startsWith('arn:')) refuse('must be an ARN or "*"');
  const pieces = parseTemplate(resource, scope, true);
  const fields = arnFields(pieces);
  const head = fields.slice(0, 5);
  if (head.some((field) => field.some(({ kind }) => kind === 'variable')))
    refuse('has a policy variable before the fifth colon; use variables after it only');
  if (!hasAllFields(fields)) return compileIncomplete(pieces);
  if (fields[2]?.some(({ kind }) => kind !== 'text')) refuse('has a wildcard for the service; name the service');
  return compileArnFields(fields);
}

/**
 * An ARN of fewer than six fields: the missing ones are `*`, and a `*` at the end of a field matches beyond its colon.
 * Source: AWS IAM user guide, "IAM identifiers" and "IAM JSON policy elements: Resource".
 */
function compileIncomplete(pieces: readonly Piece[]): ArnTest {
  const sources = [globSource(pieces), globSource([...pieces, { kind: 'text', text: ':' }, { kind: 'any' }])];
  return (text, request) =>
    sources.some((source) => {
      const glob = source(request);
      return glob !== undefined && globMatches(glob, text);
    });
}
