import { CodeartifactClient } from '@aws-sdk/client-codeartifact';
import type { SignedRequest } from '../../src/server/sigv4/signed-request.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request that is to be signed. */
export interface Unsigned {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Signing {
  readonly credentials: Credentials;
  readonly at: number;
  readonly service?: string;
  readonly region?: string;
  /** Presigns instead, for so many seconds. */
  readonly expiresIn?: number;
}

interface AwsRequest {
  method: string;
  protocol: string;
  hostname: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: string;
}

interface AwsSigner {
  sign(request: AwsRequest, options: object): Promise<AwsRequest>;
  presign(request: AwsRequest, options: object): Promise<AwsRequest>;
}

/** Signs a request with the signer of AWS's SDK, and gives it as a server sees it. */
export async function sign(
  { method = 'GET', path = '/v1/domain', query = {}, headers = {}, body }: Unsigned,
  { credentials, at, service = 'codeartifact', region = 'eu-west-1', expiresIn }: Signing,
): Promise<SignedRequest> {
  const client = new CodeartifactClient({ region, credentials });
  const scheme = { name: 'sigv4', signingName: service, signingRegion: region, properties: {} };
  const signer = (await client.config.signer(scheme)) as unknown as AwsSigner;
  const request: AwsRequest = {
    method,
    protocol: 'https:',
    hostname: 'packyard.example',
    path,
    query: { ...query },
    headers: { host: 'packyard.example', ...headers },
    ...(body !== undefined && { body }),
  };
  const signingDate = new Date(at);
  const signed =
    expiresIn === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn });
  return {
    method,
    path,
    query: Object.entries(signed.query)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&'),
    rawHeaders: Object.entries(signed.headers).flat(),
  };
}

/** The request with a header changed, or left out. */
export function withHeader(
  request: SignedRequest,
  name: string,
  value?: string | ((old: string) => string),
): SignedRequest {
  const pairs: [string, string][] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    pairs.push([request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '']);
  }
  const old = pairs.find(([header]) => header.toLowerCase() === name)?.[1] ?? '';
  const kept = pairs.filter(([header]) => header.toLowerCase() !== name);
  const changed = typeof value === 'function' ? value(old) : value;
  return { ...request, rawHeaders: [...kept, ...(changed === undefined ? [] : [[name, changed]])].flat() };
}
