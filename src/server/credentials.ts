import type { Caller } from '../core/caller.ts';
import { PackyardError } from '../core/errors.ts';
import type { Directory, SigningKey } from '../core/identity/directory.ts';
import { openIdentity } from '../core/identity/open-directory.ts';
import type { Sessions } from '../core/identity/sessions.ts';
import type { Clock } from '../ports/clock.ts';
import { onlyHeader, onlyParameter, partsOf, type SignedRequest } from './sigv4/signed-request.ts';
import { sha256Hex, verifySigV4 } from './sigv4/verify.ts';

export { checkPromisedHash } from './sigv4/verify.ts';

export interface AuthenticatorSettings {
  /** `open`: every key is taken and signatures are not looked at. `enforce`: the directory says which keys there are. */
  readonly auth: 'open' | 'enforce';
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

export interface Authenticated {
  readonly caller: Caller;
  /**
   * The SHA-256 that the request's signature says the body has, while nobody has looked at the body yet: for
   * `checkPromisedHash`, or for whoever reads a body piece by piece. Undefined when there is nothing to check.
   */
  readonly promisedHash: string | undefined;
}

/**
 * Says who sent a request, from its SigV4 signature. `body` is read only when the signature cannot be verified without.
 *
 * Throws Missing-, Incomplete-, InvalidSignature-, UnrecognizedClient-, ExpiredTokenException.
 */
export type Authenticate = (
  request: SignedRequest,
  service: 'codeartifact' | 'sts',
  body: () => Promise<Uint8Array>,
) => Promise<Authenticated>;

export function authenticator(settings: AuthenticatorSettings): Authenticate {
  return settings.auth === 'open' ? openAuthenticator(settings) : enforcingAuthenticator(settings);
}

function enforcingAuthenticator({ directory, sessions, clock }: AuthenticatorSettings): Authenticate {
  const findKey = async (accessKeyId: string, securityToken: string | undefined): Promise<SigningKey> => {
    const key =
      securityToken === undefined
        ? directory.findKey(accessKeyId)
        : await findSession(sessions, clock, accessKeyId, securityToken);
    if (key !== undefined) return key;
    throw new PackyardError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  };
  return async (request, service, body) => {
    const { key, region, promisedHash } = await verifySigV4(request, {
      service,
      now: clock.now(),
      findKey,
      hashPayload: async () => sha256Hex(await body()),
    });
    return { caller: { ...key.caller, region }, promisedHash };
  };
}

function openAuthenticator({ sessions, clock }: AuthenticatorSettings): Authenticate {
  return async (request) => {
    const parts = partsOf(request);
    const { accessKeyId, region } = readScope(onlyHeader(parts, 'authorization'), parts.query);
    const token = onlyHeader(parts, 'x-amz-security-token') ?? onlyParameter(parts, 'X-Amz-Security-Token');
    // Credentials of AWS itself have tokens too: who is no session of ours is the key's own.
    const session = token === undefined ? undefined : await findSession(sessions, clock, accessKeyId, token);
    return { caller: { ...(session?.caller ?? openIdentity(accessKeyId)), region }, promisedHash: undefined };
  };
}

async function findSession(
  sessions: Sessions,
  clock: Clock,
  accessKeyId: string,
  token: string,
): Promise<SigningKey | undefined> {
  const key = await sessions.find(accessKeyId, token);
  const expiresAt = key?.caller.expiresAt;
  if (expiresAt === undefined || expiresAt > clock.now()) return key;
  throw new PackyardError('ExpiredTokenException', 'The security token included in the request is expired');
}

const scopeShape = /^([A-Za-z0-9_-]{1,128})\/(\d{8})\/([a-z0-9-]{1,30})\/([a-z0-9-]+)\/aws4_request$/;

/**
 * Key and region of a credential scope, in a header or a presigned query.
 *
 * Throws MissingAuthenticationTokenException without credentials, IncompleteSignatureException for malformed ones.
 */
function readScope(authorization: string | undefined, query: URLSearchParams) {
  const scope = query.get('X-Amz-Credential') ?? headerScope(authorization);
  const [, accessKeyId, , region] = scopeShape.exec(scope) ?? [];
  if (accessKeyId !== undefined && region !== undefined) return { accessKeyId, region };
  throw new PackyardError(
    'IncompleteSignatureException',
    `The credential scope '${scope}' is not of the form KEY/DATE/REGION/SERVICE/aws4_request. Sign the request with SigV4.`,
  );
}

function headerScope(authorization: string | undefined): string {
  if (authorization === undefined) {
    throw new PackyardError(
      'MissingAuthenticationTokenException',
      'Missing Authentication Token. Sign the request with SigV4, as every AWS client does; any access key is taken.',
    );
  }
  if (!authorization.startsWith('AWS4-HMAC-SHA256')) {
    throw new PackyardError(
      'IncompleteSignatureException',
      'The Authorization header is not one of SigV4 (AWS4-HMAC-SHA256). Tokens are for package managers, not for the API.',
    );
  }
  return /^AWS4-HMAC-SHA256\s.*?Credential=([^,\s]+)/.exec(authorization)?.[1] ?? '';
}

/**
 * The token of a data-plane request: `Bearer TOKEN`, the password of `Basic` with any user name, or the bare token
 * (cargo sends no scheme). Undefined when there is none.
 */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const [, scheme, value] = /^(?:(Bearer|Basic)\s+)?(\S+)\s*$/i.exec(authorization) ?? [];
  if (value === undefined || scheme?.toLowerCase() !== 'basic') return value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : pair.slice(colon + 1);
}
