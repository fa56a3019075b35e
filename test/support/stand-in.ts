import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small registry that plays a public one in tests: it counts what it is asked, can be out of order, and go and come. */
export abstract class StandIn {
  /** Every request so far, as `GET /path`. */
  readonly requests: string[] = [];
  /** Milliseconds before each answer. */
  delayMs = 0;
  /** Answer everything with this status. */
  failWith: number | undefined;
  #server: Server | undefined;
  #port = 0;

  static async start<Registry extends StandIn>(this: new () => Registry): Promise<Registry> {
    const registry = new this();
    await registry.listen();
    return registry;
  }

  /** The address of a path that starts with `/`. */
  protected at(path: string): string {
    return `http://localhost:${this.#port}${path}`;
  }

  /** The address that a server is given of it. */
  abstract get url(): string;

  /** Listens; on the former port after `stop`. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#take(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, 'localhost', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops listening: connections are refused. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  }

  /** How many requests had this method and path. */
  count(request: string): number {
    return this.requests.filter((seen) => seen === request).length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Answers a request that was counted, unless it is out of order. `path` is decoded. */
  protected abstract answer(path: string, request: IncomingMessage, response: ServerResponse): void | Promise<void>;

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '');
    this.requests.push(`${request.method} ${path}`);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.failWith !== undefined) return void response.writeHead(this.failWith).end('out of order');
    await this.answer(path, request, response);
  }
}
