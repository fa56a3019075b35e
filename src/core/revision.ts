import { createHash } from 'node:crypto';

/**
 * A version's revision: 44 base64 characters, a hash over the metadata document and the assets' names and SHA-256.
 * Equal content has equal revisions wherever it is.
 */
export function revisionOf(
  metadata: string,
  assets: readonly { readonly name: string; readonly hashes: { readonly sha256: string } }[],
): string {
  const hash = createHash('sha256').update(metadata);
  const lines = assets.map(({ name, hashes }) => `\n${hashes.sha256} ${name}`);
  for (const line of lines.sort()) hash.update(line);
  return hash.digest('base64');
}
