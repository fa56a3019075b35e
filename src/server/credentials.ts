import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../core/caller.ts';
import { PackyardError } from '../core/errors.ts';

const scopeShape = /^([A-Za-z0-9_-]{1,128})\/(\d{8})\/([a-z0-9-]{1,30})\/([a-z0-9-]+)\/aws4_request$/;

/** The account of a caller whose access key id is none. */
const defaultAccount = '000000000000';

/**
 * Who sent a control-plane request, from the credential scope of its SigV4 signature (header or presigned query). An
 * access key id of 12 digits is the account; the region is the scope's. The signature itself is not verified: every
 * key is taken.
 *
 * Throws MissingAuthenticationTokenException without credentials, IncompleteSignatureException for malformed ones.
 */
export function callerOf(headers: IncomingHttpHeaders, query: URLSearchParams): Caller {
  const scope = query.get('X-Amz-Credential') ?? headerScope(headers.authorization);
  const [, accessKeyId, , region] = scopeShape.exec(scope) ?? [];
  if (accessKeyId === undefined || region === undefined) {
    throw new PackyardError(
      'IncompleteSignatureException',
      `The credential scope '${scope}' is not of the form KEY/DATE/REGION/SERVICE/aws4_request. Sign the request with SigV4.`,
    );
  }
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaultAccount;
  return { account, region, accessKeyId, principal: `arn:aws:iam::${account}:user/${accessKeyId}` };
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
