import { join } from 'node:path';

/**
 * A blob's place in a store: `sha256/ab/cd/abcd…`. Throws a TypeError when the key is not a SHA-256 in 64 lower-case
 * hex digits: nothing else may become part of a path.
 */
export function blobPlace(sha256: string): string {
  checkSha256(sha256);
  return `sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}

/** Where a blob lies below the blob folder. */
export function blobPath(folder: string, sha256: string): string {
  return join(folder, blobPlace(sha256));
}

/** Throws a TypeError when `text` is not a blob's key. */
export function checkSha256(text: string): void {
  if (!isSha256(text)) throw new TypeError('A blob key is 64 lower-case hexadecimal digits.');
}

/** Whether `text` is a blob's key. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
