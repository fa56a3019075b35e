import type { RequestParts } from './signed-request.ts';

/**
 * The text that a signature is over, in bytes as they came (one character each). Source: AWS, Signature Version 4,
 * create a canonical request.
 */
export function canonicalRequest(
  { method, path, query, headers }: RequestParts,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const lines = signedHeaders.map((name) => `${name}:${(headers.get(name) ?? []).map(trimmed).join(',')}\n`);
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    lines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** Every service but S3 has the path without `.`, `..` and empty segments, and encodes it once more than it is sent. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const normalized = segments.length === 0 ? '/' : `/${segments.join('/')}${path.endsWith('/') ? '/' : ''}`;
  return Buffer.from(normalized, 'latin1').reduce((text, byte) => {
    const character = String.fromCharCode(byte);
    const isPlain = /[A-Za-z0-9\-_.~/]/.test(character);
    return text + (isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);
  }, '');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, valueOfA], [b, valueOfB]) => compare(a, b) || compare(valueOfA, valueOfB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Encodes what `encodeURIComponent` leaves as it is, too: all but letters, digits and `-_.~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** By code units: encoded texts are ASCII. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** White space is space and tab: other characters here may be bytes of one that takes several. */
function trimmed(value: string): string {
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '');
}
