import type { Readable } from 'node:stream';
import { invalid } from '../core/errors.ts';
import { isObject, missing, ownMember, type Problems, readJson, readText } from './check.ts';
import { errorFieldNames } from './constraints.ts';
import type { Operation } from './operations.ts';
import type { InputRule } from './rules.ts';

/** The parts of a request that carry input. */
export interface RequestParts {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** All of it, or the stream of an operation whose payload is bytes. */
  readonly body: Buffer | Readable;
}

/** An operation's input, checked: declared members only, each of its type, required ones present. */
export type ParsedInput = Readonly<Record<string, unknown>>;

/**
 * Reads and checks an operation's input. Undeclared members are ignored, as AWS's services do; an empty body counts as
 * an empty object.
 *
 * Throws ValidationException: CANNOT_PARSE for what cannot be read (broken JSON, wrong types, a member given twice),
 * FIELD_VALIDATION_FAILED with every broken constraint in AWS's words.
 */
export function parseInput(operation: Operation, request: RequestParts): ParsedInput {
  const problems: Problems = { unreadable: [], failures: [] };
  const body = Buffer.isBuffer(request.body) && hasBodyMembers(operation) ? parseBody(request.body) : {};
  const members: [string, unknown][] = [];
  for (const member of operation.input) {
    const value = readMember(member, request, body, problems);
    if (value !== undefined) members.push([member.name, value]);
  }
  if (problems.unreadable.length > 0) {
    throw invalid(`The request cannot be read: ${problems.unreadable.join('; ')}.`, 'CANNOT_PARSE');
  }
  if (problems.failures.length > 0) throw validationErrors(problems.failures);
  return Object.fromEntries(members);
}

/** Whether an operation's input travels as JSON in the body. */
function hasBodyMembers({ input }: Operation): boolean {
  return input.some((member) => member.in === 'body');
}

/** Whether an operation's body is bytes to be read as a stream. */
export function hasPayload({ input }: Operation): boolean {
  return input.some((member) => member.in === 'payload');
}

/** AWS's text for broken constraints, one or more, in the singular or the plural. */
export function validationErrors(failures: readonly string[]) {
  const head = failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
  return invalid(`${head} detected: ${failures.join('; ')}`, 'FIELD_VALIDATION_FAILED');
}

function parseBody(body: Buffer): object {
  if (body.length === 0) return {};
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8 text';
    throw invalid(`The request body is not valid JSON: ${why}`, 'CANNOT_PARSE');
  }
  if (!isObject(json)) throw invalid('The request body must be a JSON object.', 'CANNOT_PARSE');
  return json;
}

function readMember(member: InputRule, request: RequestParts, body: object, problems: Problems): unknown {
  const field = errorFieldNames[member.name] ?? member.name;
  if (member.in === 'payload') return request.body;
  if (member.in === 'body') {
    const value = ownMember(body, member.name);
    if (value !== undefined) return readJson(member.rule, value, field, problems);
  } else {
    const values = textValues(member, request);
    if (values.length > 1) {
      // Taking either one would let two readers of the same request see two different resources.
      problems.unreadable.push(`'${member.wire}' is given more than once`);
      return undefined;
    }
    const [text] = values;
    if (text !== undefined) return readText(member.rule, text, field, problems);
  }
  return member.required ? missing(field, problems) : undefined;
}

function textValues(member: InputRule, { query, headers }: RequestParts): readonly string[] {
  if (member.in === 'query') return query.getAll(member.wire);
  const value = headers[member.wire];
  return value === undefined ? [] : [value].flat();
}
