import type { ApiAnswer, SendBytes } from './messages.ts';
import { structures } from './operations.generated.ts';
import type { Operation } from './operations.ts';
import type { MemberShape, Shape } from './shapes.ts';

/** The value of a payload member: bytes of a known size. */
export interface Payload {
  readonly send: SendBytes;
  readonly size: number;
  /** Instead of the status that the operation declares. */
  readonly status?: number;
  /** Beside those of the output's members; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Writes an operation's answer by its output shape: declared members only, in their places. Dates become epoch seconds
 * with a fraction of milliseconds; undefined and null are left out; an output without members has no body.
 */
export function serialize(operation: Operation, output: object, requestId: string): ApiAnswer {
  const headers: Record<string, string> = { 'x-amzn-requestid': requestId };
  const members: MemberShape[] = [];
  let payload: Payload | undefined;
  for (const member of operation.output) {
    const value: unknown = Reflect.get(output, member.name);
    if (member.in === 'body') members.push(member);
    else if (member.in === 'payload') payload = isPayload(value) ? value : undefined;
    else if (value !== undefined && value !== null) headers[member.wire.toLowerCase()] = headerText(String(value));
  }
  if (payload !== undefined) {
    headers['content-type'] = 'application/octet-stream';
    headers['content-length'] = String(payload.size);
    return {
      status: payload.status ?? operation.status,
      headers: { ...headers, ...payload.headers },
      body: payload.send,
    };
  }
  headers['content-type'] = 'application/json';
  const body = members.length === 0 ? undefined : JSON.stringify(writeMembers(members, output));
  return { status: operation.status, headers, body };
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && 'send' in value && typeof value.send === 'function';
}

/** HTTP/1.1 header values are bytes: text beyond Latin-1 travels as its UTF-8 bytes (unverified for AWS). */
function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function writeMembers(members: readonly MemberShape[], value: object): object {
  const written = members.map(({ name, type }) => [name, write(type, Reflect.get(value, name))]);
  return Object.fromEntries(written);
}

function write(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (shape === 'timestamp') return value instanceof Date ? value.getTime() / 1000 : undefined;
  if (typeof shape === 'string') return value;
  if ('list' in shape) return Array.isArray(value) ? value.map((item) => write(shape.list, item)) : undefined;
  if (typeof value !== 'object') return undefined;
  if ('map' in shape) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, write(shape.map, item)]));
  }
  return writeMembers(structures[shape.structure] ?? [], value);
}
