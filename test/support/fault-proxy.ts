import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that has come by. */
export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * An HTTP proxy on loopback in front of any server. It passes everything on as it is, and can be told at any time to
 * answer with errors, cut answers, stall, or be gone.
 */
export class FaultProxy {
  /** Every request so far. */
  readonly requests: SeenRequest[] = [];
  /** Which requests the faults below are for. */
  concerns: (request: SeenRequest) => boolean = () => true;
  /** How many of the next requests are answered with 503; Infinity until further notice. */
  failures = 0;
  /** How many of the next answers break off after `cutAfterBytes` of their body. */
  cuts = 0;
  cutAfterBytes = 0;
  /** Whether cut answers fall silent instead of ending. */
  cutsSilently = false;
  /** Take requests and never answer. */
  stalls = false;
  /** How many of the next requests are held back until `passHeld`. None of them may have a body. */
  holds = 0;
  readonly #held: SeenRequest[] = [];
  readonly #target: URL;
  readonly #server = createServer((request, response) => this.#pass(request, response));
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param target scheme, host and port of the server behind */
  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await proxy.accept();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Listens, on the former port after `refuse`. */
  async accept(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Closes all connections and refuses new ones. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.refuse();
  }

  /** How many requests had this method and matched `path`. */
  count(method: string, path = /./): number {
    return this.requests.filter((seen) => seen.method === method && path.test(seen.path)).length;
  }

  /** Passes on what was held back, whoever still waits for it; resolves when the server has answered everything. */
  async passHeld(): Promise<void> {
    const { hostname, port } = this.#target;
    const passed = this.#held.splice(0).map(({ method, path, headers }) => {
      return new Promise<void>((resolve, reject) => {
        const onward = sendRequest({ hostname, port, method, path, headers, agent: false }, (answer) => {
          answer.resume().once('end', resolve);
        });
        onward.once('error', reject).end();
      });
    });
    await Promise.all(passed);
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers };
    this.requests.push(seen);
    // Whoever leaves in the middle is no error of the proxy.
    request.on('error', () => undefined);
    const isConcerned = this.concerns(seen);
    if (isConcerned && this.stalls) return;
    if (isConcerned && this.holds > 0) {
      this.holds -= 1;
      this.#held.push(seen);
      return;
    }
    if (isConcerned && this.failures > 0) {
      this.failures -= 1;
      request.resume();
      response.writeHead(503).end();
      return;
    }
    const { hostname, port } = this.#target;
    const onward = sendRequest({ hostname, port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      if (isConcerned && this.cuts > 0) this.#cut(answer, response);
      else answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  async #cut(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    this.cuts -= 1;
    let left = this.cutAfterBytes;
    response.flushHeaders();
    for await (const chunk of answer) {
      const bytes = (chunk as Buffer).subarray(0, left);
      left -= bytes.length;
      await new Promise<void>((resolve) => response.write(bytes, () => resolve()));
      if (left === 0) break;
    }
    if (!this.cutsSilently) response.destroy();
  }
}
