import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Told } from './listeners.ts';

/** What came to a webhook. */
export interface Received {
  readonly event: Told;
  readonly request: IncomingMessage;
  readonly body: string;
  readonly at: number;
}

/** How a receiver answers: a status, or what it does instead of answering. */
export type Answering = (received: Received, response: ServerResponse) => number | Promise<number> | undefined;

/** A webhook on this machine. */
export class Receiver {
  /** Everything that came, taken or not. */
  readonly all: Received[] = [];
  /** What was answered with a 2xx. */
  readonly taken: Received[] = [];
  /** The most requests that were under way at once. */
  mostAtOnce = 0;
  answering: Answering = () => 204;
  #server: Server | undefined;
  #port = 0;
  #underWay = 0;

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.listen();
    onTestFinished(() => receiver.goAway());
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** Listens, again on the port that it had. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#receive(request, response));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async goAway(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  /** Versions that the receiver has taken, as they came. */
  get versions(): string[] {
    return this.taken.map(({ event }) => event.detail.packageVersion);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    response.once('close', () => {
      this.#underWay -= 1;
    });
    const body = await text(request);
    const received = { event: JSON.parse(body), request, body, at: performance.now() };
    this.all.push(received);
    const status = await this.answering(received, response);
    if (status === undefined || response.destroyed) return;
    if (status >= 200 && status < 300) this.taken.push(received);
    response.writeHead(status).end('an answer that nobody reads');
  }
}

/** Whether a request is signed with the secret, worked out as the manual says. */
export function isSigned({ request: { headers }, body }: Received, secret: string): boolean {
  const signed = createHmac('sha256', secret).update(`${headers['x-packyard-timestamp']}.${body}`).digest('hex');
  return headers['x-packyard-signature'] === `sha256=${signed}`;
}
