import { type ErrorCode, type PackyardError, shownError } from '../core/errors.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

export interface StsAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What an element holds: text, or elements in order. An element without a value is left out. */
export interface Elements {
  readonly [name: string]: string | Elements | undefined;
}

/** The document of an action that succeeded. */
export function stsResult(action: string, result: Elements, requestId: string): StsAnswer {
  const document = {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: requestId },
  };
  return answer(200, requestId, `${action}Response`, document);
}

/** Codes that STS has another name for. Source: AWS STS API reference, common errors. */
const codes: Partial<Record<ErrorCode, string>> = {
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ValidationException: 'ValidationError',
  InternalServerException: 'InternalFailure',
};

/** STS's document for an error: in the form, in the credentials, or of ours. */
export function stsError(error: unknown, requestId: string): StsAnswer {
  const shown: PackyardError = shownError(error);
  const code = codes[shown.code] ?? shown.code.replace(/Exception$/, '');
  return stsFailure(code, shown.message, requestId, shown.status);
}

export function stsFailure(code: string, message: string, requestId: string, status = 400): StsAnswer {
  const document = {
    Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
    RequestId: requestId,
  };
  return answer(status, requestId, 'ErrorResponse', document);
}

function answer(status: number, requestId: string, root: string, document: Elements): StsAnswer {
  const body = `<${root} xmlns="${namespace}">\n${xml(document, '  ')}</${root}>\n`;
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function xml(elements: Elements, indent: string): string {
  return Object.entries(elements)
    .map(([name, value]) => {
      if (value === undefined) return '';
      const inner = typeof value === 'string' ? escapeXml(value) : `\n${xml(value, `${indent}  `)}${indent}`;
      return `${indent}<${name}>${inner}</${name}>\n`;
    })
    .join('');
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
