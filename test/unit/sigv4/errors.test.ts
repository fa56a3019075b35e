import { describe, expect, it } from 'vitest';
import type { PackyardError } from '../../../src/core/errors.ts';
import type { SignedRequest } from '../../../src/server/sigv4/signed-request.ts';
import { checkPromisedHash, sha256Hex, verifySigV4 } from '../../../src/server/sigv4/verify.ts';
import { type Signing, sign, type Unsigned, withHeader } from '../../support/sign.ts';

const now = Date.UTC(2026, 0, 1, 0, 10, 0, 750);
const credentials = { accessKeyId: 'AKIAALICE0000000000', secretAccessKey: 'alices/secret+key' };
const minutes = (count: number) => count * 60_000;

const signed = (unsigned: Unsigned = {}, signing: Partial<Signing> = {}) =>
  sign(unsigned, { credentials, at: now, ...signing });

/** `ok`, or status, code and text of the refusal. */
async function verify(request: SignedRequest, body = '', service = 'codeartifact'): Promise<string> {
  try {
    const verified = await verifySigV4(request, {
      service,
      now,
      findKey: async () => ({ secret: credentials.secretAccessKey }),
      hashPayload: async () => sha256Hex(Buffer.from(body)),
    });
    checkPromisedHash(verified.promisedHash, Buffer.from(body));
    return 'ok';
  } catch (error) {
    const { status, code, message } = error as PackyardError;
    return `${status} ${code}: ${message}`;
  }
}

const mismatch =
  '403 InvalidSignatureException: The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

describe('a signature in the Authorization header', () => {
  it('is good for the request it was made for', async () => {
    expect(await verify(await signed({ query: { domain: 'acme' } }))).toBe('ok');
    expect(await verify(await signed({ method: 'POST', body: '{}' }), '{}')).toBe('ok');
  });

  it('is good for an exact repetition, as with AWS', async () => {
    const request = await signed();
    expect([await verify(request), await verify(request)]).toEqual(['ok', 'ok']);
  });

  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ['method', (request) => ({ ...request, method: 'DELETE' })],
    ['path', (request) => ({ ...request, path: '/v1/repository' })],
    ['query', (request) => ({ ...request, query: 'domain=other' })],
    ['query that has one more', (request) => ({ ...request, query: `${request.query}&domain=other` })],
    ['host', (request) => withHeader(request, 'host', 'other.example')],
    ['signed header', (request) => withHeader(request, 'x-amz-thing', 'b')],
    ['region', (request) => withHeader(request, 'authorization', (old) => old.replace('eu-west-1', 'eu-west-2'))],
    ['signature', (request) => withHeader(request, 'authorization', (old) => old.replace(/.{4}$/, '0000'))],
    ['signature that is none', (request) => withHeader(request, 'authorization', (old) => old.replace(/.{4}$/, ''))],
    ['list of signed headers', (request) => withHeader(request, 'authorization', (old) => old.replace('accept;', ''))],
    ['time', (request) => withHeader(request, 'x-amz-date', '20260101T001001Z')],
  ])('is not good for another %s', async (_what, change) => {
    const request = await signed({ query: { domain: 'acme' }, headers: { 'x-amz-thing': 'a', accept: '*/*' } });
    expect(await verify(request)).toBe('ok');
    expect(await verify(change(request))).toBe(mismatch);
  });

  it('is not good with another secret', async () => {
    const request = await signed({}, { credentials: { ...credentials, secretAccessKey: 'guessed' } });
    expect(await verify(request)).toBe(mismatch);
  });

  it('takes white space in header values as one space, and several values as one list', async () => {
    const request = await signed({ headers: { 'x-amz-thing': 'a b,c' } });
    expect(await verify(withHeader(request, 'x-amz-thing', '  a \t  b,c '))).toBe('ok');
    const twice = withHeader(request, 'x-amz-thing');
    expect(
      await verify({ ...twice, rawHeaders: [...twice.rawHeaders, 'X-Amz-Thing', 'a b', 'x-amz-thing', 'c'] }),
    ).toBe('ok');
  });

  it('takes the time from a Date header too', async () => {
    const request = withHeader(await signed(), 'x-amz-date');
    expect(await verify(withHeader(request, 'date', 'Thu, 01 Jan 2026 00:10:00 GMT'))).toBe(mismatch);
    expect(await verify(withHeader(request, 'date', 'Thu, 01 Jan 2026 00:00:00 GMT'))).toContain('Signature expired');
    expect(await verify(withHeader(request, 'date', 'yesterday'))).toContain(
      "400 IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got 'yesterday'.",
    );
  });

  it.each<[string, number, string]>([
    ['five minutes old', -minutes(5), 'ok'],
    ['five minutes ahead', minutes(5), 'ok'],
    [
      'older',
      -minutes(10),
      '403 InvalidSignatureException: Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z ' +
        '(20260101T001000Z - 5 min.)',
    ],
    [
      'further ahead',
      minutes(6),
      '403 InvalidSignatureException: Signature not yet current: 20260101T001600Z is still later than ' +
        '20260101T001500Z (20260101T001000Z + 5 min.)',
    ],
  ])('when %s', async (_when, offset, expected) => {
    expect(await verify(await signed({}, { at: now + offset }))).toBe(expected);
  });

  it.each<[string, (request: SignedRequest) => SignedRequest, string]>([
    [
      'nothing',
      (request) => withHeader(request, 'authorization'),
      '403 MissingAuthenticationTokenException: Missing Authentication Token',
    ],
    [
      'another scheme',
      (request) => withHeader(request, 'authorization', 'Bearer token'),
      "400 IncompleteSignatureException: Unsupported AWS 'algorithm': 'Bearer'. Sign with AWS4-HMAC-SHA256.",
    ],
    [
      'the algorithm alone',
      (request) => withHeader(request, 'authorization', 'AWS4-HMAC-SHA256'),
      "400 IncompleteSignatureException: '' not a valid key=value pair (missing equal-sign) in Authorization header.",
    ],
    [
      'no parts and no date',
      (request) => withHeader(withHeader(request, 'authorization', 'AWS4-HMAC-SHA256 a=b'), 'x-amz-date'),
      "400 IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header " +
        "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header " +
        "requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ],
    [
      'a part twice',
      (request) => withHeader(request, 'authorization', (old) => `${old}, Signature=00`),
      "400 IncompleteSignatureException: Authorization header has 'Signature' more than once.",
    ],
    [
      'the header twice',
      (request) => ({ ...request, rawHeaders: [...request.rawHeaders, 'Authorization', 'AWS4-HMAC-SHA256 a=b'] }),
      "400 IncompleteSignatureException: The header 'authorization' is there 2 times; send it once.",
    ],
    [
      'a short credential',
      (request) => withHeader(request, 'authorization', (old) => old.replace('/aws4_request', '')),
      '400 IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. ' +
        "keyid/date/region/service/term, got 'AKIAALICE0000000000/20260101/eu-west-1/codeartifact'",
    ],
    [
      'another terminator',
      (request) => withHeader(request, 'authorization', (old) => old.replace('aws4_request', 'aws5')),
      "400 IncompleteSignatureException: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
    ],
    [
      'a date of the scope that is not the request’s',
      (request) => withHeader(request, 'authorization', (old) => old.replace('20260101', '20251231')),
      '403 InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date ' +
        "from HTTP: '20251231' != '20260101', from '20260101T001000Z'.",
    ],
    [
      'an impossible date',
      (request) => withHeader(request, 'x-amz-date', '20260231T000000Z'),
      "400 IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '20260231T000000Z'. See " +
        'http://en.wikipedia.org/wiki/ISO_8601',
    ],
    [
      'no region',
      (request) => withHeader(request, 'authorization', (old) => old.replace('eu-west-1', '')),
      '403 InvalidSignatureException: Credential should be scoped to a valid region.',
    ],
    [
      'a host that is not signed',
      (request) => withHeader(request, 'authorization', (old) => old.replace(/host;?/, '')),
      "403 InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'an AWS header that is not signed',
      (request) => withHeader(request, 'X-Amz-Added', 'on the way'),
      "403 InvalidSignatureException: 'x-amz-added' must be a 'SignedHeader' in the AWS Authorization.",
    ],
  ])('is refused with %s', async (_what, change, expected) => {
    expect(await verify(change(await signed()))).toBe(expected);
  });

  it('is for one service', async () => {
    const wrongService = "403 InvalidSignatureException: Credential should be scoped to correct service: 'sts'.";
    expect(await verify(await signed({}, { service: 'codeartifact' }), '', 'sts')).toBe(wrongService);
    expect(await verify(await signed({}, { service: 'sts' }), '', 'sts')).toBe('ok');
  });
});

describe('the body', () => {
  it('has to be the one whose hash was signed', async () => {
    const request = await signed({ method: 'POST', body: '{}' });
    expect(request.rawHeaders).toContain('x-amz-content-sha256');
    expect(await verify(request, '{"a":1}')).toBe(
      '403 InvalidSignatureException: The provided x-amz-content-sha256 is not the SHA-256 of the body that was ' +
        'received. Send the body that was signed.',
    );
  });

  it('is not read to verify a request that says its hash, so that a long one can be streamed', async () => {
    const verified = await verifySigV4(await signed({ method: 'POST', body: 'long' }), {
      service: 'codeartifact',
      now,
      findKey: async () => ({ secret: credentials.secretAccessKey }),
      hashPayload: async () => expect.fail('the body was read'),
    });
    expect(verified).toMatchObject({ region: 'eu-west-1', promisedHash: sha256Hex(Buffer.from('long')) });
  });

  it.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', ''])(
    'may not go unsigned or in signed chunks: %j',
    async (hash) => {
      expect(await verify(await signed({ method: 'POST', headers: { 'x-amz-content-sha256': hash } }))).toBe(
        `403 InvalidSignatureException: '${hash}' in x-amz-content-sha256 is not supported. Send the body whole, with ` +
          'its SHA-256.',
      );
    },
  );
});

describe('a presigned address', () => {
  const presigned = (at = now, expiresIn = 60) => signed({ query: { domain: 'acme' } }, { at, expiresIn });

  it('is good until it expires', async () => {
    expect(await verify(await presigned())).toBe('ok');
    expect(await verify(await presigned(now - 60_000))).toBe('ok');
    expect(await verify(await presigned(now - 61_000))).toBe(
      '403 InvalidSignatureException: Signature expired: 20260101T000859Z is now earlier than 20260101T000900Z ' +
        '(20260101T001000Z - 1 min.)',
    );
    expect(await verify(await presigned(now - minutes(60), 604_800))).toBe('ok');
  });

  it.each<[string, (query: string) => string, string]>([
    ['another query', (query) => query.replace('acme', 'other'), mismatch],
    ['another expiry', (query) => query.replace('Expires=60', 'Expires=600'), mismatch],
    [
      'an expiry beyond a week',
      (query) => query.replace('Expires=60', 'Expires=604801'),
      '400 IncompleteSignatureException: X-Amz-Expires must be less than a week (in seconds); that is, the given ' +
        'X-Amz-Expires must be less than 604800 seconds',
    ],
    [
      'a negative expiry',
      (query) => query.replace('Expires=60', 'Expires=-1'),
      '400 IncompleteSignatureException: X-Amz-Expires should be a number of seconds, and not negative.',
    ],
    [
      'missing parts',
      (query) => query.replace(/X-Amz-(Signature|Date)=[^&]*/g, ''),
      "400 IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string " +
        "parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ],
    [
      'a part twice',
      (query) => `${query}&X-Amz-Expires=9`,
      "400 IncompleteSignatureException: The parameter 'X-Amz-Expires' is there 2 times; send it once.",
    ],
    [
      'another algorithm',
      (query) => query.replace('HMAC', 'ECDSA'),
      "400 IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-ECDSA-SHA256'. Sign with AWS4-HMAC-SHA256.",
    ],
  ])('is not good with %s', async (_what, change, expected) => {
    const request = await presigned();
    expect(await verify({ ...request, query: change(request.query) })).toBe(expected);
  });

  it('is not good for a body that was not signed with it', async () => {
    expect(await verify(await presigned(), 'a body')).toBe(mismatch);
  });

  it('is not signed a second time in its header', async () => {
    const request = withHeader(await presigned(), 'authorization', 'AWS4-HMAC-SHA256 a=b');
    expect(await verify(request)).toContain(
      '400 IncompleteSignatureException: The request is signed in its Authorization',
    );
  });
});
