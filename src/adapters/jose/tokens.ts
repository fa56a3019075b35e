import { jwtVerify, SignJWT } from 'jose';
import type { Caller } from '../../core/caller.ts';
import type { TokenClaims, Tokens } from '../../core/tokens.ts';
import { WeightedCache } from '../../core/weighted-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { SettingQueries } from '../../ports/storage.ts';

const algorithm = 'HS256';
const issuer = 'packyard';
const settingName = 'token-key';

/**
 * Tokens as signed JWTs. The key is made at first use and kept with the data, so that tokens survive a restart and
 * every node over the same data takes them.
 */
export async function joseTokens(settings: SettingQueries, ids: Ids, clock: Clock): Promise<Tokens> {
  const kept = (await settings.find(settingName)) ?? (await settings.insert(settingName, newKey(ids)));
  const { kid, secret } = JSON.parse(kept) as { kid: string; secret: string };
  const key = Buffer.from(secret, 'base64url');
  const verified = new WeightedCache<TokenClaims>(10_000);
  return {
    async issue({ domainOwner, domain, region, caller, expiresAt }) {
      return new SignJWT({ dom: domain, own: domainOwner, reg: region, acc: caller.account, arn: caller.principal })
        .setProtectedHeader({ alg: algorithm, kid })
        .setIssuer(issuer)
        .setSubject(caller.accessKeyId)
        .setJti(ids.next())
        .setIssuedAt(Math.floor(clock.now() / 1000))
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key);
    },
    async verify(token) {
      const known = verified.get(token);
      const claims = known ?? (await read(token, key, clock));
      if (claims === undefined || claims.expiresAt <= clock.now()) return undefined;
      if (known === undefined) verified.set(token, claims);
      return claims;
    },
  };
}

function newKey(ids: Ids): string {
  return JSON.stringify({ kid: ids.next(), secret: Buffer.from(ids.bytes(32)).toString('base64url') });
}

async function read(token: string, key: Uint8Array, clock: Clock): Promise<TokenClaims | undefined> {
  const currentDate = new Date(clock.now());
  const verification = await jwtVerify(token, key, { algorithms: [algorithm], issuer, currentDate }).catch(
    () => undefined,
  );
  if (verification === undefined) return undefined;
  const { dom, own, reg, acc, arn, sub, exp } = verification.payload as Record<string, string> & { exp: number };
  if (dom === undefined || own === undefined || reg === undefined || acc === undefined || arn === undefined)
    return undefined;
  const caller: Caller = { account: acc, region: reg, accessKeyId: sub ?? '', principal: arn };
  return { domain: dom, domainOwner: own, region: reg, caller, expiresAt: exp * 1000 };
}
