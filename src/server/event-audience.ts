import type { FastifyRequest } from 'fastify';
import { domainArn } from '../core/arns.ts';
import { type Access, authorize, isDenied } from '../core/authorize.ts';
import type { Caller } from '../core/caller.ts';
import type { Deps } from '../core/deps.ts';
import { PackyardError } from '../core/errors.ts';
import type { EventDomain } from '../core/events/read-events.ts';
import { type Authenticate, bearerToken } from './credentials.ts';
import type { AudienceOf } from './events.ts';
import { factsOf } from './request-facts.ts';
import { signedParts } from './signed-parts.ts';

/** Not one of AWS's, whose events go to a bus; a policy that allows `*` allows it. */
const action = 'packyard:ReadEvents';

/** Who listens, as the credentials said when the answer began. */
interface Listener {
  readonly caller: Caller;
  readonly access: Access;
  /** The one whose events they are; absent where they are all of the caller's account. */
  readonly domain?: EventDomain;
  /** Milliseconds since epoch. */
  readonly expiresAt: number;
}

/**
 * Whose events a request may read: those of its token's domain, or, signed as for the API, those of its account. Whether
 * it still may is decided anew each time; a signature is looked at once, for it is good for minutes only.
 */
export function eventAudience(deps: Deps, authenticate: Authenticate): AudienceOf {
  const listeners = new WeakMap<FastifyRequest, Listener>();
  return async (request) => {
    const listener = listeners.get(request) ?? (await listenerOf(deps, authenticate, request));
    listeners.set(request, listener);
    if (listener.expiresAt <= deps.clock.now()) throw unauthorized();
    const facts = factsOf(request.raw);
    const { caller, access, domain } = listener;
    await authorize(deps, await deps.present.moment(), caller, access, facts);
    if (domain !== undefined) return { domain };
    return {
      account: caller.account,
      mayHearOf: async (domain) =>
        !(await isDenied(deps, await deps.present.moment(), caller, accessTo(domain), facts)),
    };
  };
}

async function listenerOf(deps: Deps, authenticate: Authenticate, request: FastifyRequest): Promise<Listener> {
  const { authorization } = request.headers;
  if (authorization?.startsWith('AWS4-') === true || request.url.includes('X-Amz-Signature=')) {
    const { caller } = await authenticate(signedParts(request.raw), 'codeartifact', async () => Buffer.alloc(0));
    return {
      caller,
      access: { action, resource: '*', owner: caller.account },
      expiresAt: caller.expiresAt ?? Number.POSITIVE_INFINITY,
    };
  }
  const token = bearerToken(authorization);
  const claims = token === undefined ? undefined : await deps.tokens.verify(token);
  if (claims === undefined) throw unauthorized();
  const { caller, domain: name, domainOwner: owner, region, expiresAt } = claims;
  const domain = { owner, region, name };
  return { caller, access: accessTo(domain), domain, expiresAt };
}

function accessTo({ owner, region, name }: EventDomain): Access {
  const arn = domainArn({ region, owner, domain: name });
  return { action, resource: arn, owner, domain: name, tagged: arn };
}

function unauthorized(): PackyardError {
  return new PackyardError(
    'UnauthorizedException',
    "A domain's token is needed, or a request signed as for the API. Get one with: aws codeartifact get-authorization-token.",
  );
}
