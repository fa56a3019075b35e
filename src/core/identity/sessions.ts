import type { Identity } from '../caller.ts';
import type { SigningKey } from './directory.ts';

/** What AssumeRole hands out. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Whom a session is for: its access key id is made with it. */
export type SessionIdentity = Omit<Identity, 'accessKeyId'> & { readonly expiresAt: number };

/**
 * Temporary credentials that are kept nowhere: the token says whose they are, signed with the key that is kept with the
 * data, and the secret follows from that key and the token. So every node over the same data knows them.
 */
export interface Sessions {
  issue(identity: SessionIdentity): Promise<SessionCredentials>;
  /**
   * The key of a genuine session, of an ended one too: `caller.expiresAt` is for the caller of this to look at.
   * Undefined for a token that is not one of ours, or not this access key's.
   */
  find(accessKeyId: string, sessionToken: string): Promise<SigningKey | undefined>;
}
