import { createHash, randomBytes } from 'node:crypto';
import {
  DescribePackageVersionCommand,
  DisassociateExternalConnectionCommand,
  GetPackageVersionReadmeCommand,
  PutPackageOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact';
import { describe, expect, it } from 'vitest';
import type { StartOptions } from '../../src/main.ts';
import { TestClock } from '../support/clock.ts';
import { jsonType, sdistFile, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const wheel = wheelFile('lib', '1.0', ['Summary: A public library', 'Requires-Dist: six']);
const extra = wheelFile('lib', '1.0', [], '1');

async function given(options: Partial<StartOptions> = {}): Promise<PypiWorld> {
  const world = await PypiWorld.with({ store: 'public:pypi', middle: ['store'], team: ['middle'] }, {}, options);
  world.publicRegistry.publish('lib', '1.0', [wheel, await sdistFile('lib', '1.0')], { requiresPython: '>=3.6.*' });
  return world;
}

const get = async (world: PypiWorld, fileName = wheel.fileName) => {
  const response = await world.pypi('team').download('lib', fileName);
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
};

const minutes = (clock: TestClock, count: number) => {
  clock.ahead += count * 60_000;
};

describe('A public package', () => {
  it('is listed with addresses here, and nothing is stored by that', async () => {
    await using world = await given();
    const { files } = await world.pypi('team').page('lib');
    expect(files).toContainEqual({
      filename: wheel.fileName,
      url: `1.0/${wheel.fileName}`,
      hashes: { sha256: expect.any(String) },
      size: wheel.bytes.length,
      'upload-time': '2020-02-02T02:02:02.000Z',
      'requires-python': '>=3.6.*',
      yanked: false,
      'core-metadata': { sha256: expect.any(String) },
    });
    expect(await world.held('store', 'lib')).toEqual([]);
    expect(world.publicRegistry.requests).toEqual(['GET /simple/lib/']);
  });

  it('is kept where it was asked and where the connection is, with what it says of itself', async () => {
    await using world = await given();
    const page = await world.pypi('team').page('lib');
    expect((await get(world)).bytes.equals(wheel.bytes)).toBe(true);
    expect(await world.pypi('team').page('lib')).toEqual(page);
    for (const [repository, held] of [
      ['team', ['1.0']],
      ['middle', []],
      ['store', ['1.0']],
    ] as const)
      expect(await world.held(repository, 'lib')).toEqual(held);
    const name = { domain: 'acme', repository: 'team', format: 'pypi', package: 'lib', packageVersion: '1.0' } as const;
    const { packageVersion } = await world.aws.send(new DescribePackageVersionCommand(name));
    expect(packageVersion).toMatchObject({
      summary: 'A public library',
      origin: { originType: 'EXTERNAL', domainEntryPoint: { externalConnectionName: 'public:pypi' } },
    });
    expect((await world.aws.send(new GetPackageVersionReadmeCommand(name))).readme).toBe('# lib');
  });

  it('is served from what is kept once the index is gone, with what is known of the rest', async () => {
    await using world = await given();
    await get(world);
    await world.publicRegistry.stop();
    expect((await get(world)).bytes.equals(wheel.bytes)).toBe(true);
    expect(await world.pypi('team').files('lib')).toEqual(['lib-1.0-py3-none-any.whl', 'lib-1.0.tar.gz']);
    expect((await get(world, 'lib-1.0.tar.gz')).status).toBe(502);
    expect((await world.pypi('team').fetch('simple/unseen/')).status).toBe(502);
  });

  it('shows files, yanks and lifted yanks that came later, also of what is kept', async () => {
    const clock = new TestClock();
    await using world = await given({ clock });
    await get(world);
    const yanked = async () => {
      const { files } = await world.pypi('team').page('lib');
      return Object.fromEntries(
        files.map((file: { filename: string; yanked: unknown }) => [file.filename, file.yanked]),
      );
    };
    expect(await yanked()).toEqual({ [wheel.fileName]: false, 'lib-1.0.tar.gz': false });
    world.publicRegistry.publish('lib', '1.0', [extra]);
    world.publicRegistry.yank('lib', wheel.fileName, 'broken');
    minutes(clock, 6);
    expect(await yanked()).toEqual({ [wheel.fileName]: 'broken', [extra.fileName]: false, 'lib-1.0.tar.gz': false });
    expect(await (await world.pypi('team').fetch('simple/lib/')).text()).toContain('data-yanked="broken"');
    expect((await get(world, extra.fileName)).bytes.equals(extra.bytes)).toBe(true);
    expect(await world.assets('team', 'lib', '1.0')).toEqual([extra.fileName, wheel.fileName]);
    world.publicRegistry.yank('lib', wheel.fileName, false);
    minutes(clock, 6);
    expect((await yanked())[wheel.fileName]).toBe(false);
  });

  it('stays one version when the index spells it otherwise later', async () => {
    const clock = new TestClock();
    await using world = await given({ clock });
    await get(world);
    const respelled = await sdistFile('lib', '1.0.0');
    world.publicRegistry.publish('lib', '1.0.0', [respelled]);
    world.publicRegistry.yank('lib', wheel.fileName, 'broken');
    minutes(clock, 6);
    const { versions, files } = await world.pypi('team').page('lib');
    expect(versions).toEqual(['1.0']);
    expect(files.find(({ filename }: { filename: string }) => filename === wheel.fileName).yanked).toBe('broken');
    expect((await get(world, respelled.fileName)).bytes.equals(respelled.bytes)).toBe(true);
    // As a lock file has it that was written when another place was the nearest.
    const address = `simple/lib/1.0.0/${respelled.fileName}`;
    expect((await world.pypi('team').fetch(address)).status).toBe(200);
    for (const repository of ['team', 'store']) {
      expect(await world.held(repository, 'lib')).toEqual(['1.0']);
      expect(await world.assets(repository, 'lib', '1.0')).toEqual([respelled.fileName, wheel.fileName].sort());
    }
  });

  it('installs without the index also where its METADATA cannot be read out of it', async () => {
    await using world = await given();
    // Compressed beyond what is unpacked here.
    const dense = wheelFile('dense', '1.0', [`Description: ${'- item '.repeat(60_000)}`]);
    world.publicRegistry.publish('dense', '1.0', [dense]);
    const announced = async () => (await world.pypi('team').page('dense'))['files'][0]['core-metadata'];
    expect(await announced()).toEqual({ sha256: expect.any(String) });
    expect((await world.pypi('team').download('dense', dense.fileName)).status).toBe(200);
    const connection = { domain: 'acme', repository: 'store', externalConnection: 'public:pypi' };
    await world.aws.send(new DisassociateExternalConnectionCommand(connection));
    expect(await announced()).toBeUndefined();
    expect((await world.pypi('team').download('dense', dense.fileName)).status).toBe(200);
  });

  it('is frozen, and served as it is, once the connection is removed', async () => {
    await using world = await given();
    await get(world);
    const connection = { domain: 'acme', repository: 'store', externalConnection: 'public:pypi' };
    await world.aws.send(new DisassociateExternalConnectionCommand(connection));
    expect(await world.pypi('team').files('lib')).toEqual([wheel.fileName]);
    expect((await get(world)).status).toBe(200);
    expect((await world.pypi('team').fetch('simple/lib/1.0/lib-1.0.tar.gz')).status).toBe(404);
  });

  it('cannot be published here, and one that was published here takes nothing public', async () => {
    await using world = await given();
    expect((await world.pypi('team').upload('lib', '1.0', extra)).status).toBe(409);
    const respelled = await sdistFile('lib', '1.0.0');
    expect((await world.pypi('team').upload('lib', '1.0.0', respelled)).status).toBe(409);
    await get(world);
    expect((await world.pypi('team').upload('lib', '9.0', wheelFile('lib', '9.0'))).status).toBe(403);
    const ours = wheelFile('ours', '1.0');
    await world.pypi('team').upload('ours', '1.0', ours);
    world.publicRegistry.publish('ours', '99.0', [wheelFile('ours', '99.0')]);
    expect(await world.pypi('team').files('ours')).toEqual([ours.fileName]);
    expect((await world.pypi('team').fetch('simple/ours/99.0/ours-99.0-py3-none-any.whl')).status).toBe(404);
  });

  it('takes no files of ours, even where both may come', async () => {
    await using world = await given();
    await get(world);
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' } as const;
    const name = { domain: 'acme', repository: 'team', format: 'pypi', package: 'lib' } as const;
    await world.aws.send(new PutPackageOriginConfigurationCommand({ ...name, restrictions }));
    expect((await world.pypi('team').upload('lib', '1.0', extra)).status).toBe(409);
    expect((await world.pypi('team').upload('lib', '9.0', wheelFile('lib', '9.0'))).status).toBe(200);
    expect(await world.pypi('team').files('lib')).toHaveLength(3);
  });

  it('is understood in HTML, with relative addresses and md5 only', async () => {
    await using world = await given();
    world.publicRegistry.isHtml = true;
    world.publicRegistry.algorithm = 'md5';
    const page = await world.pypi('team').page('lib');
    expect(page['meta']['api-version']).toBe('1.0');
    expect(page['files'][0].hashes).toEqual({ md5: expect.any(String) });
    expect(await (await world.pypi('team').fetch('simple/lib/')).text()).toContain('#md5=');
    expect((await get(world)).bytes.equals(wheel.bytes)).toBe(true);
    expect(await world.assets('team', 'lib', '1.0')).toEqual([wheel.fileName]);
    const connection = { domain: 'acme', repository: 'store', externalConnection: 'public:pypi' };
    await world.aws.send(new DisassociateExternalConnectionCommand(connection));
    // What is kept has been hashed and measured.
    const kept = await world.pypi('team').page('lib');
    expect(kept['meta']['api-version']).toBe('1.1');
    expect(kept['files'][0].hashes).toEqual({ sha256: sha256(wheel.bytes) });
  });

  it('is found where the index sends who asks, with addresses relative to that', async () => {
    await using world = await given();
    Object.assign(world.publicRegistry, { isHtml: true, isMoved: true });
    expect((await get(world)).bytes.equals(wheel.bytes)).toBe(true);
    expect(world.publicRegistry.requests).toContain(`GET /moved/to/files/lib/${wheel.fileName}`);
  });

  it('that the index does not have is a 404, for which it is asked once', async () => {
    await using world = await given();
    for (const _ of [1, 2]) expect((await world.pypi('team').fetch('simple/typo/')).status).toBe(404);
    expect(world.publicRegistry.count('GET /simple/typo/')).toBe(1);
  });

  it('keeps files of odd names, whose version nobody can compare', async () => {
    await using world = await given();
    const odd = { fileName: 'lib-2004a-experimental.tar.gz', bytes: (await sdistFile('lib', '1.0')).bytes };
    world.publicRegistry.publish('lib', '2004a-experimental', [odd]);
    expect((await get(world, odd.fileName)).bytes.equals(odd.bytes)).toBe(true);
  });
});

describe('The first download of a public file', () => {
  it.each(['corruptsFiles', 'cutsFiles'] as const)(
    'never ends cleanly and stores nothing when the index %s',
    async (fault) => {
      await using world = await given();
      const large = { fileName: 'lib-2.0.tar.gz', bytes: randomBytes(300_000) };
      world.publicRegistry.publish('lib', '2.0', [large]);
      await world.pypi('team').page('lib');
      world.publicRegistry[fault] = true;
      await expect(get(world, large.fileName)).rejects.toThrow();
      // A small one is answered when it is there.
      expect((await get(world)).status).toBe(502);
      expect(await world.held('store', 'lib')).toEqual([]);
      world.publicRegistry[fault] = false;
      for (const { fileName } of [large, wheel]) expect((await get(world, fileName)).status).toBe(200);
    },
  );

  it('costs one request upstream, however many clients ask at once', async () => {
    await using world = await given();
    world.publicRegistry.delayMs = 100;
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(world)));
    expect(answers.every(({ bytes }) => bytes.equals(wheel.bytes))).toBe(true);
    expect(world.publicRegistry.count(`GET /files/lib/${wheel.fileName}`)).toBe(1);
  });

  it('gives parts, and says that it can, to who asks for no more than that', async () => {
    await using world = await given();
    const path = `simple/lib/1.0/${wheel.fileName}`;
    const head = await world.pypi('team').fetch(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('accept-ranges'), head.headers.get('content-length')]).toEqual([
      200,
      'bytes',
      String(wheel.bytes.length),
    ]);
    const sdist = (await sdistFile('lib', '1.0')).bytes;
    const part = await world.pypi('team').fetch('simple/lib/1.0/lib-1.0.tar.gz', { headers: { range: 'bytes=2-9' } });
    expect(part.status).toBe(206);
    expect((await part.arrayBuffer()).byteLength).toBe(8);
    expect(part.headers.get('content-range')).toBe(`bytes 2-9/${sdist.length}`);
  });
});

describe('The metadata of a public wheel', () => {
  const path = `simple/lib/1.0/${wheel.fileName}.metadata`;

  it('comes from the index alone, once, and keeps nothing', async () => {
    await using world = await given();
    for (const _ of [1, 2]) {
      const response = await world.pypi('team').fetch(path);
      expect(await response.text()).toContain('Requires-Dist: six');
    }
    expect(world.publicRegistry.count(`GET /files/lib/${wheel.fileName}.metadata`)).toBe(1);
    expect(world.publicRegistry.count(`GET /files/lib/${wheel.fileName}`)).toBe(0);
    expect(await world.held('team', 'lib')).toEqual([]);
  });

  it('comes from the wheel once that is kept', async () => {
    await using world = await given();
    await get(world);
    await world.publicRegistry.stop();
    expect(await (await world.pypi('team').fetch(path)).text()).toContain('Requires-Dist: six');
  });

  it('is neither announced nor had where the index has none', async () => {
    await using world = await given();
    world.publicRegistry.hasMetadata = false;
    expect(JSON.stringify(await world.pypi('team').page('lib'))).not.toContain('core-metadata');
    expect((await world.pypi('team').fetch(path)).status).toBe(404);
  });

  it('is a 404 where the index sends another one than it announced, and a 502 where it is out of order', async () => {
    await using world = await given();
    await world.pypi('team').fetch('simple/lib/', { headers: { accept: jsonType } });
    world.publicRegistry.publish('lib', '1.0', [wheelFile('lib', '1.0', ['Summary: changed'])]);
    expect((await world.pypi('team').fetch(path)).status).toBe(404);
    world.publicRegistry.failWith = 500;
    expect((await world.pypi('team').fetch(path)).status).toBe(502);
  });
});
