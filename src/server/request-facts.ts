import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { RequestFacts } from '../core/request-context.ts';

/** What a connection says of a request, for the conditions of policies. Headers are the client's own words: not asked. */
export function factsOf({ socket }: IncomingMessage): RequestFacts {
  return { sourceIp: socket.remoteAddress, isSecure: (socket as TLSSocket).encrypted === true };
}
