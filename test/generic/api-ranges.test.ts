import { afterEach, describe, expect, it } from 'vitest';
import { sign } from '../support/sign.ts';
import { region } from '../support/user.ts';
import { fileOf, Shed, tool } from './shed.ts';

let shed: Shed;
const text = '0123456789';
afterEach(() => shed[Symbol.asyncDispose]());

async function given(settings: Record<string, unknown> = {}): Promise<void> {
  shed = await Shed.with({ app: [] }, settings);
}

/** GetPackageVersionAsset, signed and with more headers, as curl sends it. */
async function read(headers: Record<string, string>): Promise<Response> {
  const { url } = shed.world.server;
  const query = {
    domain: shed.world.domain,
    repository: 'app',
    ...tool,
    version: '1',
    asset: 'drill.zip',
  };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const request = { method: 'GET', path: '/v1/package/version/asset', query, headers: { host: new URL(url).host } };
  const signed = await sign(request, { credentials, at: Date.now(), service: 'codeartifact', region });
  const at = signed.rawHeaders.findIndex((name) => name.toLowerCase() === 'authorization');
  const authorization = signed.rawHeaders[at + 1] ?? '';
  return fetch(`${url}${signed.path}?${signed.query}`, { headers: { authorization, ...headers } });
}

describe('GetPackageVersionAsset', () => {
  it('gives a range of an asset to who asks for one', async () => {
    await given();
    await shed.at('app').put(fileOf('1'), text);
    const whole = await read({});
    const etag = whole.headers.get('etag') ?? '';
    expect([whole.status, whole.headers.get('accept-ranges'), await whole.text()]).toEqual([200, 'bytes', text]);
    for (const [headers, status, body, contentRange] of [
      [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
      [{ range: 'bytes=-2', 'if-range': etag }, 206, '89', 'bytes 8-9/10'],
      [{ range: 'bytes=2-4', 'if-range': '"x"' }, 200, text, null],
      [{ range: 'bytes=20-' }, 416, '', 'bytes */10'],
      [{ range: 'nonsense' }, 200, text, null],
    ] as const) {
      const response = await read(headers);
      expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
        status,
        body,
        contentRange,
      ]);
      expect(response.headers.get('x-assetname')).toBe('drill.zip');
    }
  });

  it('with --strict gives all of it, as AWS’s model has it', async () => {
    await given({ strict: true });
    const { PublishPackageVersionCommand } = await import('@aws-sdk/client-codeartifact');
    const { createHash } = await import('node:crypto');
    await shed.world.aws.send(
      new PublishPackageVersionCommand({
        ...shed.where('app'),
        packageVersion: '1',
        assetName: 'drill.zip',
        assetContent: Buffer.from(text),
        assetSHA256: createHash('sha256').update(text).digest('hex'),
      }),
    );
    const response = await read({ range: 'bytes=2-4' });
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect([response.headers.get('etag'), response.headers.get('accept-ranges')]).toEqual([null, null]);
  });
});
