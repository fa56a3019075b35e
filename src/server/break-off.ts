import type { ServerResponse } from 'node:http';
import type { Ports } from '../core/core-ports.ts';

/**
 * Ends an answer that cannot be finished, so that nobody takes a part for the whole.
 *
 * @param url redacted
 */
export function breakOff({ log }: Pick<Ports, 'log'>, response: ServerResponse, url: string, error: unknown): void {
  response.destroy();
  if (!isDisconnect(error)) log.warn({ err: error, url }, 'answer broken off');
}

/** Whether an error says that the client has gone. */
function isDisconnect(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return (
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code === 'ERR_STREAM_DESTROYED' ||
    code === 'ERR_STREAM_UNABLE_TO_PIPE' ||
    code === 'ECONNRESET' ||
    code === 'EPIPE'
  );
}
