const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

/** What came of a request. */
export interface ResponseSummary {
  readonly status: number;
  /** Of the body, as it came: compressed, without the framing of chunks. */
  readonly bodyBytes: number;
}

/**
 * Reads the answers of one connection, just enough of each: its status and the length of its body. Bodies are counted
 * and thrown away, but for the beginning of one that is not a success.
 */
export class ResponseReader {
  /** The beginning of an answer that is not a success, for the message. */
  said = '';
  readonly #done: (response: ResponseSummary) => void;
  /** Bytes that do not make a whole head, or a whole line between chunks, yet. */
  #pending: Buffer | undefined;
  #state: 'head' | 'body' | 'chunk size' | 'chunk' | 'trailer' = 'head';
  #status = 0;
  #bodyBytes = 0;
  /** Of the body or the chunk that is being read; of a chunk, with the end of line behind it. */
  #left = 0;

  constructor(done: (response: ResponseSummary) => void) {
    this.#done = done;
  }

  /** Takes the next bytes. They are not kept: the buffer may be used again. Throws for what is not HTTP. */
  read(bytes: Buffer): void {
    let rest = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = undefined;
    while (rest.length > 0) {
      const used = this.#step(rest);
      if (used === undefined) {
        this.#pending = Buffer.from(rest);
        return;
      }
      rest = rest.subarray(used);
    }
  }

  /** Reads one part of an answer. Returns how many bytes it had; undefined when it is not complete. */
  #step(bytes: Buffer): number | undefined {
    switch (this.#state) {
      case 'head':
        return this.#head(bytes);
      case 'chunk size':
        return this.#line(bytes, (line) => this.#beginChunk(Number.parseInt(line, 16)));
      case 'trailer':
        return this.#line(bytes, (line) => line === '' && this.#end());
      default:
        return this.#take(bytes);
    }
  }

  #head(bytes: Buffer): number | undefined {
    const end = bytes.indexOf(headEnd);
    if (end === -1) return undefined;
    const head = bytes.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 ')) throw new Error(`This is no answer: ${head.slice(0, 100)}`);
    this.#status = Number(head.slice(9, 12));
    this.#bodyBytes = 0;
    this.said = '';
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      this.#state = 'body';
      if (this.#left === 0) this.#end();
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#state = 'chunk size';
    } else {
      throw new Error(`The answer says nothing of its length: ${head}`);
    }
    return end + headEnd.length;
  }

  #line(bytes: Buffer, use: (line: string) => void): number | undefined {
    const end = bytes.indexOf(lineEnd);
    if (end === -1) return undefined;
    use(bytes.toString('latin1', 0, end));
    return end + lineEnd.length;
  }

  #beginChunk(size: number): void {
    if (size === 0) {
      this.#state = 'trailer';
      return;
    }
    this.#state = 'chunk';
    this.#left = size + lineEnd.length;
    this.#bodyBytes -= lineEnd.length;
  }

  #take(bytes: Buffer): number {
    const taken = Math.min(this.#left, bytes.length);
    if (this.#status >= 400 && this.said.length < 500) this.said += bytes.toString('utf8', 0, Math.min(taken, 500));
    this.#left -= taken;
    this.#bodyBytes += taken;
    if (this.#left === 0) {
      if (this.#state === 'body') this.#end();
      else this.#state = 'chunk size';
    }
    return taken;
  }

  #end(): void {
    this.#state = 'head';
    this.#done({ status: this.#status, bodyBytes: this.#bodyBytes });
  }
}
