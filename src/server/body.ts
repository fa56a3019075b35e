import type { Readable } from 'node:stream';
import { PackyardError } from '../core/errors.ts';
import { readAll } from '../core/read-all.ts';

/** More than the largest JSON the API's model allows: 200 tags, a policy, 100 versions with their revisions. */
const maxBodyBytes = 1024 * 1024;

/** Reads an API request's body. Throws PayloadTooLargeException while reading, before it is all in memory. */
export function readBody(body: Readable): Promise<Buffer> {
  const message = `The request's body is larger than ${maxBodyBytes} bytes.`;
  return readAll(body, maxBodyBytes, () => new PackyardError('PayloadTooLargeException', message));
}
