import { PackyardError } from '../../core/errors.ts';
import { type AmzTime, parseAmzTime, parseHttpTime } from './amz-time.ts';
import { incomplete, onlyHeader, onlyParameter, type RequestParts } from './signed-request.ts';

export const algorithm = 'AWS4-HMAC-SHA256';

/** What a request says of its signature, in its `Authorization` header or, presigned, in its query. */
export interface Signature {
  readonly accessKeyId: string;
  /** `DATE/REGION/SERVICE/aws4_request`. */
  readonly scope: string;
  /** `YYYYMMDD`. */
  readonly scopeDate: string;
  readonly region: string;
  readonly service: string;
  readonly time: AmzTime;
  /** Lower-case names, sorted. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly securityToken: string | undefined;
  /** What the payload's hash is said to be: 64 hexadecimal digits, or one of SigV4's words. */
  readonly payloadHash: string | undefined;
  /** How long a presigned request may be used; undefined for one that is signed in its header. */
  readonly expiresSeconds: number | undefined;
}

const maxExpiresSeconds = 604_800;
/** For a presigned request that does not say. */
const defaultExpiresSeconds = 300;

/**
 * Reads a request's signature. Throws MissingAuthenticationTokenException without one, and
 * IncompleteSignatureException when a part is missing or malformed; the texts are AWS's where it is known to have one.
 */
export function readSignature(request: RequestParts): Signature {
  const authorization = onlyHeader(request, 'authorization');
  const isPresigned = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature'].some((name) =>
    request.query.has(name),
  );
  if (isPresigned && authorization !== undefined) {
    throw incomplete('The request is signed in its Authorization header and in its query; sign it in one place.');
  }
  if (isPresigned) return fromQuery(request);
  if (authorization === undefined) {
    throw new PackyardError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  return fromHeader(request, authorization);
}

function fromHeader(request: RequestParts, authorization: string): Signature {
  const space = authorization.indexOf(' ');
  const given = space === -1 ? authorization : authorization.slice(0, space);
  if (given !== algorithm) throw unsupported(given);
  const fields = headerFields(authorization.slice(algorithm.length));
  const date = onlyHeader(request, 'x-amz-date');
  const httpDate = onlyHeader(request, 'date');
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !fields.has(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (date === undefined && httpDate === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0) throw incomplete(missing.join(' '));
  return {
    ...readCredential(fields.get('Credential') ?? ''),
    time: date === undefined ? readHttpTime(httpDate ?? '') : readTime(date),
    signedHeaders: readSignedHeaders(fields.get('SignedHeaders') ?? ''),
    signature: fields.get('Signature') ?? '',
    securityToken: onlyHeader(request, 'x-amz-security-token'),
    payloadHash: onlyHeader(request, 'x-amz-content-sha256'),
    expiresSeconds: undefined,
  };
}

/** `Credential=…, SignedHeaders=…, Signature=…`, in any order. */
function headerFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of text.split(',').map((part) => part.trim())) {
    const equals = field.indexOf('=');
    if (equals === -1) {
      throw incomplete(`'${field}' not a valid key=value pair (missing equal-sign) in Authorization header.`);
    }
    const name = field.slice(0, equals);
    if (fields.has(name)) throw incomplete(`Authorization header has '${name}' more than once.`);
    fields.set(name, field.slice(equals + 1));
  }
  return fields;
}

function fromQuery(request: RequestParts): Signature {
  const needed = ['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date'].map((name) => `X-Amz-${name}`);
  const [given, credential, signature, signedHeaders, date] = needed.map((name) => onlyParameter(request, name));
  const missing = needed.filter((name) => !request.query.has(name));
  if (missing.length > 0) {
    const sentences = missing.map((name) => `AWS query-string parameters must include '${name}'.`);
    throw incomplete(`${sentences.join(' ')} Re-examine the query-string parameters.`);
  }
  if (given !== algorithm) throw unsupported(given ?? '');
  return {
    ...readCredential(credential ?? ''),
    time: readTime(date ?? ''),
    signedHeaders: readSignedHeaders(signedHeaders ?? ''),
    signature: signature ?? '',
    securityToken: onlyParameter(request, 'X-Amz-Security-Token'),
    payloadHash: onlyHeader(request, 'x-amz-content-sha256') ?? onlyParameter(request, 'X-Amz-Content-Sha256'),
    expiresSeconds: readExpires(onlyParameter(request, 'X-Amz-Expires')),
  };
}

function unsupported(given: string): PackyardError {
  return incomplete(`Unsupported AWS 'algorithm': '${given}'. Sign with ${algorithm}.`);
}

function readCredential(credential: string) {
  const [accessKeyId, scopeDate, region, service, terminator, ...others] = credential.split('/');
  const isComplete = accessKeyId !== undefined && scopeDate !== undefined && region !== undefined;
  if (!isComplete || service === undefined || terminator === undefined || others.length > 0) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  if (terminator !== 'aws4_request') {
    throw incomplete(`Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`);
  }
  return { accessKeyId, scopeDate, region, service, scope: `${scopeDate}/${region}/${service}/${terminator}` };
}

function readSignedHeaders(text: string): readonly string[] {
  return [...new Set(text.toLowerCase().split(';'))].filter((name) => name !== '').sort();
}

function readTime(text: string): AmzTime {
  const time = parseAmzTime(text);
  if (time !== undefined) return time;
  throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`);
}

function readHttpTime(text: string): AmzTime {
  return parseHttpTime(text) ?? readTime(text);
}

function readExpires(text: string | undefined): number {
  if (text === undefined) return defaultExpiresSeconds;
  if (!/^\d{1,9}$/.test(text)) throw incomplete('X-Amz-Expires should be a number of seconds, and not negative.');
  const seconds = Number(text);
  if (seconds <= maxExpiresSeconds) return seconds;
  throw incomplete(
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ' +
      `${maxExpiresSeconds} seconds`,
  );
}
