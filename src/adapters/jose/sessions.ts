import { createHmac } from 'node:crypto';
import { compactVerify, type JWTPayload, SignJWT } from 'jose';
import { base32 } from '../../core/identity/base32.ts';
import type { SigningKey } from '../../core/identity/directory.ts';
import type { Sessions } from '../../core/identity/sessions.ts';
import { WeightedCache } from '../../core/weighted-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { SettingQueries } from '../../ports/storage.ts';
import { callerClaims, readCaller } from './caller-claims.ts';
import { algorithm, cacheBytes, issuer, type TokenOrigin } from './signing.ts';
import { type TokenKey, tokenKey } from './token-key.ts';

/** Whom session tokens are for; tokens for domains have no such claim, so neither passes for the other. */
const audience = 'sts';

/**
 * Sessions as signed JWTs, under the same key as the tokens for domains. Where credentials are verified (`isEnforced`),
 * sessions do not count that were opened without.
 */
export async function joseSessions(
  settings: SettingQueries,
  ids: Ids,
  clock: Clock,
  { isEnforced }: TokenOrigin = { isEnforced: false },
): Promise<Sessions> {
  const key = await tokenKey(settings, ids);
  const found = new WeightedCache<SigningKey>(cacheBytes);
  return {
    async issue(identity) {
      const accessKeyId = `ASIA${base32(ids.bytes(10))}`;
      const sessionToken = await new SignJWT({ ...callerClaims(identity), ...(isEnforced && { enf: true }) })
        .setProtectedHeader({ alg: algorithm, kid: key.kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(accessKeyId)
        .setIssuedAt(Math.floor(clock.now() / 1000))
        .sign(key.secret);
      return { accessKeyId, secretAccessKey: secretOf(key, accessKeyId, sessionToken), sessionToken };
    },
    async find(accessKeyId, sessionToken) {
      const name = `${accessKeyId} ${sessionToken}`;
      const known = found.get(name);
      if (known !== undefined) return known;
      const payload = await genuine(sessionToken, key);
      if (payload === undefined || payload.sub !== accessKeyId || (isEnforced && payload['enf'] !== true))
        return undefined;
      const caller = readCaller(payload);
      if (caller?.expiresAt === undefined) return undefined;
      const signingKey = { secret: secretOf(key, accessKeyId, sessionToken), caller };
      found.set(name, signingKey, name.length);
      return signingKey;
    },
  };
}

/** What a session token says, when it is one of ours; whether it has ended is not looked at. */
async function genuine(token: string, { secret }: TokenKey): Promise<JWTPayload | undefined> {
  const verification = await compactVerify(token, secret, { algorithms: [algorithm] }).catch(() => undefined);
  if (verification === undefined) return undefined;
  const payload = JSON.parse(Buffer.from(verification.payload).toString('utf8')) as JWTPayload;
  return payload.iss === issuer && payload.aud === audience ? payload : undefined;
}

/** 40 characters, as AWS's have. A signed token begins with `ey`, so this is never the signature of one. */
function secretOf({ secret }: TokenKey, accessKeyId: string, sessionToken: string): string {
  const name = `session secret\n${accessKeyId}\n${sessionToken}`;
  return createHmac('sha256', secret).update(name).digest().subarray(0, 30).toString('base64');
}
