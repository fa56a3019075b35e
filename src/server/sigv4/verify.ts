import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { amzTime } from './amz-time.ts';
import { canonicalRequest } from './canonical-request.ts';
import { algorithm, readSignature, type Signature } from './read-signature.ts';
import { partsOf, type RequestParts, type SignedRequest, wrong } from './signed-request.ts';

/** How far a request's clock may be from ours. Source: AWS's texts of it. */
const skewMs = 300_000;

export interface VerifySettings<Key extends { readonly secret: string }> {
  /** What the credential has to be scoped to: `codeartifact`, `sts`. */
  readonly service: string;
  /** Milliseconds since epoch. */
  readonly now: number;
  /** The key that a request says it is signed with. Throws when there is none. */
  findKey(accessKeyId: string, securityToken: string | undefined): Promise<Key>;
  /** Hashes the body, in hexadecimal digits. Not asked for when a signed header has the hash. */
  hashPayload(): Promise<string>;
}

export interface Verified<Key> {
  readonly key: Key;
  readonly region: string;
  /** What the body's SHA-256 has to be, when that is still to be checked: the request said it, and it was signed. */
  readonly promisedHash: string | undefined;
}

/**
 * Verifies the SigV4 signature of a request, in its header or presigned. An exact repetition within the time that a
 * signature is good for is taken, as AWS takes it.
 *
 * Throws with AWS's code and text: MissingAuthenticationToken-, IncompleteSignature-, InvalidSignatureException, and
 * what `findKey` throws.
 */
export async function verifySigV4<Key extends { readonly secret: string }>(
  request: SignedRequest,
  settings: VerifySettings<Key>,
): Promise<Verified<Key>> {
  const parts = partsOf(request);
  const signature = readSignature(parts);
  checkScope(signature, settings.service);
  checkSignedHeaders(parts, signature);
  checkTime(signature, settings.now);
  checkPayloadHash(signature.payloadHash);
  const key = await settings.findKey(signature.accessKeyId, signature.securityToken);
  const payloadHash = signature.payloadHash ?? (await settings.hashPayload());
  const canonical = canonicalRequest(parts, signature.signedHeaders, payloadHash);
  if (!isEqual(signature.signature, expectedSignature(signature, key.secret, canonical))) {
    throw wrong(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
        'Key and signing method. Consult the service documentation for details.',
    );
  }
  return { key, region: signature.region, promisedHash: signature.payloadHash };
}

function checkScope({ scopeDate, region, service, time }: Signature, expected: string): void {
  if (!/^[a-z0-9-]{1,30}$/.test(region)) throw wrong('Credential should be scoped to a valid region.');
  if (service !== expected) throw wrong(`Credential should be scoped to correct service: '${expected}'.`);
  const date = time.text.slice(0, 8);
  if (scopeDate === date) return;
  throw wrong(
    'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
      `'${scopeDate}' != '${date}', from '${time.text}'.`,
  );
}

function checkSignedHeaders({ headers }: RequestParts, { signedHeaders }: Signature): void {
  if (!signedHeaders.includes('host')) {
    throw wrong("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  for (const name of headers.keys()) {
    if (!name.startsWith('x-amz-') || signedHeaders.includes(name)) continue;
    throw wrong(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
}

function checkTime({ time, expiresSeconds }: Signature, now: number): void {
  const lifeMs = expiresSeconds === undefined ? skewMs : expiresSeconds * 1000;
  // AWS compares whole seconds.
  const current = Math.floor(now / 1000) * 1000;
  const expired = `${time.text} is now earlier than ${amzTime(current - lifeMs).text} (${amzTime(current).text} - ${span(lifeMs)})`;
  if (time.ms < current - lifeMs) throw wrong(`Signature expired: ${expired}`);
  if (time.ms <= current + skewMs) return;
  const early = `${time.text} is still later than ${amzTime(current + skewMs).text} (${amzTime(current).text} + ${span(skewMs)})`;
  throw wrong(`Signature not yet current: ${early}`);
}

function span(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min.` : `${ms / 1000} sec.`;
}

/** Bodies signed in chunks and bodies that are not signed are other services'. */
function checkPayloadHash(hash: string | undefined): void {
  if (hash === undefined || /^[0-9a-f]{64}$/.test(hash)) return;
  throw wrong(`'${hash}' in x-amz-content-sha256 is not supported. Send the body whole, with its SHA-256.`);
}

function expectedSignature(
  { time, scope, scopeDate, region, service }: Signature,
  secret: string,
  canonical: string,
): Buffer {
  const hash = createHash('sha256').update(canonical, 'latin1').digest('hex');
  const scoped = [scopeDate, region, service, 'aws4_request'];
  const signingKey = scoped.reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`);
  return hmac(signingKey, [algorithm, time.text, scope, hash].join('\n'));
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** In a time that tells nothing of where they differ. */
function isEqual(given: string, expected: Buffer): boolean {
  return /^[0-9a-f]{64}$/.test(given) && timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

/** Refuses a body that is not the one whose hash was signed. */
export function checkPromisedHash(promisedHash: string | undefined, body: Uint8Array): void {
  if (promisedHash === undefined || promisedHash === sha256Hex(body)) return;
  throw wrong(
    'The provided x-amz-content-sha256 is not the SHA-256 of the body that was received. Send the body that was signed.',
  );
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
