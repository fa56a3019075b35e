import type { JWTPayload } from 'jose';
import type { Identity } from '../../core/caller.ts';
import { userIdOf } from '../../core/identity/user-id.ts';

/** A caller as a token's claims; what follows from others and what is empty is left out. `sub` is the access key id. */
interface CallerClaims {
  readonly acc: string;
  readonly arn: string;
  /** Only where it is not the one that follows from the ARN. */
  readonly uid?: string;
  readonly rol?: string;
  readonly ses?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly pol?: string;
  /** The end of the caller's session, in milliseconds. */
  readonly end?: number;
}

export function callerClaims(caller: Omit<Identity, 'accessKeyId'>): JWTPayload & CallerClaims {
  const { account, principal, userId, roleArn, sessionName, tags, sessionPolicy, expiresAt } = caller;
  return {
    acc: account,
    arn: principal,
    ...(userId !== userIdOf(caller) && { uid: userId }),
    ...(roleArn !== undefined && { rol: roleArn }),
    ...(sessionName !== undefined && { ses: sessionName }),
    ...(JSON.stringify(tags) !== '{}' && { tag: tags }),
    ...(sessionPolicy !== undefined && { pol: sessionPolicy }),
    ...(expiresAt !== undefined && { end: expiresAt }),
  };
}

/** The caller of a payload whose signature holds; undefined when it names none. */
export function readCaller(payload: JWTPayload): Identity | undefined {
  const { acc, arn, uid, rol, ses, tag, pol, end } = payload as JWTPayload & Partial<CallerClaims>;
  if (acc === undefined || arn === undefined) return undefined;
  const named = {
    account: acc,
    principal: arn,
    ...(rol !== undefined && { roleArn: rol }),
    ...(ses !== undefined && { sessionName: ses }),
  };
  return {
    ...named,
    accessKeyId: payload.sub ?? '',
    userId: uid ?? userIdOf(named),
    tags: tag ?? {},
    ...(pol !== undefined && { sessionPolicy: pol }),
    ...(end !== undefined && { expiresAt: end }),
  };
}
