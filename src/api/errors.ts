import { PackyardError } from '../core/errors.ts';
import type { ApiAnswer } from './messages.ts';

/**
 * The answer for an error: AWS's status, `x-amzn-ErrorType` and body. Anything that is not a PackyardError is a fault
 * of ours and shows as InternalServerException with a neutral text; whoever catches it logs it.
 */
export function errorAnswer(error: unknown, requestId: string): ApiAnswer {
  const shown =
    error instanceof PackyardError
      ? error
      : new PackyardError('InternalServerException', 'The service failed to answer this request. See its log.');
  const { code, status, message, reason, resourceId, resourceType } = shown;
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': code },
    body: JSON.stringify({ message, reason, resourceId, resourceType }),
  };
}
