import type { AssetHashes } from '../../ports/storage.ts';

export type ChecksumAlgorithm = keyof AssetHashes;

/** Hexadecimal digits of each algorithm. Its name with a dot before it is the suffix of a checksum's file. */
const hexLengths: ReadonlyMap<ChecksumAlgorithm, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha512', 128],
]);

export const checksumAlgorithms: readonly ChecksumAlgorithm[] = [...hexLengths.keys()];

/** Longer than any body that tools write: a sum, a file name and a line's end. */
export const maxChecksumBytes = 4096;

/** Parts a file name from the suffix of a checksum; undefined when it has none. */
export function splitChecksum(
  fileName: string,
): { readonly of: string; readonly algorithm: ChecksumAlgorithm } | undefined {
  for (const algorithm of hexLengths.keys()) {
    const suffix = `.${algorithm}`;
    if (fileName.endsWith(suffix)) return { of: fileName.slice(0, -suffix.length), algorithm };
  }
  return undefined;
}

/**
 * The sum in a checksum's body: its first word, as it is written. Some tools append a line's end, some the file's name.
 * Undefined when the body is too long or its first word is no sum of this algorithm.
 */
export function parseChecksum(body: Uint8Array, algorithm: ChecksumAlgorithm): string | undefined {
  if (body.length > maxChecksumBytes) return undefined;
  const [word = ''] = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    .toString('latin1')
    .trim()
    .split(/\s/, 1);
  return word.length === hexLengths.get(algorithm) && /^[0-9a-f]*$/i.test(word) ? word : undefined;
}

/**
 * Whether an uploaded checksum is that of the stored bytes. AWS compares letters as they are, so that an upper-case sum
 * is a wrong one: user guide, "Maven checksums".
 */
export function matchesChecksum(body: Uint8Array, algorithm: ChecksumAlgorithm, hashes: AssetHashes): boolean {
  return parseChecksum(body, algorithm) === hashes[algorithm];
}

/** The body of a checksum's file: bare lower-case digits, as Maven writes them. */
export function formatChecksum(hashes: AssetHashes, algorithm: ChecksumAlgorithm): string {
  return hashes[algorithm];
}
