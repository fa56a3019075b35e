import type { Hash } from 'node:crypto';
import type { ByteRange } from '../../ports/blobs.ts';
import type { StagedFile } from '../files/staged-file.ts';

/** Reads a part of a staged file into memory; `hash`, if given, gets it piece by piece, which holds up nobody else. */
export async function readPart(file: StagedFile, { start, end }: ByteRange, hash?: Hash): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start + 1);
  let filled = 0;
  for await (const chunk of file.read({ start, end })) {
    filled += (chunk as Buffer).copy(bytes, filled);
    hash?.update(chunk as Buffer);
  }
  return bytes;
}

/**
 * For a command's `build` step: signs the request for a payload with this SHA-256. A server refuses a body that has
 * another (Signature Version 4, `x-amz-content-sha256`), so bytes cannot change on the way; that is why no further
 * checksum is sent.
 */
export function payloadHash(sha256: string) {
  return <Request extends { request: unknown }, Answer>(next: (request: Request) => Answer) =>
    (args: Request): Answer => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amz-content-sha256'] = sha256;
      return next(args);
    };
}
