import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import {
  PublishPackageVersionCommand,
  PutPackageOriginConfigurationCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf } from '../support/user.ts';
import { fileOf, Shed, tool } from './shed.ts';

let shed: Shed;
beforeAll(async () => {
  shed = await Shed.with({ app: [] });
});
afterAll(() => shed[Symbol.asyncDispose]());

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text);
let count = 0;
/** A version that no test has used. */
const fresh = () => {
  count += 1;
  return `1.${count}`;
};
const messageOf = async (response: Response) => [response.status, (await jsonOf(response))['message']];

describe('PUT {namespace}/{package}/{version}/{asset}', () => {
  it('publishes a version with one asset, as PublishPackageVersion does', async () => {
    const version = fresh();
    const response = await shed.at('app').put(fileOf(version), 'the bytes');
    expect([response.status, await jsonOf(response)]).toEqual([
      201,
      {
        format: 'generic',
        namespace: 'tools',
        package: 'drill',
        version,
        versionRevision: (await shed.describe('app', version))?.revision,
        status: 'Published',
        asset: {
          name: 'drill.zip',
          size: 9,
          hashes: {
            MD5: hash('md5', 'the bytes').digest('hex'),
            'SHA-1': hash('sha1', 'the bytes').digest('hex'),
            'SHA-256': hash('sha256', 'the bytes').digest('hex'),
            'SHA-512': hash('sha512', 'the bytes').digest('hex'),
          },
        },
      },
    ]);
    expect(await shed.readByApi('app', version)).toBe('the bytes');
  });

  it('answers 200 when all of it was there, and 409 to other bytes', async () => {
    const version = fresh();
    const first = await jsonOf(await shed.at('app').put(fileOf(version), 'one'));
    const again = await shed.at('app').put(fileOf(version), 'one');
    expect([again.status, await jsonOf(again)]).toEqual([200, first]);
    expect(await messageOf(await shed.at('app').put(fileOf(version), 'two'))).toEqual([
      409,
      expect.stringContaining('other content'),
    ]);
    expect(await shed.readByApi('app', version)).toBe('one');
  });

  it('keeps a version open with ?unfinished=true until an asset comes without', async () => {
    const version = fresh();
    const states: unknown[] = [];
    for (const [asset, query] of [
      ['a', '?unfinished=true'],
      ['b', '?unfinished=true'],
      ['c', '?unfinished=false'],
      ['d', ''],
    ] as const) {
      const response = await shed.at('app').put(fileOf(version, asset) + query, `bytes of ${asset}`);
      states.push([response.status, (await jsonOf(response))['status']]);
    }
    expect(states).toEqual([
      [201, 'Unfinished'],
      [201, 'Unfinished'],
      [201, 'Published'],
      [409, undefined],
    ]);
    expect(await shed.assets('app', version)).toEqual(['a', 'b', 'c']);
  });

  it('goes on with what the API began, and the other way round', async () => {
    const version = fresh();
    const byApi = (assetName: string, unfinished: boolean) =>
      shed.world.aws.send(
        new PublishPackageVersionCommand({
          ...shed.where('app'),
          packageVersion: version,
          assetName,
          assetContent: Buffer.from(assetName),
          assetSHA256: hash('sha256', assetName).digest('hex'),
          unfinished,
        }),
      );
    await byApi('a', true);
    expect((await shed.at('app').put(`${fileOf(version, 'b')}?unfinished=true`, 'b')).status).toBe(201);
    expect(await byApi('c', false)).toMatchObject({ status: 'Published' });
    expect(await shed.assets('app', version)).toEqual(['a', 'b', 'c']);
  });

  const text = 'the bytes';
  const base64 = (algorithm: string, of = text) => hash(algorithm, of).digest('base64');
  it.each([
    ['x-amz-content-sha256', () => hash('sha256', text).digest('hex'), () => hash('sha256', 'x').digest('hex')],
    ['x-amz-content-sha256', () => hash('sha256', text).digest('hex').toUpperCase(), () => '0'.repeat(64)],
    ['digest', () => `SHA-256=${base64('sha256')}`, () => `SHA-256=${base64('sha256', 'x')}`],
    ['digest', () => `md5=${base64('md5')},unixsum=30637`, () => `md5=${base64('md5', 'x')}`],
    ['repr-digest', () => `sha-512=:${base64('sha512')}:`, () => `sha-512=:${base64('sha512', 'x')}:`],
    ['content-digest', () => `sha-256=:${base64('sha256')}:, new=:eA==:`, () => `sha-256=:${base64('sha256', 'x')}:`],
    ['content-md5', () => base64('md5'), () => base64('md5', 'x')],
  ])('checks what %s announces', async (header, right, wrong) => {
    const version = fresh();
    expect(await messageOf(await shed.at('app').put(fileOf(version), text, { [header]: wrong() }))).toEqual([
      400,
      expect.stringContaining('do not match the calculated content hashes'),
    ]);
    expect(await shed.versions('app')).not.toContain(version);
    expect((await shed.at('app').put(fileOf(version), text, { [header]: right() })).status).toBe(201);
  });

  it.each([
    ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
    ['x-amz-content-sha256', 'abc'],
    ['digest', 'sha-256=not base64!'],
    ['digest', 'sha-256=AAAA'],
    ['digest', 'nothing'],
    ['repr-digest', `sha-256=${base64('sha256')}`],
    ['content-md5', 'AAAA'],
    ['content-range', 'bytes 0-3/10'],
    ['content-encoding', 'gzip'],
  ])('takes nothing with %s: %s, which it could not heed', async (header, value) => {
    const version = fresh();
    expect((await shed.at('app').put(fileOf(version), text, { [header]: value })).status).toBe(400);
    expect(await shed.versions('app')).not.toContain(version);
  });

  it('takes nothing that is announced with two hashes of which one is wrong', async () => {
    const version = fresh();
    const headers = { digest: `sha-256=${base64('sha256')}`, 'x-amz-content-sha256': '0'.repeat(64) };
    expect((await shed.at('app').put(fileOf(version), text, headers)).status).toBe(400);
    expect(await shed.versions('app')).not.toContain(version);
  });

  it.each(['?unfinished=1', '?unfinished', '?unfinished=true&unfinished=false', '?unfinshed=true'])(
    'does not guess what %s means',
    async (query) => {
      const version = fresh();
      expect((await shed.at('app').put(fileOf(version) + query, text)).status).toBe(400);
      expect(await shed.versions('app')).not.toContain(version);
    },
  );

  it('takes the names that the API takes, and no others', async () => {
    const version = fresh();
    const good = ['ünïcödé-文字.zip', '~!@^&()-_+[]{};,.`', 'two words.txt', '...', '__proto__', 'n'.repeat(255)];
    for (const name of good) {
      const path = fileOf(version, encodeURIComponent(name));
      expect((await shed.at('app').put(`${path}?unfinished=true`, name)).status, name).toBe(201);
    }
    // What curl sends as it is typed.
    expect((await shed.at('app').put(`${fileOf(version, 'a+b&c;d@e')}?unfinished=true`, 'x')).status).toBe(201);
    expect(await shed.assets('app', version)).toEqual([...good, 'a+b&c;d@e'].sort());
    const bad = [' a', 'a ', 'a  b', 'a%b', 'a=b', "a'b", 'a#b', 'a?b', 'a$b', 'a*b', 'a:b', '🐘', 'n'.repeat(256)];
    for (const name of bad) {
      const response = await shed.at('app').put(fileOf(fresh(), encodeURIComponent(name)), 'x');
      expect(response.status, JSON.stringify(name)).toBe(400);
    }
    for (const path of ['to%20ols/drill/1/a', 'tools/dr$ill/1/a', 'tools/drill/1:2/a', `${'n'.repeat(256)}/a/1/a`]) {
      expect((await shed.at('app').put(path, 'x')).status, path).toBe(400);
    }
  });

  it('is refused with 403 where the package may not be published to', async () => {
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' } as const;
    const input = { ...shed.where('app'), package: 'closed', restrictions };
    await shed.world.aws.send(new PutPackageOriginConfigurationCommand(input));
    expect((await shed.at('app').put('tools/closed/1/a', 'x')).status).toBe(403);
  });

  it('lets many send assets of one version at once: none is lost, and one of two that differ wins', async () => {
    const version = fresh();
    const names = Array.from({ length: 10 }, (_, n) => `asset-${n}`);
    const sent = await Promise.all(
      names.map((name) => shed.at('app').put(`${fileOf(version, name)}?unfinished=true`, name)),
    );
    expect(sent.map(({ status }) => status)).toEqual(names.map(() => 201));
    expect(await shed.assets('app', version)).toEqual(names);
    const rivals = fresh();
    const raced = await Promise.all(['x', 'y', 'z'].map((text) => shed.at('app').put(fileOf(rivals), text)));
    expect(raced.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const winner = ['x', 'y', 'z'][raced.findIndex(({ status }) => status === 201)];
    expect(await shed.readByApi('app', rivals)).toBe(winner);
  });

  it('keeps nothing of an upload that breaks off, and what was open stays open', async () => {
    const version = fresh();
    await shed.at('app').put(`${fileOf(version, 'a')}?unfinished=true`, 'a');
    const { pathname, host, port } = new URL(shed.at('app').endpoint);
    const socket = connect(Number(port), 'localhost');
    socket.on('error', () => undefined);
    socket.write(
      `PUT ${pathname}${fileOf(version, 'b')} HTTP/1.1\r\nhost: ${host}\r\n` +
        `authorization: Bearer ${shed.world.token}\r\ncontent-length: 1000\r\n\r\nhalf of it`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([await shed.assets('app', version), (await shed.describe('app', version))?.status]).toEqual([
      ['a'],
      'Unfinished',
    ]);
    expect((await shed.at('app').put(fileOf(version, 'b'), 'all of it')).status).toBe(201);
  });

  it('can be sent in chunks, and with no bytes', async () => {
    const version = fresh();
    const body = new Blob(['some ', 'bytes']).stream();
    const init = { method: 'PUT', body, duplex: 'half' } as const;
    expect((await shed.at('app').fetch(`${fileOf(version)}?unfinished=true`, init)).status).toBe(201);
    expect((await shed.at('app').put(fileOf(version, 'empty'), '')).status).toBe(201);
    expect([await shed.readByApi('app', version), await shed.readByApi('app', version, 'empty')]).toEqual([
      'some bytes',
      '',
    ]);
  });

  it('meets quotas with 402', async () => {
    await using small = await Shed.with({ app: [] }, { quota: { assetBytes: 10, assetsPerVersion: 2 } });
    expect(await messageOf(await small.at('app').put(fileOf('1'), 'x'.repeat(11)))).toEqual([
      402,
      expect.stringContaining('10 bytes'),
    ]);
    // Long before all of it has come, and the connection is good for the answer.
    expect((await small.at('app').put(fileOf('1'), 'x'.repeat(5_000_000))).status).toBe(402);
    for (const asset of ['a', 'b']) await small.at('app').put(`${fileOf('2', asset)}?unfinished=true`, 'x');
    expect((await small.at('app').put(fileOf('2', 'c'), 'x')).status).toBe(402);
    expect(await small.assets('app', '2')).toEqual(['a', 'b']);
  });

  it('cannot go where there is no asset', async () => {
    for (const path of ['', 'tools', 'tools/drill', 'tools/drill/1', 'tools/drill/1/a/b']) {
      expect((await shed.at('app').put(path, 'x')).status, path).toBe(404);
    }
    for (const path of [
      'tools/drill/1/',
      'tools//1/a',
      'tools/drill/1/a%2fb',
      'tools/%2e%2e/1/a',
      'tools/drill/1/%zz',
    ]) {
      expect([400, 404], path).toContain((await shed.at('app').put(path, 'x')).status);
    }
  });

  it('lets a status update finish a version', async () => {
    const version = fresh();
    await shed.at('app').put(`${fileOf(version)}?unfinished=true`, 'x');
    const input = { ...shed.where('app'), versions: [version], targetStatus: 'Published' as const };
    await shed.world.aws.send(new UpdatePackageVersionsStatusCommand(input));
    expect((await shed.at('app').put(fileOf(version, 'late'), 'x')).status).toBe(409);
    expect(await (await shed.at('app').fetch(fileOf(version))).text()).toBe('x');
    expect(tool.format).toBe('generic');
  });
});
