import type { IncomingMessage } from 'node:http';
import { splitUrl } from './location.ts';
import type { SignedRequest } from './sigv4/signed-request.ts';

/** What a SigV4 signature is over, of a request as it came in. */
export function signedParts({ method = 'GET', url = '/', rawHeaders }: IncomingMessage): SignedRequest {
  return { method, ...splitUrl(url), rawHeaders };
}
