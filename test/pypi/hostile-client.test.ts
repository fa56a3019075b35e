import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { blake2b } from 'hash-wasm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FormPart, formOf, formType, metadataText, tarGzOf, zipOf } from '../support/pypi.ts';
import { type PythonFile, sdistFile, uploadParts, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

let world: PypiWorld;
beforeAll(async () => {
  world = await PypiWorld.with({ team: [] });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Whatever a client sends: nothing is half there, and nothing waits for ever. */
afterEach(async () => {
  expect(await world.held('team', 'evil')).toEqual([]);
  expect(await readdir(join(world.server.dataFolder, 'blobs', 'staging'))).toEqual([]);
});

const wheelName = 'evil-1.0-py3-none-any.whl';
const info = 'evil-1.0.dist-info/METADATA';
const genuine = wheelFile('evil', '1.0');

const refused = async (parts: readonly FormPart[] | Buffer) => {
  const response = await world.pypi('team').post(parts);
  const { message } = (await response.json()) as { message: string };
  return [response.status, message] as const;
};
const refusedFile = (bytes: Buffer, fileName = wheelName) => refused(uploadParts('evil', '1.0', { fileName, bytes }));

describe('An upload is refused, and nothing of it stays,', () => {
  it.each([
    ['sha256_digest', 'a'.repeat(64), 'SHA-256'],
    ['md5_digest', 'b'.repeat(32), 'MD5'],
    ['blake2_256_digest', 'c'.repeat(64), 'BLAKE2b-256'],
    ['sha256_digest', 'short', 'sha256_digest'],
    [':action', 'submit', 'submit'],
    [':action', undefined, ':action'],
    ['name', undefined, 'name'],
    ['version', undefined, 'version'],
    ['version', '2.0', '2.0'],
    ['version', 'not a version', 'version'],
    ['name', 'another', 'another'],
    ['name', '../evil', 'name'],
    ['filetype', 'sdist', 'filetype'],
    ['protocol_version', '2', 'protocol_version'],
  ])('where its %s is %s', async (field, value, told) => {
    const [status, message] = await refused(uploadParts('evil', '1.0', genuine, { [field]: value }));
    expect([status, message]).toEqual([400, expect.stringContaining(told)]);
  });

  it.each([
    ['evil-2.0-py3-none-any.whl', '2.0'],
    ['other-1.0-py3-none-any.whl', 'other'],
    ['../evil-1.0-py3-none-any.whl', 'file name'],
    ['evil-1.0.txt', 'not that of a Python distribution'],
    ['', 'file name'],
  ])('where its file is called %s', async (fileName, told) => {
    expect(await refusedFile(genuine.bytes, fileName)).toEqual([400, expect.stringContaining(told)]);
  });

  it('where it is cut off, whether the client goes on or goes away', async () => {
    const form = formOf(uploadParts('evil', '1.0', genuine));
    expect((await refused(form.subarray(0, -10)))[0]).toBe(400);
    const { hostname, port, pathname } = new URL(world.pypi('team').endpoint);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        `POST ${pathname} HTTP/1.1`,
        `Host: ${hostname}`,
        `Authorization: Bearer ${world.token}`,
        `Content-Type: ${formType}`,
        `Content-Length: ${form.length}`,
        '\r\n',
      ].join('\r\n'),
    );
    await new Promise<void>((resolve) => socket.write(form.subarray(0, -200), () => resolve()));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it('where it has two files, none, or is no form', async () => {
    const parts = uploadParts('evil', '1.0', genuine);
    const [file] = parts.slice(-1);
    expect((await refused([...parts, ...(file === undefined ? [] : [file])]))[0]).toBe(400);
    expect((await refused(parts.slice(0, -1)))[0]).toBe(400);
    const response = await world.pypi('team').fetch('', { method: 'POST', body: '{}' });
    expect(response.status).toBe(400);
  });

  it('where its file is empty, or no archive', async () => {
    expect(await refusedFile(Buffer.alloc(0))).toEqual([400, expect.stringContaining('empty')]);
    expect((await refusedFile(Buffer.from('not a zip')))[0]).toBe(400);
    expect((await refusedFile(Buffer.from('not a tar'), 'evil-1.0.tar.gz'))[0]).toBe(400);
  });

  it.each<[string, Parameters<typeof zipOf>]>([
    ['a bomb', [[{ name: info, content: Buffer.alloc(3_000_000, 'x') }]]],
    ['larger than it says', [[{ name: info, content: 'x'.repeat(500), claimedSize: 10 }]]],
    [
      'there twice',
      [
        [
          { name: info, content: metadataText('evil', '1.0') },
          { name: info, content: metadataText('evil', '1.0') },
        ],
      ],
    ],
    ['missing', [[{ name: 'evil/__init__.py', content: '' }]]],
    ['outside of its folder', [[{ name: `../${info}`, content: metadataText('evil', '1.0') }]]],
    ['of another project', [[{ name: info, content: metadataText('other', '1.0') }]]],
    ['of another version', [[{ name: info, content: metadataText('evil', '6.6.6') }]]],
    ['encrypted', [[{ name: info, content: metadataText('evil', '1.0'), flags: 1 }]]],
    [
      'called otherwise in front of its bytes',
      [[{ name: info, content: metadataText('evil', '1.0'), localName: 'x' }]],
    ],
  ])('where the METADATA in its wheel is %s', async (_what, zip) => {
    expect((await refusedFile(zipOf(...zip)))[0]).toBe(400);
  });

  it('where the PKG-INFO of its source distribution is another project’s', async () => {
    const bytes = await tarGzOf([['evil-1.0/PKG-INFO', metadataText('other', '1.0')]]);
    expect((await refusedFile(bytes, 'evil-1.0.tar.gz'))[0]).toBe(400);
  });

  it('where a large file comes before anything says whose it is', async () => {
    const [name, ...others] = uploadParts('evil', '1.0', {
      ...genuine,
      bytes: Buffer.alloc(65 * 1024 * 1024),
    }).reverse();
    const [status, message] = await refused([...(name === undefined ? [] : [name]), ...others]);
    expect([status, message]).toEqual([400, expect.stringContaining("'name' before 'content'")]);
  });

  it('where it has more fields than anybody needs', async () => {
    const many = Array.from({ length: 3_000 }, (): FormPart => ({ name: 'classifiers', value: 'x' }));
    expect((await refused([...many, ...uploadParts('evil', '1.0', genuine)]))[0]).toBe(400);
    const long = uploadParts('evil', '1.0', genuine, { description: 'x'.repeat(9_000_000) });
    expect((await refused(long))[0]).toBe(400);
  });
});

describe('An upload is taken', () => {
  it('with all three digests, whatever their case, and with the file in front', async () => {
    const file: PythonFile = wheelFile('honest', '1.0');
    const digests = {
      md5_digest: createHash('md5').update(file.bytes).digest('hex'),
      sha256_digest: createHash('sha256').update(file.bytes).digest('hex').toUpperCase(),
      blake2_256_digest: await blake2b(file.bytes, 256),
    };
    const parts = uploadParts('honest', '1.0', file, digests);
    expect((await world.pypi('team').post([...parts.slice(-1), ...parts.slice(0, -1)])).status).toBe(200);
    expect(await world.pypi('team').files('honest')).toEqual([file.fileName]);
  });

  it('with a link in its source distribution, which nobody follows', async () => {
    const bytes = await tarGzOf([
      ['linked-1.0/PKG-INFO', metadataText('linked', '1.0')],
      ['linked-1.0/passwd', { link: '/etc/passwd' }],
    ]);
    expect((await world.pypi('team').upload('linked', '1.0', { fileName: 'linked-1.0.tar.gz', bytes })).status).toBe(
      200,
    );
  });

  it('up to the quota of a version’s files, and no further', async () => {
    await using small = await PypiWorld.with({ team: [] }, { quota: { assetsPerVersion: 2 } });
    const files = [await sdistFile('demo', '1.0'), wheelFile('demo', '1.0'), wheelFile('demo', '1.0', [], '1')];
    const statuses = [];
    for (const file of files) statuses.push((await small.pypi('team').upload('demo', '1.0', file)).status);
    expect(statuses).toEqual([200, 200, 402]);
  });
});
