import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'vitest';
import type { PackyardProcess } from '../support/process.ts';
import { npmEndpoint } from '../support/user.ts';

/** Begins a request to the team's repository that can be sent piece by piece. */
export function send(
  server: PackyardProcess,
  token: string,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
): ClientRequest {
  const url = npmEndpoint(server.url, 'acme', 'team') + path;
  return request(url, { method, headers: { ...headers, authorization: `Bearer ${token}` } });
}

/** Waits until the server takes no new connection. */
export async function untilRefused(server: PackyardProcess): Promise<void> {
  const isOpen = async () => {
    const socket = connect(portOf(server), '127.0.0.1');
    const opened = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return opened;
  };
  await expect.poll(isOpen, { timeout: 5_000, interval: 20 }).toBe(false);
}

export function portOf({ url }: PackyardProcess): number {
  return Number(new URL(url).port);
}
