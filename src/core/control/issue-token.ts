import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { type DomainName, findDomain } from './find.ts';

/** The longest a token lives, and how long it lives when nothing is asked. Source: AWS user guide, tokens. */
export const maxTokenSeconds = 43_200;
export const minTokenSeconds = 900;

/**
 * Issues a bearer token for a domain. 0 seconds means "as long as the caller's session": callers here have long-term
 * keys, so that is the longest (reference, section 6; unverified).
 *
 * Throws 404 for the domain. `durationSeconds` must be 0 or within the bounds above.
 */
export async function issueToken(
  deps: Deps,
  caller: Caller,
  name: DomainName,
  durationSeconds: number,
): Promise<{ token: string; expiresAt: number }> {
  await findDomain(deps.storage, name);
  const seconds = durationSeconds === 0 ? maxTokenSeconds : durationSeconds;
  // Whole seconds, so that what the answer says is what the signed token says.
  const expiresAt = (Math.floor(deps.clock.now() / 1000) + seconds) * 1000;
  const claims = { domainOwner: name.owner, domain: name.domain, region: name.region, caller, expiresAt };
  return { token: await deps.tokens.issue(claims), expiresAt };
}
