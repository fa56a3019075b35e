import { createHmac } from 'node:crypto';

/**
 * The signature of what is sent to a webhook: `sha256=` and the HMAC-SHA256, in lower-case hex, of the timestamp, a dot
 * and the body. The timestamp is signed too, so that a receiver can refuse what someone recorded and sends again.
 */
export function signature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
