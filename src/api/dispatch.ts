import { authorize } from '../core/authorize.ts';
import { PackyardError } from '../core/errors.ts';
import { accessesOf } from './access.ts';
import { errorAnswer } from './errors.ts';
import { handlers } from './handlers/index.ts';
import type { ApiAnswer, ApiContext, ApiRequest } from './messages.ts';
import { type Operation, route } from './operations.ts';
import { hashInput } from './pagination.ts';
import { parseInput } from './parse.ts';
import { serialize } from './serialize.ts';

export { errorAnswer } from './errors.ts';
export type { ApiAnswer, ApiContext, ApiRequest } from './messages.ts';

/**
 * Answers one request of the CodeArtifact API: finds the operation, checks the input, authorizes the caller (before
 * anyone looks whether the resource exists), lets the handler work and writes its output. Never throws: every error
 * becomes AWS's answer for it, and faults of ours are logged.
 */
export async function dispatch(context: ApiContext, request: ApiRequest): Promise<ApiAnswer> {
  try {
    return await answer(context, request, route(request.method, request.path));
  } catch (error) {
    if (!(error instanceof PackyardError)) {
      const { method, path, requestId } = request;
      context.deps.log.error({ err: error, method, path, requestId }, 'An API request failed.');
    }
    return errorAnswer(error, request.requestId);
  }
}

async function answer({ deps }: ApiContext, request: ApiRequest, operation: Operation): Promise<ApiAnswer> {
  const handler = handlers.get(operation.name);
  if (handler === undefined) throw notImplemented(operation.name);
  const { query, headers } = request;
  const input = parseInput(operation, { query, headers, body: await request.body() });
  for (const access of accessesOf(deps, operation, request.caller, input)) authorize(request.caller, access);
  const call = { deps, request, operation: operation.name, inputHash: hashInput(request.caller, input) };
  return serialize(operation, await handler(call, input), request.requestId);
}

function notImplemented(operation: string): PackyardError {
  return new PackyardError('NotImplementedException', `Packyard does not implement the operation ${operation} yet.`);
}
