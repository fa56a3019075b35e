import type { IncomingMessage } from 'node:http';

const drainMs = 5_000;
const drainBytes = 64 * 1024 * 1024;

/**
 * Reads on what is left of an upload that is refused, within limits: a client that is still sending when the
 * connection closes sees a broken pipe instead of the answer.
 */
export async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.method === 'GET' || request.method === 'HEAD') return;
  let bytes = 0;
  // Who gave up reading in the middle leaves a listener behind, which keeps the request from flowing.
  request.removeAllListeners('readable');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, drainMs);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > drainBytes) resolve();
    });
    for (const event of ['end', 'close', 'error']) request.once(event, () => resolve());
    request.resume();
    request.once('close', () => clearTimeout(timer));
  });
}
