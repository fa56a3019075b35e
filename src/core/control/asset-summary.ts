import type { Asset } from '../../ports/storage.ts';

/** An asset as answers tell of it, its size in bytes. Source: AWS API reference, AssetSummary. */
export function assetSummary({ name, size, hashes }: Asset) {
  return {
    name,
    size,
    hashes: { MD5: hashes.md5, 'SHA-1': hashes.sha1, 'SHA-256': hashes.sha256, 'SHA-512': hashes.sha512 },
  };
}
