/** Who asks, as far as the credentials say. Plain JSON: it travels inside tokens. */
export interface Caller {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** ARN of the principal: a user, an account's root, or a role's session. */
  readonly principal: string;
  /** IAM's unique id, as `aws:userid` and GetCallerIdentity have it: `core/identity/user-id.ts`. */
  readonly userId: string;
  /** The role whose session this is. */
  readonly roleArn?: string;
  readonly sessionName?: string;
  /** Tags that the session was given. A user's and a role's own tags are the directory's to say. */
  readonly tags: Readonly<Record<string, string>>;
  /** JSON text of the policy that limits the session. */
  readonly sessionPolicy?: string;
  /** When the session ends, in milliseconds since epoch; long-term keys have no end. */
  readonly expiresAt?: number;
}

/** A caller as its credentials say it; the region is chosen with each request. */
export type Identity = Omit<Caller, 'region'>;
