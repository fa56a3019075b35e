import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { readReadme, readTarball } from '../../../src/formats/npm/tarball.ts';

const limits = { maxUnpackedBytes: 1_000_000, maxEntries: 100, maxManifestBytes: 10_000, maxReadmeBytes: 1000 };
const packageJson = '{"name":"hello","version":"1.0.0"}';

type File = readonly [path: string, content: string | Buffer | { readonly link: string }];

async function tarOf(files: readonly File[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of files) {
    if (name.endsWith('/')) archive.entry({ name, type: 'directory' });
    else if (typeof content === 'string' || Buffer.isBuffer(content)) archive.entry({ name }, content);
    else archive.entry({ name, type: 'symlink', linkname: content.link });
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const tarballOf = async (...files: File[]) => gzipSync(await tarOf(files));
const streamOf = (bytes: Buffer) => Readable.from([bytes], { objectMode: false });
const read = (bytes: Buffer, some = {}) => readTarball(streamOf(bytes), { ...limits, ...some });
const readmeOf = (bytes: Buffer, some = {}) => readReadme(streamOf(bytes), { ...limits, ...some });

describe('a tarball', () => {
  test('as `npm pack` makes it tells its manifest, readme and size', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'packyard-pack-'));
    try {
      await writeFile(
        join(folder, 'package.json'),
        JSON.stringify({ name: '@acme/hello', version: '1.0.0', scripts: { postinstall: 'node lib/x.js' } }),
      );
      await writeFile(join(folder, 'README.md'), '# Hello ✓\n');
      await writeFile(join(folder, 'npm-shrinkwrap.json'), '{"lockfileVersion":3,"packages":{}}');
      await mkdir(join(folder, 'lib'));
      await writeFile(join(folder, 'lib', 'x.js'), 'x'.repeat(1000));
      const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--ignore-scripts'], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          npm_config_update_notifier: 'false',
          npm_config_offline: 'true',
        },
      });
      const packed = Object.values(JSON.parse(stdout) as Record<string, PackReport>)[0];
      const contents = await read(await readFile(join(folder, packed?.filename ?? '')));
      expect(contents).toEqual({
        manifest: { name: '@acme/hello', version: '1.0.0', scripts: { postinstall: 'node lib/x.js' } },
        readme: '# Hello ✓\n',
        fileCount: packed?.entryCount,
        unpackedSize: packed?.unpackedSize,
        hasShrinkwrap: true,
        hasInstallScript: true,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 30_000);

  test('has its package.json in the first directory, whatever that is called; the first one counts', async () => {
    const tarball = await tarballOf(
      ['package.json', '{"name":"outside"}'],
      ['hello-1.0.0/', ''],
      ['hello-1.0.0/lib/package.json', '{"name":"inner"}'],
      ['hello-1.0.0/package.json', packageJson],
      ['package/package.json', '{"name":"second"}'],
    );
    expect(await read(tarball)).toMatchObject({ manifest: { name: 'hello' }, fileCount: 4 });
    expect(await read(await tarballOf(['./package.json', packageJson]))).toMatchObject({ manifest: { name: 'hello' } });
  });

  test('may begin its package.json with a byte order mark', async () => {
    expect((await read(await tarballOf(['package/package.json', `\ufeff${packageJson}`]))).manifest['name']).toBe(
      'hello',
    );
  });

  test('counts links and paths that lead out, and uses neither', async () => {
    const tarball = await tarballOf(
      ['../package.json', '{"name":"out"}'],
      ['package/../package.json', '{"name":"out"}'],
      ['package/README.md', { link: '/etc/passwd' }],
      ['/package.json', packageJson],
    );
    expect(await read(tarball)).toMatchObject({ manifest: { name: 'hello' }, readme: undefined, fileCount: 4 });
  });

  test('has an install script by its package.json, or by a binding.gyp', async () => {
    const built = async (manifest: object, ...files: File[]) =>
      (await read(await tarballOf(['p/package.json', JSON.stringify(manifest)], ...files))).hasInstallScript;
    expect(await built({})).toBe(false);
    expect(await built({ scripts: { test: 'x' } })).toBe(false);
    expect(await built({ scripts: { preinstall: 'x' } })).toBe(true);
    expect(await built({}, ['p/binding.gyp', '{}'])).toBe(true);
    expect(await built({}, ['p/deps/binding.gyp', '{}'])).toBe(false);
    expect(await built({ gypfile: false }, ['p/binding.gyp', '{}'])).toBe(false);
  });

  test('keeps a hostile key of its manifest a key', async () => {
    const { manifest } = await read(await tarballOf(['p/package.json', '{"__proto__":{"x":1}}']));
    expect(Object.keys(manifest)).toEqual(['__proto__']);
    expect(manifest['x']).toBeUndefined();
  });
});

describe('a readme', () => {
  const json: File = ['p/package.json', packageJson];

  test.each([
    [['README.md', 'README'], 'README.md'],
    [['readme', 'ReadMe.MD'], 'ReadMe.MD'],
    [['readme.txt', 'readme.markdown', 'README'], 'README'],
    [['readme.txt', 'readme.markdown'], 'readme.markdown'],
    [['readme.txt', 'readme.png'], 'readme.txt'],
    [['README.md', 'readme.md'], 'README.md'],
  ])('of %j is %s', async (names, chosen) => {
    const tarball = await tarballOf(json, ...names.map((name): File => [`p/${name}`, `this is ${name}`]));
    expect(await readmeOf(tarball)).toBe(`this is ${chosen}`);
    expect((await read(tarball)).readme).toBe(`this is ${chosen}`);
  });

  test('is none when it is elsewhere or no text', async () => {
    expect(
      await readmeOf(await tarballOf(json, ['p/docs/README.md', 'x'], ['README.md', 'x'], ['p/readme.png', 'x'])),
    ).toBe(undefined);
  });

  test('may be empty', async () => {
    expect(await readmeOf(await tarballOf(['p/README.md', '']))).toBe('');
  });

  test('is cut at the limit, at a whole character', async () => {
    const tarball = await tarballOf(json, ['p/README.md', 'aé'.repeat(1000)]);
    expect(await readmeOf(tarball, { maxReadmeBytes: 3 })).toBe('aé');
    expect(await readmeOf(tarball, { maxReadmeBytes: 5 })).toBe('aéa');
    expect((await read(tarball, { maxReadmeBytes: 5 })).readme).toBe('aéa');
  });

  test('has no NUL, which a database could not keep', async () => {
    expect(await readmeOf(await tarballOf(['p/README.md', 'a\0b']))).toBe('ab');
  });

  test('is found without reading what follows it', async () => {
    const whole = gzipSync(
      await tarOf([
        ['p/README.md', 'first'],
        ['p/big', Buffer.alloc(900_000)],
      ]),
      { level: 0 },
    );
    expect(await readmeOf(whole.subarray(0, 400_000))).toBe('first');
  });
});

describe('a tarball is refused', () => {
  const good = () => tarballOf(['package/package.json', packageJson], ['package/index.js', 'x'.repeat(5000)]);

  test.each<[string, () => Promise<Buffer>, string]>([
    ['empty', async () => Buffer.alloc(0), 'gzip'],
    ['not gzip', async () => Buffer.from('hello, this is text'), 'not gzip'],
    ['a tar without gzip', () => tarOf([['package/package.json', packageJson]]), 'not gzip'],
    ['zlib rather than gzip', async () => deflateSync(await tarOf([])), 'not gzip'],
    ['gzip of something else', async () => gzipSync('x'.repeat(2000)), 'not a whole tar archive'],
    ['gzip of something short', async () => gzipSync('hello'), 'not a whole tar archive'],
    ['gzip of nothing', async () => gzipSync(''), 'no package.json'],
    ['cut inside its gzip', async () => (await good()).subarray(0, -100), 'cut off'],
    ['without the trailer of its gzip', async () => (await good()).subarray(0, -8), 'cut off'],
    ['with a wrong checksum', async () => Buffer.concat([(await good()).subarray(0, -8), Buffer.alloc(8)]), 'not gzip'],
    [
      'cut inside its tar',
      async () => gzipSync((await tarOf([['p/x', 'x'.repeat(5000)]])).subarray(0, 3000)),
      'whole tar',
    ],
    ['without package.json', () => tarballOf(['package/index.js', '']), 'no package.json'],
    ['with a link for package.json', () => tarballOf(['p/package.json', { link: 'x' }]), 'no package.json'],
    ['with an empty package.json', () => tarballOf(['p/package.json', '']), 'not valid JSON'],
    ['with a package.json that is not JSON', () => tarballOf(['p/package.json', '{name}']), 'not valid JSON'],
    ['with a list as package.json', () => tarballOf(['p/package.json', '[]']), 'not a JSON object'],
    ['with null as package.json', () => tarballOf(['p/package.json', 'null']), 'not a JSON object'],
    [
      'with a package.json too deep to write again',
      () => tarballOf(['p/package.json', `{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`]),
      'nested deeper',
    ],
    [
      'with a large package.json',
      () => tarballOf(['p/package.json', `{"a":"${'x'.repeat(10_000)}"}`]),
      'at most 10000',
    ],
  ])('that is %s', async (_, make, reason) => {
    const refused = read(await make());
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
  });

  test('when it has too many entries', async () => {
    const files = Array.from({ length: 101 }, (_, index): File => [`p/${index}`, '']);
    await expect(read(await tarballOf(['p/package.json', packageJson], ...files))).rejects.toThrow(
      'more than 100 entries',
    );
  });

  test('when it unpacks to too much, before it is unpacked', async () => {
    // Fast to make, and still larger than what streams read ahead.
    const bomb = gzipSync(
      await tarOf([
        ['p/package.json', packageJson],
        ['p/zeros', Buffer.alloc(100_000_000)],
      ]),
      { level: 1 },
    );
    expect(bomb.length).toBeLessThan(1_000_000);
    let given = 0;
    const slowly = Readable.from(
      (function* () {
        for (; given < bomb.length; given += 500) yield bomb.subarray(given, given + 500);
      })(),
      { objectMode: false, highWaterMark: 500 },
    );
    await expect(readTarball(slowly, limits)).rejects.toThrow('more than 1000000 bytes');
    expect(given).toBeLessThan(bomb.length / 2);
  });

  test.each([
    '77777777777\0',
    '\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
    '\x81\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05',
    '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff',
    'not a number',
  ])('when an entry claims a size that cannot be: %j', async (size) => {
    const tar = await tarOf([['p/package.json', packageJson]]);
    await expect(read(gzipSync(withSize(tar, size)))).rejects.toThrow(PackyardError);
  });
});

test('a directory has no bytes, whatever size it claims', async () => {
  const tar = await tarOf([
    ['p/', ''],
    ['p/package.json', packageJson],
  ]);
  expect(await read(gzipSync(withSize(tar, '00000050000\0')))).toMatchObject({ fileCount: 1 });
});

test('an error of the stream itself is not blamed on the tarball', async () => {
  const failing = new Readable({
    read() {
      this.destroy(new Error('disk on fire'));
    },
  });
  const reading = readTarball(failing, limits);
  await expect(reading).rejects.toThrow('disk on fire');
  await expect(reading).rejects.not.toThrow(PackyardError);
});

test('the stream is destroyed at the end, good or bad', async () => {
  for (const bytes of [
    await tarballOf(['p/package.json', packageJson], ['p/README.md', 'x']),
    Buffer.from('not gzip'),
  ]) {
    for (const reader of [readTarball, readReadme]) {
      const stream = streamOf(bytes);
      await reader(stream, limits).catch(() => {});
      expect(stream.destroyed).toBe(true);
    }
  }
});

test('whatever is changed in a tarball, the answer is contents or a refusal', async () => {
  const tar = await tarOf([
    ['package/', ''],
    ['package/package.json', packageJson],
    ['package/README.md', 'hello'.repeat(100)],
    [`package/${'long'.repeat(60)}/é.js`, 'x'.repeat(1500)],
  ]);
  const answer = async (tarball: Buffer) => {
    const contents = await read(tarball).catch((error: unknown) => error);
    if (contents instanceof Error) expect(contents).toBeInstanceOf(PackyardError);
    else expect(contents).toHaveProperty('manifest');
  };
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  const changed = (bytes: Buffer, list: readonly (readonly [number, number])[], fix: boolean) => {
    const copy = Buffer.from(bytes);
    for (const [at, byte] of list) copy[at % copy.length] = byte;
    // With its checksum put right, a changed header is read rather than refused.
    for (let at = 0; fix && at + 512 <= copy.length; at += 512) {
      if (copy.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
      signHeader(copy, at);
    }
    return copy;
  };
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), (list, fix) => answer(gzipSync(changed(tar, list, fix)))),
    { numRuns: 300 },
  );
  const tarball = gzipSync(tar);
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(tarball.length), (list, length) =>
      answer(changed(tarball, list, false).subarray(0, length)),
    ),
    { numRuns: 300 },
  );
}, 60_000);

/** The archive with another size in its first header, and the checksum that goes with it. */
function withSize(tar: Buffer, size: string): Buffer {
  const forged = Buffer.from(tar);
  forged.write(size, 124, 'latin1');
  signHeader(forged, 0);
  return forged;
}

function signHeader(tar: Buffer, at: number): void {
  tar.fill(' ', at + 148, at + 156);
  const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

interface PackReport {
  readonly filename: string;
  readonly entryCount: number;
  readonly unpackedSize: number;
}
