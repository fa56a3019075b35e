import { join } from 'node:path';

/**
 * Where a blob lies below the blob folder: `sha256/ab/cd/abcd…`. Throws when the key is not a SHA-256 in 64
 * lower-case hex digits: nothing else may become part of a path.
 */
export function blobPath(folder: string, sha256: string): string {
  if (!isSha256(sha256)) throw new TypeError('A blob key is 64 lower-case hexadecimal digits.');
  return join(folder, 'sha256', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

/** Whether `text` is a blob's key. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
