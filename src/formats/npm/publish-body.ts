import { isUtf8 } from 'node:buffer';
import { invalid, PackyardError } from '../../core/errors.ts';

export interface PublishBodyLimits {
  readonly maxBodyBytes: number;
  /** Of what is left when the tarballs are taken out: manifest, readme, tags. */
  readonly maxEnvelopeBytes: number;
  readonly maxDepth: number;
}

/** Where an attachment's decoded bytes go. The reader waits for each write, and never changes a chunk it has given. */
export interface AttachmentSink {
  write(chunk: Uint8Array): Promise<void>;
}

export interface PublishBody {
  /** The JSON object of the body, with `""` for the data of each attachment that went to a sink. */
  readonly envelope: unknown;
  readonly attachments: readonly { readonly name: string; readonly decodedBytes: number }[];
}

/**
 * Reads the body of an npm publish: JSON of up to gigabytes with the tarball inside as base64
 * (`_attachments[name].data`). Each data is decoded and written to `sink(name)` while it arrives; all else becomes the
 * envelope, so memory is bounded by its limit. The data of keys that end in `.sigstore` is text and stays in the
 * envelope. Bodies without attachments (`npm deprecate`) are read the same way.
 *
 * The envelope's syntax is judged by JSON.parse; the scanner before it only finds where data begins, and what it takes
 * out of a string leaves a string.
 *
 * @throws ValidationException for a body that is cut off, not JSON, not UTF-8, nested too deep, or whose attachments
 *   are not strict base64 (RFC 4648, padded) or not distinct; PayloadTooLargeException over `maxBodyBytes`. What was
 *   written to a sink until then is to be thrown away. The body is not destroyed then, because destroying a request
 *   would cut the connection before the answer: it stays the caller's to drain or destroy. Errors of the body and of
 *   the sinks come through as they are.
 */
export async function readPublishBody(
  body: AsyncIterable<Uint8Array>,
  limits: PublishBodyLimits,
  sink: (attachment: string) => Promise<AttachmentSink>,
): Promise<PublishBody> {
  const scanner = new EnvelopeScanner(limits);
  const attachments: { name: string; decodedBytes: number }[] = [];
  let data: AttachmentData | undefined;
  let bodyBytes = 0;

  // Not `for await`: that would destroy the body on an error.
  const chunks = body[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    bodyBytes += chunk.length;
    if (bodyBytes > limits.maxBodyBytes) {
      throw new PackyardError(
        'PayloadTooLargeException',
        `The body has more than ${limits.maxBodyBytes} bytes, the limit of a publish. Publish a smaller package.`,
      );
    }
    let at = 0;
    while (at < chunk.length) {
      if (data === undefined) {
        at = scanner.scan(chunk, at);
        if (scanner.attachment !== undefined) {
          data = new AttachmentData(scanner.attachment, await sink(scanner.attachment));
        }
      } else {
        at = await data.read(chunk, at);
        if (data.isComplete) {
          attachments.push({ name: data.name, decodedBytes: data.decodedBytes });
          data = undefined;
        }
      }
    }
  }
  return { envelope: scanner.finish(bodyBytes), attachments };
}

const quote = 0x22;
const backslash = 0x5c;
const slash = 0x2f;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Space, tab, line feed, carriage return: JSON's own, and no other. */
function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Copies the body to the envelope, byte for byte, and stops at the data of an attachment. */
class EnvelopeScanner {
  /** Set while the next byte is the first of this attachment's data. */
  attachment: string | undefined;

  readonly #limits: PublishBodyLimits;
  #envelope = Buffer.allocUnsafe(16 * 1024);
  #length = 0;

  /** The open containers, outermost first: true for an object. */
  readonly #open: boolean[] = [];
  #isClosed = false;
  #inString = false;
  #isEscaped = false;
  /** Whether a string that begins here is a key. */
  #keyAhead = false;
  #keyStart: number | undefined;

  readonly #names = new Set<string>();
  #hasAttachments = false;
  /** Whether the key last read at the top is `_attachments`; then `#name` is the key last read below it, and so on. */
  #inAttachments = false;
  #name: string | undefined;
  #hasData = false;
  #dataAhead = false;

  constructor(limits: PublishBodyLimits) {
    this.#limits = limits;
  }

  /** Returns where it stopped: after the quote that begins an attachment's data (`attachment` is set), or at the end. */
  scan(chunk: Buffer, from: number): number {
    this.attachment = undefined;
    let copied = from;
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#inString) {
        at = this.#stringEnd(chunk, at);
        if (at >= chunk.length) break;
        this.#inString = false;
        if (this.#keyStart === undefined) continue;
        this.#append(chunk.subarray(copied, at));
        copied = at;
        this.#endKey(this.#envelope.subarray(this.#keyStart, this.#length));
      } else if (byte === quote) {
        this.#beginString();
        const isKey = this.#keyAhead && this.#mayLeadToData();
        if (!isKey && this.attachment === undefined) continue;
        this.#append(chunk.subarray(copied, at + 1));
        copied = at + 1;
        if (this.attachment !== undefined) return copied;
        this.#keyStart = this.#length;
      } else if (!isWhitespace(byte) && byte !== undefined) {
        this.#structure(byte);
      }
    }
    this.#append(chunk.subarray(copied));
    return chunk.length;
  }

  /** The parsed envelope of a body that has ended. */
  finish(bodyBytes: number): unknown {
    if (bodyBytes === 0) {
      throw malformed('The body is empty; a publish sends JSON. Check the client, or a proxy between.');
    }
    if (!this.#isClosed) {
      throw malformed(`The body is cut off: it ends after ${bodyBytes} bytes, inside its JSON. Publish again.`);
    }
    const bytes = this.#envelope.subarray(0, this.#length);
    if (!isUtf8(bytes)) {
      throw malformed('The body is not UTF-8. Save package.json and the readme as UTF-8 and publish again.');
    }
    try {
      return JSON.parse(bytes.toString());
    } catch {
      throw notJson();
    }
  }

  /** The place of the quote that ends the string, or the chunk's length. */
  #stringEnd(chunk: Buffer, from: number): number {
    let at = this.#isEscaped ? from + 1 : from;
    while (at < chunk.length && chunk[at] !== quote) at += chunk[at] === backslash ? 2 : 1;
    this.#isEscaped = at > chunk.length;
    return Math.min(at, chunk.length);
  }

  #beginString(): void {
    if (this.#open.length === 0) this.#refuseOutside();
    this.#inString = true;
    this.attachment = this.#dataAhead ? this.#name : undefined;
    this.#dataAhead = false;
  }

  #structure(byte: number): void {
    if (byte === colon) {
      this.#keyAhead = false;
      return;
    }
    if (this.#dataAhead) {
      throw malformed(
        `The data of attachment ${shown(this.#name)} is not a string. It has to be the tarball in base64.`,
      );
    }
    if (this.#open.length === 0 && (this.#isClosed || byte !== openBrace)) this.#refuseOutside();
    if (byte === openBrace || byte === openBracket) {
      if (this.#open.length >= this.#limits.maxDepth) {
        throw malformed(
          `The body is nested deeper than ${this.#limits.maxDepth} levels. Take the deep part out of package.json.`,
        );
      }
      this.#open.push(byte === openBrace);
      this.#keyAhead = byte === openBrace;
    } else if (byte === closeBrace || byte === closeBracket) {
      if (this.#open.pop() !== (byte === closeBrace)) throw notJson();
      this.#keyAhead = false;
      this.#isClosed = this.#open.length === 0;
    } else if (byte === comma) {
      this.#keyAhead = this.#open.at(-1) === true;
    }
  }

  /** Only keys on the way `_attachments`, name, `data` are looked at. */
  #mayLeadToData(): boolean {
    return this.#open.length === 1 || (this.#inAttachments && this.#open.length <= 3);
  }

  #endKey(raw: Buffer): void {
    this.#keyStart = undefined;
    const depth = this.#open.length;
    if (depth === 1) {
      this.#inAttachments = keyText(raw) === '_attachments';
      this.#name = undefined;
      if (!this.#inAttachments) return;
      if (this.#hasAttachments) {
        throw malformed('The body has "_attachments" twice. Send every attachment in one of them.');
      }
      this.#hasAttachments = true;
    } else if (depth === 2 && this.#inAttachments) {
      const name = keyText(raw);
      if (this.#names.has(name)) throw malformed(`The body has attachment ${shown(name)} twice. Send it once.`);
      this.#names.add(name);
      this.#name = name;
      this.#hasData = false;
    } else if (depth === 3 && this.#name !== undefined && keyText(raw) === 'data') {
      if (this.#hasData) throw malformed(`Attachment ${shown(this.#name)} has "data" twice. Send it once.`);
      this.#hasData = true;
      this.#dataAhead = !this.#name.endsWith('.sigstore');
    }
  }

  #refuseOutside(): never {
    if (this.#isClosed) {
      throw malformed('The body goes on after its JSON has ended. Send one JSON object and nothing after it.');
    }
    throw malformed('The body is not a JSON object. A publish sends one, with "versions" and "_attachments".');
  }

  #append(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    const { maxEnvelopeBytes } = this.#limits;
    if (length > maxEnvelopeBytes) {
      throw malformed(
        `The body has more than ${maxEnvelopeBytes} bytes besides its tarballs. Make the readme or package.json smaller.`,
      );
    }
    if (length > this.#envelope.length) {
      const grown = Buffer.allocUnsafe(Math.min(maxEnvelopeBytes, Math.max(length, this.#envelope.length * 2)));
      this.#envelope.copy(grown, 0, 0, this.#length);
      this.#envelope = grown;
    }
    bytes.copy(this.#envelope, this.#length);
    this.#length = length;
  }
}

/** A key as JSON reads it: `\u005fattachments` is `_attachments`. */
function keyText(raw: Buffer): string {
  const text = raw.toString();
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    throw notJson();
  }
}

/** How much is decoded at a time, however large the body's chunks are. */
const maxRunBytes = 1024 * 1024;

/** Decodes the string of one attachment's data. */
class AttachmentData {
  readonly name: string;
  decodedBytes = 0;
  isComplete = false;
  readonly #sink: AttachmentSink;
  /** The last one to four characters, because they may be the padded end. */
  #tail = '';
  /** A JSON escape that has begun and not ended. */
  #escape = '';

  constructor(name: string, sink: AttachmentSink) {
    this.name = name;
    this.#sink = sink;
  }

  /** Decodes from `from` on. Returns where it stopped: at the quote that ends the string (`isComplete`), or before. */
  async read(chunk: Buffer, from: number): Promise<number> {
    const run = chunk.subarray(from, from + maxRunBytes);
    const end = run.indexOf(quote);
    const text = end === -1 ? run : run.subarray(0, end);
    // A quote after a backslash would not end the string; but no base64 has a quote, so `#unescape` refuses it.
    await this.#decode(this.#escape === '' && !text.includes(backslash) ? text : this.#unescape(text, end !== -1));
    if (end === -1) return from + run.length;
    await this.#end();
    this.isComplete = true;
    return from + end;
  }

  /** JSON may write `/` as `\/` (PHP does), and any character by its number. */
  #unescape(text: Buffer, isLast: boolean): Buffer {
    const plain = Buffer.allocUnsafe(text.length + 1);
    let length = 0;
    for (const byte of text) {
      if (this.#escape === '' && byte !== backslash) {
        plain[length++] = byte;
        continue;
      }
      this.#escape += String.fromCharCode(byte);
      if (this.#escape === '\\' || /^\\u[0-9A-Fa-f]{0,3}$/.test(this.#escape)) continue;
      const character = this.#escape === '\\/' ? slash : Number.parseInt(this.#escape.slice(2), 16);
      if (this.#escape !== '\\/' && !/^\\u00[0-7][0-9A-Fa-f]$/.test(this.#escape)) throw this.#notBase64(this.#escape);
      plain[length++] = character;
      this.#escape = '';
    }
    if (isLast && this.#escape !== '') throw this.#notBase64(`${this.#escape}"`);
    return plain.subarray(0, length);
  }

  async #decode(text: Buffer): Promise<void> {
    const length = this.#tail.length + text.length;
    const kept = length === 0 ? 0 : ((length - 1) % 4) + 1;
    if (length === kept) {
      this.#tail += text.toString('latin1');
      return;
    }
    // Whole groups of four: first the one that the tail began, then all others at once.
    const tailEnd = this.#tail === '' ? 0 : 4 - this.#tail.length;
    const first = this.#tail + text.toString('latin1', 0, tailEnd);
    const rest = text.toString('latin1', tailEnd, text.length - kept);
    const decoded = Buffer.allocUnsafe(((length - kept) / 4) * 3);
    const written = decoded.write(first, 0, 'base64');
    // Node skips what is not base64 and stops at `=`, and then writes less; and it takes `-` and `_` for `+` and `/`.
    if (written + decoded.write(rest, written, 'base64') < decoded.length) throw this.#notBase64(first + rest);
    if (/[-_]/.test(first) || text.includes(0x2d) || text.includes(0x5f)) throw this.#notBase64(first + rest);
    this.#tail = text.toString('latin1', text.length - kept);
    await this.#write(decoded);
  }

  async #end(): Promise<void> {
    if (this.#tail === '') return;
    if (/^[A-Za-z0-9+/]{1,3}$/.test(this.#tail)) {
      throw malformed(
        `The base64 of attachment ${shown(this.name)} is cut off: its length is not a multiple of four. Publish again.`,
      );
    }
    const decoded = Buffer.from(this.#tail, 'base64');
    // The way back finds wrong padding and leftover bits too.
    if (decoded.toString('base64') !== this.#tail) throw this.#notBase64(this.#tail);
    await this.#write(decoded);
  }

  async #write(decoded: Buffer): Promise<void> {
    this.decodedBytes += decoded.length;
    await this.#sink.write(decoded);
  }

  #notBase64(text: string): PackyardError {
    // Within a long text, what does not belong; a short one is shown whole, since the padding may be what is wrong.
    const found = text.length > 8 ? (/[^A-Za-z0-9+/]/.exec(text)?.[0] ?? '') : text;
    return malformed(
      `The data of attachment ${shown(this.name)} is not base64: it has ${shown(found)} after about ${this.decodedBytes} decoded bytes. Publish again; a client or a proxy has changed it.`,
    );
  }
}

function malformed(message: string): PackyardError {
  return invalid(message, 'CANNOT_PARSE');
}

function notJson(): PackyardError {
  return malformed('The body is not valid JSON. Publish again; a client or a proxy has changed it.');
}

/** A name of the sender's in a message: quoted, and never long. */
function shown(name: string | undefined): string {
  return JSON.stringify((name ?? '').slice(0, 100));
}
