import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Listens and returns the address. Throws an Error that says in one line why the port cannot be had, and what to do. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
    return addressOf(app.server as Server);
  } catch (error) {
    throw new Error(reasonOf(error as NodeJS.ErrnoException, host, port));
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `port ${port} on ${host} is taken; stop what listens there or choose another with --port`;
  if (code === 'EACCES') return `port ${port} on ${host} may not be used; choose another with --port`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine; choose another with --host`;
  return message;
}

/** The address a listening server is reached at. */
function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host === '127.0.0.1' ? 'localhost' : host}:${address.port}`;
}
