import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { declarationBytes, encodingOf } from './xml-encoding.ts';

/** Held while reading: a document that goes over one is not read further. */
export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
}

export interface XmlElement {
  /** Without a namespace's prefix. */
  readonly name: string;
  /** The text directly in it, without spaces around. */
  text: string;
  readonly children: XmlElement[];
}

/** Why the reading of a document was broken off. */
export type XmlRefusal = 'too large' | 'too deep' | 'too many elements' | 'too many faults' | 'doctype';

export interface XmlDocument {
  /** As far as it could be read; undefined when nothing could. */
  readonly root: XmlElement | undefined;
  /** What the document does against the rules of XML, the first of it. What could be read was read. */
  readonly fault: string | undefined;
  /** Set when the reading was broken off; there is no root then. */
  readonly refusal: XmlRefusal | undefined;
}

/** Each one costs an error object with its stack. */
const maxFaults = 1000;

class Refused extends Error {
  readonly refusal: XmlRefusal;

  constructor(refusal: XmlRefusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/**
 * Reads an XML document of someone unknown, piece by piece. Entities are never expanded, except for XML's own five and
 * character references; a document with a DOCTYPE is refused, since Maven's have none. Attributes, comments and
 * processing instructions are passed over.
 */
export class XmlReader {
  readonly #limits: XmlLimits;
  // Positions would only stand in messages, and cost time.
  readonly #parser = new SaxesParser({ position: false });
  readonly #open: XmlElement[] = [];
  #decoder: TextDecoder | undefined;
  /** What came before there was enough to tell the encoding by. */
  #start = Buffer.alloc(0);
  #root: XmlElement | undefined;
  #fault: string | undefined;
  #refusal: XmlRefusal | undefined;
  #bytes = 0;
  #elements = 0;
  #faults = 0;

  constructor(limits: XmlLimits) {
    this.#limits = limits;
    this.#parser.on('doctype', () => {
      throw new Refused('doctype');
    });
    this.#parser.on('error', ({ message }) => {
      this.#fault ??= message;
      this.#faults += 1;
      if (this.#faults > maxFaults) throw new Refused('too many faults');
    });
    this.#parser.on('opentag', ({ name }) => this.#openElement(name));
    this.#parser.on('closetag', () => this.#closeElement());
    this.#parser.on('text', (text) => this.#addText(text));
    this.#parser.on('cdata', (text) => this.#addText(text));
  }

  /** Whether more bytes would change nothing any more. */
  get isFinished(): boolean {
    return this.#refusal !== undefined;
  }

  write(bytes: Uint8Array): void {
    this.#guarded(() => {
      this.#bytes += bytes.length;
      if (this.#bytes > this.#limits.maxBytes) throw new Refused('too large');
      if (this.#decoder !== undefined) this.#parse(this.#decoder, bytes);
      else {
        this.#start = Buffer.concat([this.#start, bytes]);
        if (this.#start.length >= declarationBytes) this.#begin();
      }
    });
  }

  end(): XmlDocument {
    this.#guarded(() => {
      const decoder = this.#decoder ?? this.#begin();
      this.#parser.write(decoder.decode());
      this.#parser.close();
      while (this.#open.length > 0) this.#closeElement();
    });
    return { root: this.isFinished ? undefined : this.#root, fault: this.#fault, refusal: this.#refusal };
  }

  #begin(): TextDecoder {
    const decoder = new TextDecoder(encodingOf(this.#start));
    this.#decoder = decoder;
    this.#parse(decoder, this.#start);
    return decoder;
  }

  #parse(decoder: TextDecoder, bytes: Uint8Array): void {
    this.#parser.write(decoder.decode(bytes, { stream: true }));
  }

  #guarded(step: () => void): void {
    if (this.#refusal !== undefined) return;
    try {
      step();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refusal = error.refusal;
    }
  }

  #openElement(qualifiedName: string): void {
    this.#elements += 1;
    if (this.#elements > this.#limits.maxElements) throw new Refused('too many elements');
    if (this.#open.length >= this.#limits.maxDepth) throw new Refused('too deep');
    const element = { name: qualifiedName.slice(qualifiedName.indexOf(':') + 1), text: '', children: [] };
    this.#open.at(-1)?.children.push(element);
    this.#open.push(element);
    this.#root ??= element;
  }

  #closeElement(): void {
    const element = this.#open.pop();
    if (element !== undefined) element.text = element.text.trim();
  }

  #addText(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }
}

/** Reads a document whose bytes are at hand. */
export function readXml(bytes: Uint8Array, limits: XmlLimits): XmlDocument {
  const reader = new XmlReader(limits);
  reader.write(bytes);
  return reader.end();
}

/** The first child of that name; undefined when there is none. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The children of that name. */
export function childrenOf(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of the first child of that name; undefined when there is none or it is empty. */
export function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.text || undefined;
}

/** Writes a text for an element's content. What XML has no character for becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'))
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}
