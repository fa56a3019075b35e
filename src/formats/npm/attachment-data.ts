import type { PackyardError } from '../../core/errors.ts';
import { malformed, shown } from './malformed-body.ts';

/** Where an attachment's decoded bytes go. The reader waits for each write, and never changes a chunk it has given. */
export interface AttachmentSink {
  write(chunk: Uint8Array): Promise<void>;
}

const quote = 0x22;
const backslash = 0x5c;
const slash = 0x2f;

/** How much is decoded at a time, however large the body's chunks are. */
const maxRunBytes = 1024 * 1024;

/** Decodes the string of one attachment's data. */
export class AttachmentData {
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
