import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Knows which of a server's connections are answering a request. Node's own `closeIdleConnections` leaves out those
 * that never had one (clients open them ahead of need), and a server would wait a minute for them.
 */
export class Connections {
  readonly #busy = new Map<Socket, number>();
  #isClosing = false;

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#busy.set(socket, 0);
      socket.once('close', () => this.#busy.delete(socket));
    });
    server.on('request', (request, response) => this.#track(request, response));
  }

  /** Closes each connection as soon as it answers nothing, and after `graceMs` whatever is left. */
  close(graceMs: number): void {
    this.#isClosing = true;
    for (const [socket, requests] of this.#busy) if (requests === 0) socket.destroy();
    setTimeout(() => {
      for (const socket of this.#busy.keys()) socket.destroy();
    }, graceMs).unref();
  }

  #track({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#busy.set(socket, (this.#busy.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const requests = (this.#busy.get(socket) ?? 1) - 1;
      if (!socket.destroyed) this.#busy.set(socket, requests);
      if (this.#isClosing && requests === 0) socket.end();
    });
  }
}
