import { authorize } from '../core/authorize.ts';
import { PackyardError } from '../core/errors.ts';
import type { RequestFacts } from '../core/request-context.ts';
import { accessesOf } from './access.ts';
import { errorAnswer } from './errors.ts';
import { handlers } from './handlers/index.ts';
import type { ApiAnswer, ApiContext, ApiRequest } from './messages.ts';
import { type Operation, route } from './operations.ts';
import { hashInput } from './pagination.ts';
import { hasPayload, type ParsedInput, parseInput } from './parse.ts';
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
    if (!(error instanceof PackyardError || request.isGone())) {
      const { method, path, requestId } = request;
      context.deps.log.error({ err: error, method, path, requestId }, 'An API request failed.');
    }
    return errorAnswer(error, request.requestId);
  }
}

async function answer({ deps }: ApiContext, request: ApiRequest, operation: Operation): Promise<ApiAnswer> {
  const handler = handlers.get(operation.name);
  if (handler === undefined) throw new Error(`Operation ${operation.name} has no handler.`);
  deps.rateLimits?.call(operation.name, request.caller);
  const { query, headers } = request;
  const body = hasPayload(operation) ? request.stream() : await request.body();
  const input = parseInput(operation, { query, headers, body });
  const facts = { ...request.facts, ...inputFacts(input) };
  const moment = await deps.present.moment();
  for (const access of accessesOf(deps, operation, request.caller, input)) {
    await authorize(deps, moment, request.caller, access, facts);
  }
  const call = {
    deps,
    request,
    operation: operation.name,
    inputHash: isPaged(operation) ? hashInput(request.caller, input) : '',
  };
  return serialize(operation, await handler(call, input), request.requestId);
}

function isPaged({ input }: Operation): boolean {
  return input.some(({ name }) => name === 'nextToken');
}

/** What an input says that conditions of policies may be about. */
function inputFacts(input: ParsedInput): Partial<RequestFacts> {
  const { tags, tagKeys, durationSeconds } = input;
  const pairs = Array.isArray(tags) ? (tags as { readonly key: string; readonly value: string }[]) : [];
  return {
    requestTags: Object.fromEntries(pairs.map(({ key, value }) => [key, value])),
    ...(Array.isArray(tagKeys) && { tagKeys: tagKeys as string[] }),
    ...(typeof durationSeconds === 'number' && { durationSeconds }),
  };
}
