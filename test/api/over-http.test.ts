import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const signed = (key = 'test', region = 'eu-central-1', service = 'codeartifact') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  path: string,
  headers: Record<string, string> = signed(),
  body?: string,
) {
  const answer = await request(server.url + path, { method, headers, ...(body !== undefined && { body }) });
  const text = await answer.body.text();
  const { 'x-amzn-errortype': errorType, 'x-amzn-requestid': requestId } = answer.headers;
  return { status: answer.statusCode, errorType, requestId, text, headers: answer.headers };
}

describe('The API over HTTP', () => {
  it('wants credentials', async () => {
    const { status, errorType, requestId } = await call('GET', '/v1/domain?domain=acme', {});
    expect([status, errorType, requestId]).toEqual([
      403,
      'MissingAuthenticationTokenException',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
  });

  it.each(['Basic abc', 'AWS4-HMAC-SHA256 Credential=test', 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, x', ''])(
    'refuses the credentials %j',
    async (authorization) => {
      expect((await call('GET', '/v1/domain?domain=acme', { authorization })).status).toBe(400);
    },
  );

  it('takes account and region from the credential scope', async () => {
    const key = '123456789012';
    expect((await call('POST', '/v1/domain?domain=acme', signed(key, 'us-west-2'), '{}')).text).toContain(
      'arn:aws:codeartifact:us-west-2:123456789012:domain/acme',
    );
    expect((await call('GET', '/v1/domain?domain=acme', signed(key, 'eu-west-1'))).status).toBe(404);
  });

  it('takes them from a presigned address too', async () => {
    const credential = encodeURIComponent('123456789012/20260101/us-west-2/codeartifact/aws4_request');
    expect((await call('GET', `/v1/domain?domain=acme&X-Amz-Credential=${credential}`, {})).status).toBe(200);
  });

  it.each([
    ['GET', '/v1/nothing'],
    ['PATCH', '/v1/domain'],
    ['GET', '/'],
    ['GET', '/favicon.ico'],
    ['GET', '/v1/..%2f..%2fetc%2fpasswd'],
    ['GET', '/%zz'],
    ['GET', '/_data-plane'],
  ] as const)('answers %s %s with 404 and a request id', async (method, path) => {
    const { status, requestId } = await call(method, path);
    expect([status, requestId !== undefined || path === '/_data-plane']).toEqual([404, true]);
  });

  it('refuses malformed JSON, wrong types and bodies that are too large', async () => {
    const post = (body: string) => call('POST', '/v1/domain?domain=acme', signed(), body);
    expect(await post('{"tags":')).toMatchObject({
      status: 400,
      errorType: 'ValidationException',
      text: expect.stringContaining('CANNOT_PARSE'),
    });
    expect(await post('{"tags":7}')).toMatchObject({ status: 400, errorType: 'ValidationException' });
    expect(await post('[]')).toMatchObject({ status: 400 });
    expect(await post(`{"encryptionKey":"${'x'.repeat(1_100_000)}"}`)).toMatchObject({ status: 413 });
    expect((await call('GET', '/v1/domain?domain=acme')).status).toBe(404);
  });

  it('refuses an asset before it is read when the domain is not there', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024, 'x').toString();
    const query = 'domain=acme&repository=app&format=generic&namespace=n&package=p&version=1&asset=a';
    const headers = { ...signed(), 'x-amz-content-sha256': 'a'.repeat(64) };
    expect(await call('POST', `/v1/package/version/publish?${query}`, headers, body)).toMatchObject({
      status: 404,
      errorType: 'ResourceNotFoundException',
    });
  });

  it('can be asked on the same connection after a refusal', async () => {
    const body = `{"encryptionKey":"${'x'.repeat(3_000_000)}"}`;
    expect((await call('POST', '/v1/domain?domain=acme', signed(), body)).status).toBe(413);
    expect((await call('GET', '/v1/domain?domain=acme')).status).toBe(404);
  });

  it('does not take compressed bodies, and says so', async () => {
    const headers = { ...signed(), 'content-encoding': 'gzip' };
    expect((await call('POST', '/v1/domain?domain=acme', headers, 'x')).text).toContain("Content-Encoding 'gzip'");
  });

  it('answers deep and long values without falling over them or echoing them', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const body = `{"tags":[${deep},${Array(200).fill('1').join()}]}`;
    const { status, text } = await call('POST', '/v1/domain?domain=acme', signed(), body);
    expect([status, text.length < 3_000]).toEqual([400, true]);
  });

  it('answers GetCallerIdentity in XML', async () => {
    const headers = {
      ...signed('123456789012', 'us-east-1', 'sts'),
      'content-type': 'application/x-www-form-urlencoded',
    };
    const {
      status,
      text,
      headers: answered,
    } = await call('POST', '/', headers, 'Action=GetCallerIdentity&Version=2011-06-15');
    expect([status, answered['content-type']]).toEqual([200, expect.stringContaining('text/xml')]);
    expect(text).toContain('<Account>123456789012</Account>');
  });

  it('answers STS errors in XML as well', async () => {
    const { status, text } = await call('POST', '/', {}, 'Action=GetCallerIdentity&Version=2011-06-15');
    expect([status, text]).toEqual([403, expect.stringContaining('<Code>MissingAuthenticationToken</Code>')]);
  });

  it('tells scripts that it is there', async () => {
    expect(JSON.parse((await call('GET', '/_packyard/health', {})).text)).toMatchObject({ status: 'ok' });
    expect(JSON.parse((await call('GET', '/_localstack/health', {})).text)).toMatchObject({
      services: { codeartifact: 'running' },
    });
  });
});
