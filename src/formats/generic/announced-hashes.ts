import type { IncomingHttpHeaders } from 'node:http';
import { invalid } from '../../core/errors.ts';
import type { AssetHashes } from '../../ports/storage.ts';

type Algorithm = keyof AssetHashes;

/** What headers call the algorithms, in lower case. Source: IANA, "Hash Algorithms for HTTP Digest Fields". */
const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
  ['sha', 'sha1'],
  ['md5', 'md5'],
]);

const hexLength: Readonly<Record<Algorithm, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/**
 * What a request's headers say its body hashes to, in lower-case hex: `x-amz-content-sha256` (hex, as for the API),
 * `Repr-Digest` and `Content-Digest` (RFC 9530), `Digest` (RFC 3230), `Content-MD5` (RFC 1864). Algorithms that are not
 * known are ignored.
 *
 * Throws ValidationException for a header that cannot be read, and for two that contradict each other: a check that
 * was asked for is never left out in silence.
 */
export function announcedHashes(headers: IncomingHttpHeaders): Partial<AssetHashes> {
  const found: Partial<Record<Algorithm, string>> = {};
  const take = (header: string, algorithm: Algorithm, hex: string) => {
    if (hex.length !== hexLength[algorithm]) throw unreadable(header);
    if ((found[algorithm] ?? hex) !== hex) throw invalid(`The headers announce two different hashes (${header}).`);
    found[algorithm] = hex;
  };
  const text = (header: string) => [headers[header] ?? []].flat().join(',').trim();

  const sha256 = text('x-amz-content-sha256').toLowerCase();
  if (sha256 !== '') {
    if (!/^[0-9a-f]+$/.test(sha256)) throw unreadable('x-amz-content-sha256');
    take('x-amz-content-sha256', 'sha256', sha256);
  }
  for (const header of ['repr-digest', 'content-digest', 'digest']) {
    for (const entry of text(header).split(',')) {
      if (entry.trim() === '') continue;
      const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
      const algorithm = algorithms.get(name.toLowerCase());
      if (name === '') throw unreadable(header);
      if (algorithm === undefined) continue;
      // A byte sequence of a structured field stands between colons: RFC 8941, 3.3.5.
      const base64 = header === 'digest' ? value : /^:(.*):$/.exec(value)?.[1];
      take(header, algorithm, hexOf(header, base64));
    }
  }
  const md5 = text('content-md5');
  if (md5 !== '') take('content-md5', 'md5', hexOf('content-md5', md5));
  return found;
}

function hexOf(header: string, base64: string | undefined): string {
  if (base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw unreadable(header);
  return Buffer.from(base64, 'base64').toString('hex');
}

function unreadable(header: string) {
  return invalid(
    `The header ${header} is not a hash that can be checked: x-amz-content-sha256 is 64 hexadecimal digits, ` +
      'Digest is sha-256=BASE64, Repr-Digest is sha-256=:BASE64:, Content-MD5 is BASE64. Leave it out to send unchecked.',
    'FIELD_VALIDATION_FAILED',
  );
}
