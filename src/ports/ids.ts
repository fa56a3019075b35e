/** The one source of identifiers and of other chance (salts, request ids). */
export interface Ids {
  /** A new identifier: 26 characters of Crockford base 32 that sort by creation time. */
  next(): string;
  /** A random UUID (version 4), for request ids and key ids that AWS shows as UUIDs. */
  uuid(): string;
  /** `length` random bytes, fit for keys. */
  bytes(length: number): Uint8Array;
}
