import { shownError } from '../core/errors.ts';
import type { ApiAnswer } from './messages.ts';

/**
 * The answer for an error: AWS's status, `x-amzn-ErrorType` and body. What is no PackyardError shows with a neutral
 * text; whoever catches it logs it.
 */
export function errorAnswer(error: unknown, requestId: string): ApiAnswer & { readonly body: string } {
  const { code, status, message, reason, resourceId, resourceType, retryAfterSeconds } = shownError(error);
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': code,
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify({ message, reason, resourceId, resourceType }),
  };
}
