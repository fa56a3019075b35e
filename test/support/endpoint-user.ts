import { account, region } from './user.ts';

/** Someone with a token, or without, who speaks HTTP to an endpoint: curl in the hands of anybody. */
export class EndpointUser {
  /** Ends in `/`. */
  readonly endpoint: string;
  readonly token: string | undefined;

  constructor(endpoint: string, token: string | undefined) {
    this.endpoint = endpoint;
    this.token = token;
  }

  /** Sends a request to a path below the endpoint. */
  fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    return fetch(this.endpoint + path, { ...init, headers: { ...authorization, ...init.headers } });
  }

  put(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, { method: 'PUT', body, headers });
  }
}

/** A repository's endpoint for a format in path style. */
export function endpointOf(serverUrl: string, domain: string, format: string, repository: string): string {
  return `${serverUrl}/d/${region}/${domain}-${account}/${format}/${repository}/`;
}
