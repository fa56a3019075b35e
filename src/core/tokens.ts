import type { Caller } from './caller.ts';

/** What a bearer token says, once it is known to be genuine. */
export interface TokenClaims {
  readonly domainOwner: string;
  readonly domain: string;
  readonly region: string;
  readonly caller: Caller;
  /** Milliseconds since epoch. */
  readonly expiresAt: number;
}

/** Signed, stateless, expiring bearer tokens for the data plane. */
export interface Tokens {
  issue(claims: TokenClaims): Promise<string>;
  /** The claims of a genuine token that has not expired; undefined for anything else. */
  verify(token: string): Promise<TokenClaims | undefined>;
}
