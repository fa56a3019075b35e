import { PackyardError } from '../core/errors.ts';
import { type ResourceKind, resourceKinds } from './constraints.ts';
import { operationShapes } from './operations.generated.ts';
import { compileRule, type InputRule, inputType } from './rules.ts';
import type { OperationShape } from './shapes.ts';

/** One operation of the API: all that routing, parsing, authorization and the answer need. */
export interface Operation extends Omit<OperationShape, 'input'> {
  readonly resource: ResourceKind;
  readonly input: readonly InputRule[];
}

function join(shape: OperationShape): Operation {
  const { name, method, path, status, output } = shape;
  const resource = resourceKinds[name];
  if (resource === undefined) throw new Error(`Operation ${name} has no resource kind in constraints.ts.`);
  const input = shape.input.map((member) => ({
    name: member.name,
    in: member.in,
    wire: member.wire,
    required: member.required,
    rule: compileRule(member.type, inputType(name, member.name)),
  }));
  return { name, method, path, status, resource, input, output };
}

/** All operations of the service, by name. */
export const operations: readonly Operation[] = operationShapes.map(join);

const routes: ReadonlyMap<string, Operation> = new Map(
  operations.map((operation) => [`${operation.method} ${operation.path}`, operation]),
);

/**
 * The operation behind a method and a path.
 *
 * Throws ValidationException UNKNOWN_OPERATION with status 404 for any other pair (reference, section 6; unverified).
 */
export function route(method: string, path: string): Operation {
  const operation = routes.get(`${method} ${path}`);
  if (operation !== undefined) return operation;
  throw new PackyardError('ValidationException', `CodeArtifact has no operation ${method} ${path}.`, {
    reason: 'UNKNOWN_OPERATION',
    status: 404,
  });
}
