import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import type { UpstreamResponse } from '../ports/upstream.ts';
import { readAll } from './read-all.ts';

const inflate = promisify(gunzip);

/** Up to here, inflating takes less time than handing it to another thread. */
const smallGzipBytes = 32 * 1024;

/**
 * Reads a registry's listing whole, without its gzip. Throws what `tooLarge` makes when it has more than `maxBytes`, and
 * zlib's error for what says it is gzip and is not.
 */
export async function readListing(
  { body, headers, discard }: UpstreamResponse,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Buffer> {
  const bytes = await readAll(body, maxBytes, tooLarge).finally(discard);
  if (headers['content-encoding'] !== 'gzip') return bytes;
  try {
    const options = {
      maxOutputLength: maxBytes,
      chunkSize: Math.max(16 * 1024, Math.min(4 * bytes.length, 1024 * 1024)),
    };
    return bytes.length <= smallGzipBytes ? gunzipSync(bytes, options) : await inflate(bytes, options);
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : error;
  }
}
