import type { IncomingMessage } from 'node:http';
import { invalid, PackyardError } from '../core/errors.ts';
import { readAll } from '../core/read-all.ts';

/** More than the largest JSON the API's model allows: 200 tags, a policy, 100 versions with their revisions. */
const maxBodyBytes = 1024 * 1024;

/** Reads an API request's body. Throws PayloadTooLargeException while reading, before it is all in memory. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    throw invalid(`The Content-Encoding '${coding}' is not supported; send the body as it is.`, 'CANNOT_PARSE');
  }
  const message = `The request's body is larger than ${maxBodyBytes} bytes.`;
  return readAll(request, maxBodyBytes, () => new PackyardError('PayloadTooLargeException', message));
}
