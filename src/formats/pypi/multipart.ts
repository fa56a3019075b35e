import { ByteWriter } from '../../core/byte-writer.ts';
import { invalid, PackyardError } from '../../core/errors.ts';
import { notAForm, parseBoundary, parsePartHeader } from './part-header.ts';

export interface MultipartLimits {
  readonly maxBodyBytes: number;
  readonly maxFields: number;
  /** Of all fields together, with their names. */
  readonly maxFieldBytes: number;
}

/** Where a file's bytes go. The reader waits for each write, and never changes a chunk it has given. */
export interface FileSink {
  write(chunk: Uint8Array): Promise<void>;
}

/** Takes a file in; `before` has the fields that came before it, each with its values. */
type OnFile = (field: string, fileName: string, before: ReadonlyMap<string, readonly string[]>) => Promise<FileSink>;

/** A part's own headers: a few lines. */
const maxPartHeaderBytes = 16 * 1024;
/** White space between a boundary and the end of its line, which transports may add. */
const maxPaddingBytes = 256;

/**
 * Reads a `multipart/form-data` body and gives its fields, each with its values in their order. The bytes of each file
 * go to `onFile(field, fileName)` while they arrive, in whatever order files and fields come; all else is held in
 * memory, bounded by the limits. A part is a file when it has a file name, which is given as it was sent.
 * Source: RFC 7578 and RFC 2046, section 5.1.
 *
 * An own reader, because busboy and its descendants pass over parts that they cannot read without a word, and tell of
 * errors by events of several streams, between which a request can be left waiting.
 *
 * @throws ValidationException for a body that is no such form, is cut off, or has more or larger fields than the limits
 *   allow; PayloadTooLargeException over `maxBodyBytes`. What was written to a sink until then is to be thrown away.
 *   The body is not destroyed then, because destroying a request would cut the connection before the answer: it stays
 *   the caller's to drain or destroy. Errors of the body, of `onFile` and of the sinks come through as they are.
 */
export async function readMultipart(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  limits: MultipartLimits,
  onFile: OnFile,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const form = new FormReader(parseBoundary(contentType), limits, onFile);
  let bodyBytes = 0;
  // Not `for await`: that would destroy the body on an error.
  const chunks = body[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    bodyBytes += next.value.length;
    if (bodyBytes > limits.maxBodyBytes) {
      const message = `The body has more than ${limits.maxBodyBytes} bytes, the limit of an upload. Upload a smaller file.`;
      throw new PackyardError('PayloadTooLargeException', message);
    }
    await form.read(next.value);
  }
  return form.finish();
}

class FormReader {
  readonly #limits: MultipartLimits;
  readonly #onFile: OnFile;
  readonly #delimiter: Buffer;
  readonly #fields = new Map<string, string[]>();
  #fieldCount = 0;
  #fieldBytes = 0;
  /** What comes next; in the preamble, before the first boundary, and in a part's body everything up to a boundary. */
  #state: 'preamble' | 'boundary' | 'header' | 'body' | 'end' = 'preamble';
  /** What has come and not been read. As if a line ended before the body, so that the first boundary is like the others. */
  #rest: Buffer = Buffer.from('\r\n');
  #field: { readonly name: string; readonly value: ByteWriter } | undefined;
  #file: FileSink | undefined;

  constructor(boundary: string, limits: MultipartLimits, onFile: OnFile) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#limits = limits;
    this.#onFile = onFile;
  }

  async read(chunk: Uint8Array): Promise<void> {
    // What follows the last boundary means nothing.
    if (this.#state === 'end') return;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (await this.#step());
  }

  finish(): ReadonlyMap<string, readonly string[]> {
    if (this.#state !== 'end') throw notAForm('it is cut off before its last boundary');
    return this.#fields;
  }

  /** Reads on as far as it can within one state. Returns whether there may be more to read in what has come. */
  async #step(): Promise<boolean> {
    switch (this.#state) {
      case 'preamble':
      case 'body':
        return this.#readContent();
      case 'boundary':
        return this.#readBoundaryEnd();
      case 'header':
        return this.#readHeader();
      case 'end':
        this.#rest = Buffer.alloc(0);
        return false;
    }
  }

  async #readContent(): Promise<boolean> {
    const found = this.#rest.indexOf(this.#delimiter);
    const end = found === -1 ? this.#possibleDelimiter() : found;
    await this.#take(this.#rest.subarray(0, end));
    this.#rest = this.#rest.subarray(found === -1 ? end : end + this.#delimiter.length);
    if (found === -1) return false;
    this.#endPart();
    this.#state = 'boundary';
    return true;
  }

  /** Where a delimiter may begin whose end has not come yet; the end of what has come when there is none. */
  #possibleDelimiter(): number {
    const rest = this.#rest;
    let at = rest.indexOf('\r', Math.max(0, rest.length - this.#delimiter.length + 1));
    while (at !== -1 && !this.#delimiter.subarray(0, rest.length - at).equals(rest.subarray(at))) {
      at = rest.indexOf('\r', at + 1);
    }
    return at === -1 ? rest.length : at;
  }

  #readBoundaryEnd(): boolean {
    const text = this.#rest.toString('latin1', 0, maxPaddingBytes);
    const end = /^(?:--|[ \t]*\r\n)/.exec(text)?.[0];
    if (end === undefined) {
      if (/^(?:-?|[ \t]*\r?)$/.test(text) && text.length < maxPaddingBytes) return false;
      throw notAForm('its boundary stands within a part');
    }
    this.#state = end === '--' ? 'end' : 'header';
    this.#rest = this.#rest.subarray(end.length);
    return true;
  }

  async #readHeader(): Promise<boolean> {
    const end = this.#rest.subarray(0, maxPartHeaderBytes).indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.#rest.length < maxPartHeaderBytes) return false;
      throw notAForm(`a part has headers of more than ${maxPartHeaderBytes} bytes`);
    }
    const { name, fileName } = parsePartHeader(this.#rest.toString('utf8', 0, end));
    this.#rest = this.#rest.subarray(end + 4);
    this.#state = 'body';
    if (fileName !== undefined) {
      this.#file = await this.#onFile(name, fileName, this.#fields);
      return true;
    }
    this.#fieldCount += 1;
    if (this.#fieldCount > this.#limits.maxFields) {
      throw invalid(`The form has more than ${this.#limits.maxFields} fields.`);
    }
    this.#field = { name, value: new ByteWriter() };
    this.#countFieldBytes(name.length);
    return true;
  }

  #countFieldBytes(count: number): void {
    this.#fieldBytes += count;
    if (this.#fieldBytes > this.#limits.maxFieldBytes) {
      throw invalid(`The form's fields have more than ${this.#limits.maxFieldBytes} bytes together.`);
    }
  }

  async #take(content: Buffer): Promise<void> {
    if (content.length === 0) return;
    await this.#file?.write(content);
    if (this.#field === undefined) return;
    this.#countFieldBytes(content.length);
    this.#field.value.write(content);
  }

  #endPart(): void {
    this.#file = undefined;
    if (this.#field === undefined) return;
    const { name, value } = this.#field;
    this.#field = undefined;
    // PostgreSQL's text has no NUL.
    const text = value.toBuffer().toString('utf8').replaceAll('\0', '');
    const before = this.#fields.get(name);
    if (before === undefined) this.#fields.set(name, [text]);
    else before.push(text);
  }
}
