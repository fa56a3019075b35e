import type { Caller } from '../core/caller.ts';
import { PackyardError } from '../core/errors.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
const version = '2011-06-15';

export interface StsAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Answers an STS request of the query protocol, given as a form body. GetCallerIdentity is the one action there is:
 * Terraform and many scripts begin with it. Every other action gets STS's error document with status 400.
 */
export function sts(body: string, caller: Caller, requestId: string): StsAnswer {
  const form = new URLSearchParams(body);
  const action = form.get('Action');
  if (action === null) return failure('MissingAction', 'The request has no Action.', requestId);
  if (action !== 'GetCallerIdentity' || form.get('Version') !== version) {
    const asked = `${action} for version ${form.get('Version') ?? 'none'}`;
    return failure('InvalidAction', `Could not find operation ${asked}`, requestId);
  }
  return answer(
    200,
    requestId,
    `<GetCallerIdentityResponse xmlns="${namespace}">\n  <GetCallerIdentityResult>\n` +
      `    <Arn>${escapeXml(caller.principal)}</Arn>\n` +
      `    <UserId>${escapeXml(caller.accessKeyId)}</UserId>\n` +
      `    <Account>${escapeXml(caller.account)}</Account>\n  </GetCallerIdentityResult>\n` +
      `  <ResponseMetadata>\n    <RequestId>${escapeXml(requestId)}</RequestId>\n  </ResponseMetadata>\n` +
      '</GetCallerIdentityResponse>\n',
  );
}

/** STS's document for an error: in the form, in the credentials, or of ours. */
export function stsError(error: unknown, requestId: string): StsAnswer {
  if (error instanceof PackyardError)
    return failure(error.code.replace(/Exception$/, ''), error.message, requestId, error.status);
  return failure('InternalFailure', 'The service failed to answer this request. See its log.', requestId, 500);
}

function failure(code: string, message: string, requestId: string, status = 400): StsAnswer {
  return answer(
    status,
    requestId,
    `<ErrorResponse xmlns="${namespace}">\n  <Error>\n    <Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>\n    <Code>${code}</Code>\n` +
      `    <Message>${escapeXml(message)}</Message>\n  </Error>\n` +
      `  <RequestId>${escapeXml(requestId)}</RequestId>\n</ErrorResponse>\n`,
  );
}

function answer(status: number, requestId: string, body: string): StsAnswer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 cannot hold at all become the replacement character. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
