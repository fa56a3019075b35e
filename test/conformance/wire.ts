import type { Operation } from '../../src/api/operations.ts';
import { account, region } from '../support/user.ts';
import type { RecordedAnswer } from './recorded.ts';

/** A request as it goes over the wire; tests spoil it there, where no client of AWS would. */
export interface WireRequest {
  readonly query: URLSearchParams;
  readonly headers: Record<string, string>;
  /** The JSON body; undefined for an operation without. */
  json: unknown;
  /** The body, where it is bytes or no JSON. */
  bytes: string | undefined;
}

/** Puts an input's members where the operation has them. */
export function wireRequest({ input }: Operation, members: Readonly<Record<string, unknown>>): WireRequest {
  const request: WireRequest = { query: new URLSearchParams(), headers: {}, json: undefined, bytes: undefined };
  const body: Record<string, unknown> = {};
  for (const member of input) {
    if (member.in === 'body') request.json = body;
    const value = members[member.name];
    if (value === undefined) continue;
    if (member.in === 'query') request.query.append(member.wire, String(value));
    else if (member.in === 'header') request.headers[member.wire] = String(value);
    else if (member.in === 'payload') request.bytes = String(value);
    else body[member.name] = value;
  }
  return request;
}

const scope = `Credential=${account}/20260101/${region}/codeartifact/aws4_request`;
const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=00`;

/** Sends a request under a signature that is well formed, and nobody's. */
export async function sendWire(
  serverUrl: string,
  { name, method, path }: Operation,
  { query, headers, json, bytes }: WireRequest,
): Promise<RecordedAnswer> {
  const body = bytes ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(`${serverUrl}${path}?${query}`, {
    method,
    headers: { ...headers, authorization },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { operation: name, status: response.status, headers: Object.fromEntries(response.headers), text };
}
