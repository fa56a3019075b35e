import { connect, type Socket } from 'node:net';
import { ResponseReader, type ResponseSummary } from './response-reader.ts';

export interface Exchange extends ResponseSummary {
  readonly ms: number;
  /** The beginning of an answer that is not a success. */
  readonly said: string;
}

const readBytes = 256 * 1024;

/** A kept-open connection that asks one thing after the other. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader((response) => this.#answered(response));
  #sentAt = 0;
  #waiting: { resolve(exchange: Exchange): void; reject(error: unknown): void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Connection> {
    // All bytes are read into one buffer: this process must cost less than the servers it measures.
    const onread = {
      buffer: Buffer.allocUnsafe(readBytes),
      callback: (length: number, buffer: Uint8Array) => {
        connection.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    };
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
    const connection = new Connection(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.on('error', (error) => connection.#fail(error));
    socket.on('close', () => connection.#fail(new Error('The server has closed the connection.')));
    return connection;
  }

  /** Sends the bytes of a whole request; resolves with what came of it. */
  exchange(request: Uint8Array): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#sentAt = performance.now();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.read(bytes);
    } catch (error) {
      this.#fail(error);
      this.#socket.destroy();
    }
  }

  #answered(response: ResponseSummary): void {
    const ms = performance.now() - this.#sentAt;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ ...response, ms, said: this.#reader.said });
  }

  #fail(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
