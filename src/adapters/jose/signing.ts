export const algorithm = 'HS256';
export const issuer = 'packyard';
/** For what is known of tokens that were verified: some ten thousand of usual length. */
export const cacheBytes = 8 * 1024 * 1024;

export interface TokenOrigin {
  /** Whether credentials are verified before anything is issued, and only what was issued so is taken. */
  readonly isEnforced: boolean;
}
