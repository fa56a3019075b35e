import { nearestName } from '../../nearest-name.ts';

/** Where blobs are kept in S3, as the settings say it. */
export interface S3Location {
  readonly bucket: string;
  /** What the keys of all objects begin with: empty, or ending in a slash. */
  readonly prefix: string;
  /** Base URL of an S3-compatible server; without one it is AWS, or what AWS_ENDPOINT_URL_S3 says. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Whether the bucket is named in the path; without a word on it where an endpoint is given, else in the host. */
  readonly pathStyle?: boolean;
  /** Whether clients are sent to the bucket for the bytes. */
  readonly redirect: boolean;
}

const parameters = ['endpoint', 'region', 'pathStyle', 'redirect'];
const shape = 'must be s3://BUCKET or s3://BUCKET/PREFIX';

/**
 * Reads `s3://BUCKET/PREFIX?endpoint=…&region=…&pathStyle=…&redirect=…`. Throws an Error that completes a line about
 * the text.
 */
export function parseS3Location(text: string): S3Location {
  const url = URL.parse(text);
  if (url?.protocol !== 's3:') throw new Error('must be an s3:// URL; without it the data folder holds the blobs');
  checkNoCredentials(url);
  if (url.port !== '') throw new Error(`${shape}; a server's address goes into ?endpoint=`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]+$/.test(url.hostname) || url.hash !== '') throw new Error(shape);
  for (const name of url.searchParams.keys()) {
    if (!parameters.includes(name))
      throw new Error(`unknown parameter '${name}'; did you mean '${nearestName(name, parameters)}'?`);
  }
  const endpoint = only(url, 'endpoint');
  if (endpoint !== undefined && !isServer(endpoint)) throw new Error('endpoint must be the http(s) URL of a server');
  const region = only(url, 'region');
  const pathStyle = yesOrNo(url, 'pathStyle');
  return {
    bucket: url.hostname,
    prefix: prefixOf(url),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(pathStyle === undefined ? {} : { pathStyle }),
    redirect: yesOrNo(url, 'redirect') ?? false,
  };
}

/** A setting's text without the secrets that do not belong into it. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/:\/\/[^/?#@]*@/g, '://…@')
    .replace(/([?&][^=&]*(?:key|secret|token|password|credential)[^=&]*=)[^&#"]*/gi, '$1…');
}

function checkNoCredentials(url: URL): void {
  if (withoutSecrets(url.href) === url.href) return;
  throw new Error(
    'credentials cannot be part of it; they come from the environment as for every AWS client, for example from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  );
}

function prefixOf({ pathname }: URL): string {
  const segments = decodeURIComponent(pathname).split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  if (segments.includes('')) throw new Error(`${shape}, with one slash between the parts of the prefix`);
  return segments.map((segment) => `${segment}/`).join('');
}

function only(url: URL, name: string): string | undefined {
  const [value, ...more] = url.searchParams.getAll(name);
  if (value === '' || more.length > 0) throw new Error(`${name} must have one value`);
  return value;
}

function yesOrNo(url: URL, name: string): boolean | undefined {
  const value = only(url, name);
  if (value !== undefined && value !== 'true' && value !== 'false') throw new Error(`${name} must be true or false`);
  return value === undefined ? undefined : value === 'true';
}

function isServer(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
}
