import type { IncomingMessage, ServerResponse } from 'node:http';
import { wantedRange } from '../core/byte-ranges.ts';
import type { Prepared } from '../core/prepared.ts';
import type { ResolvedAsset } from '../core/resolve-asset.ts';
import type { Answer } from '../formats/exchange.ts';

type Headers = Readonly<Record<string, string>>;

/** Answers a data-plane request on the raw response: nothing stands between the bytes and the socket. */
export function rawAnswer(request: IncomingMessage, response: ServerResponse): Answer {
  const isHead = request.method === 'HEAD';
  const end = (body: Buffer | string) => {
    response.end(isHead ? undefined : body);
  };
  return {
    async json(status, value, headers = {}) {
      const body = JSON.stringify(value);
      response.writeHead(status, {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      end(body);
    },
    async text(status, body, headers = {}) {
      const type = body === '' ? {} : { 'content-type': 'text/plain; charset=utf-8' };
      response.writeHead(status, { ...headers, ...type, 'content-length': Buffer.byteLength(body) });
      end(body);
    },
    async prepared(prepared, headers) {
      await sendPrepared(request, response, prepared, headers, end);
    },
    async asset(asset, headers) {
      await sendAsset(request, response, asset, headers, isHead);
    },
  };
}

async function sendPrepared(
  request: IncomingMessage,
  response: ServerResponse,
  prepared: Prepared,
  headers: Headers,
  end: (body: Buffer) => void,
): Promise<void> {
  const { etag, contentType } = prepared;
  if (matches(request.headers['if-none-match'], etag)) {
    response.writeHead(304, { ...headers, etag }).end();
    return;
  }
  const isCompressed = acceptsGzip(request.headers['accept-encoding']);
  const body = isCompressed ? prepared.gzip : await prepared.plain();
  const coding = isCompressed ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(200, { ...headers, ...coding, etag, 'content-type': contentType, 'content-length': body.length });
  end(body);
}

async function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  asset: ResolvedAsset,
  headers: Headers,
  isHead: boolean,
): Promise<void> {
  if (response.destroyed) return;
  const { size, sha256 } = asset;
  // A stored asset is its hash: a strong validator. While it still comes in, there is none and no range of it.
  const isStored = sha256 !== undefined && size !== undefined;
  const common = {
    'content-type': 'application/octet-stream',
    ...headers,
    ...(isStored ? { etag: `"${sha256}"`, 'accept-ranges': 'bytes' } : {}),
  };
  if (isStored && matches(request.headers['if-none-match'], `"${sha256}"`)) {
    response.writeHead(304, common).end();
    return;
  }
  const range = isStored ? wantedRange(request.headers, `"${sha256}"`, size) : undefined;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...common, 'content-range': `bytes */${size}`, 'content-length': 0 }).end();
    return;
  }
  // Before the head is written: what cannot be read can still be said.
  const bytes = isHead ? undefined : await asset.small();
  const location = bytes === undefined && !isHead ? await asset.directUrl() : undefined;
  if (location !== undefined) {
    // The address is good for minutes only.
    response.writeHead(302, { location, 'cache-control': 'private, no-store', 'content-length': 0 }).end();
    return;
  }
  if (range !== undefined) {
    const length = {
      'content-range': `bytes ${range.start}-${range.end}/${size}`,
      'content-length': range.end - range.start + 1,
    };
    response.writeHead(206, { ...common, ...length });
  } else {
    response.writeHead(200, { ...common, ...(size === undefined ? {} : { 'content-length': size }) });
  }
  if (isHead) response.end();
  else if (bytes === undefined) await asset.send(response, range);
  else response.end(range === undefined ? bytes : bytes.subarray(range.start, range.end + 1));
}

/** Source: RFC 9110, 13.1.2; the weak comparison. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const strong = etag.replace(/^W\//, '');
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === strong);
}

/** Whether gzip is acceptable: by its own name, else by `*`, with a weight above 0. Source: RFC 9110, 12.5.3. */
function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  const weights = new Map(
    acceptEncoding.split(',').map((coding) => {
      const [name = '', ...parameters] = coding
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
      return [name, Number(weight)];
    }),
  );
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}
