import { createHash } from 'node:crypto';
import { UpdatePackageVersionsStatusCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileOf, Shed } from './shed.ts';

let shed: Shed;
const text = '0123456789';
const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
beforeAll(async () => {
  shed = await Shed.with({ base: [], app: ['base'] });
  await shed.at('app').put(fileOf('1'), text);
});
afterAll(() => shed[Symbol.asyncDispose]());

describe('GET {namespace}/{package}/{version}/{asset}', () => {
  it('gives the bytes, with what lets clients keep them and go on', async () => {
    const response = await shed.at('app').fetch(fileOf('1'));
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '10',
      'cache-control': 'private, max-age=31536000, immutable',
      'accept-ranges': 'bytes',
      etag,
    });
    const head = await shed.at('app').fetch(fileOf('1'), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag'), await head.text()]).toEqual([
      200,
      '10',
      etag,
      '',
    ]);
    expect((await shed.at('app').fetch(fileOf('1'), { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=0-1,4-5', 200, text, null],
    ['lines=1-2', 200, text, null],
  ])('answers Range: %s with %i', async (range, status, body, contentRange) => {
    const response = await shed.at('app').fetch(fileOf('1'), { headers: { range } });
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ]);
  });

  it('gives all of it when a range is of bytes that are gone', async () => {
    const ask = (ifRange: string) =>
      shed.at('app').fetch(fileOf('1'), { headers: { range: 'bytes=0-3', 'if-range': ifRange } });
    expect([(await ask(etag)).status, (await ask('"other"')).status]).toEqual([206, 200]);
  });

  it('holds back what is unfinished: the API gives it to those who work on it', async () => {
    await shed.at('app').put(`${fileOf('open')}?unfinished=true`, 'half');
    expect((await shed.at('app').fetch(fileOf('open'))).status).toBe(404);
    expect(await shed.readByApi('app', 'open')).toBe('half');
    await shed.at('app').put(fileOf('open'), 'half');
    expect(await (await shed.at('app').fetch(fileOf('open'))).text()).toBe('half');
  });

  it('gives what is Unlisted, nothing that is Archived', async () => {
    await shed.at('app').put(fileOf('old'), text);
    for (const [targetStatus, status] of [
      ['Unlisted', 200],
      ['Archived', 404],
      ['Published', 200],
    ] as const) {
      const input = { ...shed.where('app'), versions: ['old'], targetStatus };
      await shed.world.aws.send(new UpdatePackageVersionsStatusCommand(input));
      expect((await shed.at('app').fetch(fileOf('old'))).status, targetStatus).toBe(status);
    }
  });

  it('never looks upstream', async () => {
    await shed.at('base').put(fileOf('theirs'), text);
    expect([
      (await shed.at('base').fetch(fileOf('theirs'))).status,
      (await shed.at('app').fetch(fileOf('theirs'))).status,
    ]).toEqual([200, 404]);
  });

  it('says in JSON what is not there', async () => {
    for (const path of [fileOf('9'), fileOf('1', 'other.zip'), 'tools/saw/1/a', 'a/b', 'tools/drill/1/']) {
      const response = await shed.at('app').fetch(path);
      expect([400, 404], path).toContain(response.status);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual({ message: expect.any(String) });
    }
  });

  it('is an extra: with --strict there is the API alone', async () => {
    await using strict = await Shed.with({ app: [] }, { strict: true });
    expect((await strict.at('app').put(fileOf('1'), text)).status).toBe(404);
    expect((await strict.at('app').fetch(fileOf('1'))).status).toBe(404);
  });
});
