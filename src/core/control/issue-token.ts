import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { PackyardError } from '../errors.ts';
import { isRoot } from '../identity/iam-arns.ts';
import { type DomainName, findDomain } from './find.ts';

/** The longest a token lives, and how long it lives when nothing is asked. Source: AWS user guide, tokens. */
export const maxTokenSeconds = 43_200;
export const minTokenSeconds = 900;

/** How long a token will live that is asked for: neither no duration nor 0, "as long as the session", is a short one. */
export function tokenSeconds({ expiresAt }: Caller, durationSeconds: number | undefined, now: number): number {
  if (durationSeconds !== undefined && durationSeconds !== 0) return durationSeconds;
  if (durationSeconds === undefined || expiresAt === undefined) return maxTokenSeconds;
  return Math.min(maxTokenSeconds, Math.max(0, Math.ceil((expiresAt - now) / 1000)));
}

/**
 * Issues a bearer token for a domain. 0 seconds means "as long as the caller's session"; for a caller with long-term
 * keys that is the longest (reference, section 6; unverified).
 *
 * Throws 404 for the domain, AccessDeniedException for an account's root user, whom AWS gives no token.
 * `durationSeconds` must be 0 or within the bounds above.
 */
export async function issueToken(
  deps: Deps,
  caller: Caller,
  name: DomainName,
  durationSeconds: number,
): Promise<{ token: string; expiresAt: number }> {
  if (isRoot(caller)) {
    throw new PackyardError(
      'AccessDeniedException',
      'The root user of an account cannot get a token. Ask as a user or a role.',
    );
  }
  await findDomain(deps.storage, name);
  const now = deps.clock.now();
  // Whole seconds, so that what the answer says is what the signed token says.
  const expiresAt = (Math.floor(now / 1000) + tokenSeconds(caller, durationSeconds, now)) * 1000;
  const claims = { domainOwner: name.owner, domain: name.domain, region: name.region, caller, expiresAt };
  return { token: await deps.tokens.issue(claims), expiresAt };
}
