import { isUtf8 } from 'node:buffer';
import { malformed, notJson, shown } from './malformed-body.ts';

const quote = 0x22;
const backslash = 0x5c;
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

export interface EnvelopeLimits {
  /** Of what is left when the tarballs are taken out: manifest, readme, tags. */
  readonly maxEnvelopeBytes: number;
  readonly maxDepth: number;
  /** Of members and items together: small values cost many times their bytes once they are parsed. */
  readonly maxValues: number;
}

/** Copies the body to the envelope, byte for byte, and stops at the data of an attachment. */
export class EnvelopeScanner {
  /** Set while the next byte is the first of this attachment's data. */
  attachment: string | undefined;

  readonly #limits: EnvelopeLimits;
  #envelope = Buffer.allocUnsafe(16 * 1024);
  #length = 0;

  /** The open containers, outermost first: true for an object. */
  readonly #open: boolean[] = [];
  #values = 0;
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

  constructor(limits: EnvelopeLimits) {
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
    if (byte === comma || byte === openBrace || byte === openBracket) this.#count();
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

  #count(): void {
    this.#values += 1;
    if (this.#values > this.#limits.maxValues) {
      throw malformed(`The body has more than ${this.#limits.maxValues} values. Make package.json smaller.`);
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
