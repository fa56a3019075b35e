import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { invalid } from '../core/errors.ts';

/**
 * A request's body without its content coding. However the reading ends, the request itself is left as it is: what
 * remains of it can be drained, and the client be answered.
 */
export class DecodedBody {
  readonly #request: IncomingMessage;
  #gunzip: Gunzip | undefined;

  constructor(request: IncomingMessage) {
    this.#request = request;
  }

  /** The body. Throws, or fails with, a ValidationException for a coding that is not supported or not what it says. */
  stream(): Readable {
    const request = this.#request;
    const coding = this.#coding;
    if (coding === 'identity') return request;
    if (coding !== 'gzip') {
      throw invalid(`The Content-Encoding '${coding}' is not supported; send the body plain or as gzip.`);
    }
    const gunzip = createGunzip();
    this.#gunzip = gunzip;
    // Whoever reads gets the error; when nobody does any more, it is nobody's.
    gunzip.on('error', () => undefined);
    request.once('error', (error) => gunzip.destroy(error));
    request.pipe(gunzip);
    return Readable.from(inflated(gunzip), { objectMode: false });
  }

  /** The body, which is all of a file and has no coding. Throws ValidationException where it is otherwise. */
  plain(): Readable {
    if (this.#request.headers['content-range'] !== undefined)
      throw invalid('A file is sent whole: the header Content-Range is not supported for a PUT.');
    if (this.#coding !== 'identity') throw invalid('A file is sent as it is: leave Content-Encoding out.');
    return this.#request;
  }

  get #coding(): string {
    return this.#request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  }

  /** Lets go of the decoder. */
  close(): void {
    if (this.#gunzip === undefined) return;
    this.#request.unpipe(this.#gunzip);
    this.#gunzip.destroy();
  }
}

async function* inflated(gunzip: Gunzip): AsyncGenerator<Uint8Array> {
  try {
    yield* gunzip;
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('Z_')) throw error;
    throw invalid('The body says Content-Encoding: gzip, but it is not gzip. Nothing was changed.', 'CANNOT_PARSE');
  }
}
