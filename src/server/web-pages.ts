import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Whether a web page that this server did not serve has sent the request. Without signatures that are looked at, a
 * page's script could change or read what the browser's machine can reach; clients of the API and package managers send
 * no `Origin`. A name that leads here by the page's own DNS is none of ours: only the loopback is. Source: Fetch
 * standard, "`Origin` header"; OWASP, "Cross-site request forgery prevention".
 */
export function isOfForeignPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers;
  if (origin === undefined) {
    const site = headers['sec-fetch-site'];
    // Who follows a link elsewhere sees the answer; the page does not.
    return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate';
  }
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url === undefined || url.host !== host?.toLowerCase() || !loopback.test(url.hostname);
}

const loopback = /^(?:localhost|(?:.+\.)localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Refuses it, in one sentence for whoever wonders. */
export function refusePage({ headers }: IncomingMessage, response: ServerResponse): void {
  const message =
    `Requests of web pages are refused where keys are not looked at; this one is of '${headers.origin ?? 'another site'}'. ` +
    'Start the server with --auth enforce to serve them.';
  response.writeHead(403, {
    'content-type': 'application/json',
    'x-amzn-errortype': 'AccessDeniedException',
    connection: 'close',
  });
  response.end(JSON.stringify({ message }));
}
