import { parse } from 'ssri';

/** The digests of one algorithm in an `integrity` text (Subresource Integrity), as lower-case hex. */
export function hexDigests(integrity: string, algorithm: 'sha256' | 'sha512'): string[] {
  const hashes = parse(integrity) as Partial<Record<string, { readonly digest: string }[]>> | null;
  return (hashes?.[algorithm] ?? []).map(({ digest }) => Buffer.from(digest, 'base64').toString('hex'));
}
