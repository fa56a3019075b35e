import {
  CodeartifactClient,
  type CodeartifactClientConfig,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-codeartifact';
import { type PackageSketch, publishDocument } from './packages.ts';

export const account = '000000000000';
export const region = 'eu-central-1';

/** The real AWS SDK against a server of ours, as a caller with this access key id. */
export function awsClient(
  serverUrl: string,
  accessKeyId = 'test',
  more: CodeartifactClientConfig = {},
): CodeartifactClient {
  const credentials = { accessKeyId, secretAccessKey: 'test' };
  return new CodeartifactClient({ endpoint: serverUrl, region, credentials, maxAttempts: 1, ...more });
}

/** A token for a domain, got as the AWS CLI gets it. */
export async function tokenFor(aws: CodeartifactClient, domain: string): Promise<string> {
  const { authorizationToken } = await aws.send(new GetAuthorizationTokenCommand({ domain }));
  if (authorizationToken === undefined) throw new Error('the answer has no token');
  return authorizationToken;
}

/** A JSON answer. What it holds is what a test is about, so its members are not typed. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Json = Record<string, any>;

/** The JSON of a response. */
export function jsonOf(response: Response): Promise<Json> {
  return response.json() as Promise<Json>;
}

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
    const authorization = this.token === undefined ? {} : { authorization: this.authorization(this.token) };
    return fetch(this.endpoint + path, { ...init, headers: { ...authorization, ...init.headers } });
  }

  put(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, { method: 'PUT', body, headers });
  }

  /** The header by which the format's clients show a token. */
  protected authorization(token: string): string {
    return `Bearer ${token}`;
  }
}

/** Someone with a token who speaks the npm protocol to one repository. */
export class NpmUser extends EndpointUser {
  async json(path: string, headers: Record<string, string> = {}): Promise<Json> {
    const response = await this.fetch(path, { headers });
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return jsonOf(response);
  }

  /** Sends a document, as it is or made to JSON. */
  override put(path: string, body: unknown): Promise<Response> {
    return this.fetch(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async publish(sketch: PackageSketch, tag?: string): Promise<Response> {
    return this.put(sketch.name.replace('/', '%2f'), await publishDocument(sketch, tag));
  }
}

/** One who takes a new connection for each request: a server with workers gives them to one after the other. */
export class FleetingUser extends NpmUser {
  override fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    return super.fetch(path, { ...init, headers: Object.assign({}, init.headers, { connection: 'close' }) });
  }
}

/** A repository's endpoint for a format in path style. */
export function endpointOf(serverUrl: string, domain: string, format: string, repository: string): string {
  return `${serverUrl}/d/${region}/${domain}-${account}/${format}/${repository}/`;
}

/** A repository's npm endpoint in path style. */
export function npmEndpoint(serverUrl: string, domain: string, repository: string): string {
  return endpointOf(serverUrl, domain, 'npm', repository);
}
