import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Caller } from '../core/caller.ts';
import { invalid } from '../core/errors.ts';
import type { Call } from './messages.ts';
import type { ParsedInput } from './parse.ts';

/** AWS documents 50 for three lists and 100 for one; 100 elsewhere is our choice (reference, 1.5 and 6; unverified). */
const defaultPageSizes: Readonly<Record<string, number>> = {
  ListRepositories: 50,
  ListRepositoriesInDomain: 50,
  ListPackageVersions: 50,
};
const defaultPageSize = 100;

/** Where a page of a list begins and how long it may be. */
export interface Page {
  /** The position after which the page begins; undefined for the first page. */
  readonly after: readonly string[] | undefined;
  readonly limit: number;
}

interface PagedInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** What a token is bound to: who asks, and every input but the page's own. A fixed-length text. */
export function hashInput(caller: Pick<Caller, 'account' | 'region'>, input: ParsedInput): string {
  const { maxResults: _size, nextToken: _token, ...bound } = input;
  const fields = Object.entries(bound).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([caller.account, caller.region, fields]))
    .digest('base64url')
    .slice(0, 16);
}

/**
 * The page a list operation is asked for. `positionLength` is how many texts a position of this list consists of.
 *
 * Throws ValidationException for a token that is not one of this operation with these inputs.
 */
export function openPage(call: Call, input: PagedInput, positionLength: number): Page {
  const limit = input.maxResults ?? defaultPageSizes[call.operation] ?? defaultPageSize;
  if (input.nextToken === undefined) return { after: undefined, limit };
  return { after: decodeToken(call, input.nextToken, positionLength), limit };
}

/**
 * Cuts what was found (ask for one more than `page.limit`) to the page, with the token of the next page when there is
 * one. `position` names an item's place in the order.
 */
export function closePage<T>(
  call: Call,
  page: Page,
  found: readonly T[],
  position: (item: T) => readonly string[],
): { items: readonly T[]; nextToken: string | undefined } {
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  if (found.length <= page.limit || last === undefined) return { items, nextToken: undefined };
  return { items, nextToken: encodeToken(call, position(last)) };
}

type TokenScope = Pick<Call, 'operation' | 'inputHash'>;

/** A token of more JSON is compressed: names of 255 characters beyond ASCII make one that the model's 2,000 cannot hold. */
const maxPlainBytes = 1_000;
const maxTokenBytes = 8_000;
/** No JSON begins so. */
const compressedMark = Buffer.of(0);

/** Tokens are opaque to clients: base64url of JSON. */
export function encodeToken({ operation, inputHash }: TokenScope, position: readonly string[]): string {
  const json = Buffer.from(JSON.stringify([operation, inputHash, ...position]));
  const bytes = json.length <= maxPlainBytes ? json : Buffer.concat([compressedMark, deflateRawSync(json)]);
  return bytes.toString('base64url');
}

/** AWS's text for a token it cannot read; a token of another list or with other filters counts as such (unverified). */
export function decodeToken({ operation, inputHash }: TokenScope, token: string, positionLength: number): string[] {
  const [tokenOperation, tokenHash, ...position] = readToken(token);
  if (tokenOperation !== operation || tokenHash !== inputHash || position.length !== positionLength) {
    throw unreadableToken();
  }
  return position;
}

export function unreadableToken() {
  return invalid('Error de-serializing the token.', 'FIELD_VALIDATION_FAILED');
}

function readToken(token: string): string[] {
  if (!/^[A-Za-z0-9_-]+$/.test(token)) throw unreadableToken();
  try {
    const bytes = Buffer.from(token, 'base64url');
    const isCompressed = bytes[0] === compressedMark[0];
    const text = isCompressed ? inflateRawSync(bytes.subarray(1), { maxOutputLength: maxTokenBytes }) : bytes;
    const json: unknown = JSON.parse(text.toString('utf8'));
    if (Array.isArray(json) && json.every((item) => typeof item === 'string')) return json;
  } catch {
    // Neither JSON nor compressed JSON: answered below like any other token that is not ours.
  }
  throw unreadableToken();
}
