import { invalid, type PackyardError } from '../../core/errors.ts';

/** What a part's headers say of it. */
export interface PartHeader {
  readonly name: string;
  /** As it was sent, path and all; undefined for a field. */
  readonly fileName: string | undefined;
}

const parameter = /;[ \t]*([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"\\]+))[ \t]*/y;

/**
 * Reads the headers of a form's part. Only its Content-Disposition counts; values are UTF-8 whatever its Content-Type
 * says. What follows a backslash in a quoted text stays behind it, so that a path of Windows is seen to be one.
 * Source: RFC 7578, section 4.2; RFC 8187 for `filename*`, which some clients send though RFC 7578 forbids it.
 *
 * @throws ValidationException for headers that are none, name no part, or encode the part's bytes.
 */
export function parsePartHeader(header: string): PartHeader {
  const headers = new Map<string, string>();
  for (const line of header.split('\r\n')) {
    const [, name, value = ''] = /^([!-9;-~]+):[ \t]*([^\r\n]*)$/.exec(line) ?? [];
    if (name === undefined) throw notAForm(`a part has the header ${shown(line)}`);
    headers.set(name.toLowerCase(), value.trimEnd());
  }
  // Deprecated by RFC 7578, section 4.7; a part that uses it is not what its bytes are.
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  if (!['7bit', '8bit', 'binary'].includes(encoding)) {
    throw notAForm(`a part has the Content-Transfer-Encoding ${shown(encoding)}`);
  }
  const parameters = parseDisposition(headers.get('content-disposition') ?? '');
  const name = parameters.get('name*') ?? parameters.get('name');
  if (name === undefined) throw notAForm('a part has no name');
  return { name, fileName: parameters.get('filename*') ?? parameters.get('filename') };
}

/** The boundary of a `multipart/form-data` body. @throws ValidationException for another type, or one without. */
export function parseBoundary(contentType: string): string {
  if (!/^multipart\/form-data[ \t]*;/i.test(contentType)) throw notAForm('its Content-Type is another one');
  const boundary = parseParameters(contentType, contentType.indexOf(';'))?.get('boundary');
  // RFC 2046, section 5.1.1.
  if (boundary !== undefined && /^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary)) return boundary;
  throw notAForm('its Content-Type has no valid boundary');
}

/** The refusal of a body that cannot be read. */
export function notAForm(why: string): PackyardError {
  return invalid(`The body is not a whole multipart/form-data form: ${why}. Upload again.`, 'CANNOT_PARSE');
}

/** A text of the sender's in a message: quoted, and never long. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function parseDisposition(value: string): Map<string, string> {
  const parameters = /^form-data[ \t]*(?:;|$)/i.test(value) ? parseParameters(value, value.indexOf(';')) : undefined;
  if (parameters === undefined) throw notAForm(`a part has the Content-Disposition ${shown(value)}`);
  return parameters;
}

/** The parameters from the first `;` on; undefined when something else stands there, or one stands twice. */
function parseParameters(text: string, from: number): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  let at = from === -1 ? text.length : from;
  while (at < text.length && !/^;[ \t]*$/.test(text.slice(at))) {
    parameter.lastIndex = at;
    const [whole, key = '', quoted, bare = ''] = parameter.exec(text) ?? [];
    const name = key.toLowerCase();
    const value = name.endsWith('*') ? decodeExtended(bare) : (quoted ?? bare);
    if (whole === undefined || value === undefined || parameters.has(name)) return undefined;
    parameters.set(name, value);
    at += whole.length;
  }
  return parameters;
}

function decodeExtended(value: string): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
