import type { Caller, Identity } from '../caller.ts';
import type { Bound } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';

/** A long-term access key, or that of a session. */
export interface SigningKey {
  readonly secret: string;
  readonly caller: Identity;
}

/** What a caller may do by itself, at this moment, and what policies' conditions may ask of it. */
export interface Standing {
  readonly identity: readonly Policy[];
  readonly bounds: readonly Bound[];
  /** The principal's tags, with those of the session over them. */
  readonly tags: Readonly<Record<string, string>>;
  /** The organization that the account belongs to: `aws:PrincipalOrgID`. */
  readonly organization?: string;
  readonly principalType: 'User' | 'AssumedRole' | 'Account';
}

export interface Role {
  readonly trust: Policy;
  /** 3,600 to 43,200. */
  readonly maxSessionSeconds: number;
}

/** Who there is. Every answer is that of the moment. */
export interface Directory {
  /** Whose long-term key this is; undefined for keys that are nobody's. */
  findKey(accessKeyId: string): SigningKey | undefined;
  /** Undefined when the principal is no longer there: everything is denied then, whatever token it holds. */
  standing(caller: Caller): Standing | undefined;
  findRole(roleArn: string): Role | undefined;
}
