import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { TokenClaims, Tokens } from '../../core/tokens.ts';
import { WeightedCache } from '../../core/weighted-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { SettingQueries } from '../../ports/storage.ts';
import { callerClaims, readCaller } from './caller-claims.ts';
import { algorithm, cacheBytes, issuer, type TokenOrigin } from './signing.ts';
import { type TokenKey, tokenKey } from './token-key.ts';

/** What a domain's token says beside its caller. */
interface DomainClaims {
  readonly dom: string;
  readonly own: string;
  readonly reg: string;
  /** The caller's region, where it is another. */
  readonly crg?: string;
  /** Whether the credentials were verified that it was asked for with. */
  readonly enf?: boolean;
}

/**
 * Tokens as signed JWTs. Where credentials are verified (`isEnforced`), tokens do not count that were issued without:
 * anyone could have got them in any name.
 */
export async function joseTokens(
  settings: SettingQueries,
  ids: Ids,
  clock: Clock,
  { isEnforced }: TokenOrigin = { isEnforced: false },
): Promise<Tokens> {
  const key = await tokenKey(settings, ids);
  const verified = new WeightedCache<TokenClaims>(cacheBytes);
  return {
    async issue({ domainOwner, domain, region, caller, expiresAt }) {
      const claims: DomainClaims = {
        dom: domain,
        own: domainOwner,
        reg: region,
        ...(caller.region !== region && { crg: caller.region }),
        ...(isEnforced && { enf: true }),
      };
      return new SignJWT({ ...claims, ...callerClaims(caller) })
        .setProtectedHeader({ alg: algorithm, kid: key.kid })
        .setIssuer(issuer)
        .setSubject(caller.accessKeyId)
        .setJti(ids.next())
        .setIssuedAt(Math.floor(clock.now() / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key.secret);
    },
    async verify(token) {
      const known = verified.get(token);
      const claims = known ?? (await read(token, key, clock, isEnforced));
      if (claims === undefined || claims.expiresAt <= clock.now()) return undefined;
      if (known === undefined) verified.set(token, claims, token.length);
      return claims;
    },
  };
}

async function read(
  token: string,
  { secret }: TokenKey,
  clock: Clock,
  isEnforced: boolean,
): Promise<TokenClaims | undefined> {
  const currentDate = new Date(clock.now());
  const verification = await jwtVerify(token, secret, { algorithms: [algorithm], issuer, currentDate }).catch(
    () => undefined,
  );
  // A token that is for someone in particular is none for a domain: a session's.
  if (verification === undefined || verification.payload.aud !== undefined) return undefined;
  const { dom, own, reg, crg, enf, exp } = verification.payload as JWTPayload & Partial<DomainClaims>;
  const caller = readCaller(verification.payload);
  if (dom === undefined || own === undefined || reg === undefined || exp === undefined || caller === undefined)
    return undefined;
  if (isEnforced && enf !== true) return undefined;
  return {
    domain: dom,
    domainOwner: own,
    region: reg,
    caller: { ...caller, region: crg ?? reg },
    expiresAt: exp * 1000,
  };
}
