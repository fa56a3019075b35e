import type { Readable } from 'node:stream';
import { PackyardError } from '../core/errors.ts';

/** More than the largest JSON the API's model allows: 200 tags, a policy, 100 versions with their revisions. */
const maxBodyBytes = 1024 * 1024;

/** Reads a small body whole. Throws PayloadTooLargeException while reading, before it is all in memory. */
export async function readBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBodyBytes) {
      throw new PackyardError('PayloadTooLargeException', `The request's body is larger than ${maxBodyBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
