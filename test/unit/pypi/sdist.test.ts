import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { parseFileName } from '../../../src/formats/pypi/names.ts';
import { readSdistMetadata } from '../../../src/formats/pypi/sdist.ts';
import { metadataText, sdistOf, type TarPart, tarGzOf, zipOf } from '../../support/pypi.ts';

const limits = {
  maxEntries: 100,
  maxDirectoryBytes: 100_000,
  maxBytes: 10_000,
  maxRatio: 1000,
  maxHeaders: 100,
  maxUnpackedBytes: 1_000_000,
};

const streams: Readable[] = [];

function read(bytes: Buffer, fileName = 'demo-1.0.tar.gz', some = {}) {
  const parsed = parseFileName(fileName);
  if (parsed === undefined) throw new Error(`${fileName} is no file name`);
  const file = {
    size: bytes.length,
    read: ({ start, end }: { start: number; end: number }) => {
      const stream = Readable.from([bytes.subarray(start, end + 1)], { objectMode: false });
      streams.push(stream);
      return stream;
    },
  };
  return readSdistMetadata(file, fileName, parsed, { ...limits, ...some });
}

const text = metadataText('demo', '1.0', ['Summary: hello'], '# Demo\n');
const pkgInfo: TarPart = ['demo-1.0/PKG-INFO', text];

describe('an sdist', () => {
  test('tells its metadata', async () => {
    const found = await read(await sdistOf('demo', '1.0', ['Summary: hello'], '# Demo\n'));
    expect(found?.metadata).toMatchObject({ name: 'demo', version: '1.0', summary: 'hello', description: '# Demo' });
    expect(found?.bytes.toString()).toBe(text);
  });

  test.each<[string, TarPart[], string]>([
    ['behind other files', [['demo-1.0/a.py', 'x'.repeat(5000)], pkgInfo], 'demo-1.0.tar.gz'],
    ['below `./`', [['./demo-1.0/PKG-INFO', text]], 'demo-1.0.tar.gz'],
    ['in a folder of another spelling', [['Demo-1.0/PKG-INFO', text]], 'demo-1.0.tgz'],
    ['beside links of that name', [['demo-1.0/PKG-INFO', { link: '/etc/passwd' }], pkgInfo], 'demo-1.0.tar.gz'],
    ['of an equal version', [['demo-1.0/PKG-INFO', metadataText('DEMO', '1.0.0')]], 'demo-1.0.tar.gz'],
  ])('has it %s', async (_, parts, fileName) => {
    expect((await read(await tarGzOf(parts), fileName))?.metadata.name.toLowerCase()).toBe('demo');
  });

  test('may be a zip', async () => {
    const zip = zipOf([
      { name: 'demo-1.0/', content: '', isStored: true },
      { name: 'demo-1.0/PKG-INFO', content: text },
      { name: 'demo-1.0/demo.egg-info/PKG-INFO', content: 'x' },
    ]);
    expect((await read(zip, 'demo-1.0.zip'))?.bytes.toString()).toBe(text);
    expect(await read(zipOf([{ name: 'demo-1.0/a', content: '' }]), 'demo-1.0.zip')).toBeUndefined();
    await expect(read(Buffer.from('hello'), 'demo-1.0.zip')).rejects.toThrow('no zip');
  });

  test.each<[string, TarPart[]]>([
    ['where there is none', [['demo-1.0/setup.py', '']]],
    [
      'of another folder',
      [
        ['other-1.0/PKG-INFO', text],
        ['PKG-INFO', text],
      ],
    ],
    ['out of a link', [['demo-1.0/PKG-INFO', { link: '../../x' }]]],
    [
      'out of a path that leads elsewhere',
      [
        ['../demo-1.0/PKG-INFO', text],
        ['/demo-1.0/PKG-INFO', text],
      ],
    ],
    ['deeper down', [['demo-1.0/demo.egg-info/PKG-INFO', text]]],
  ])('has no metadata %s', async (_, parts) => {
    expect(await read(await tarGzOf(parts))).toBeUndefined();
  });

  test('is taken without metadata where it is compressed as Node cannot', async () => {
    for (const ending of ['tar.bz2', 'tar.xz', 'tar.Z']) {
      expect(await read(Buffer.from('BZh9'), `demo-1.0.${ending}`)).toBeUndefined();
    }
  });
});

describe('an sdist is refused', () => {
  test.each<[string, () => Promise<Buffer> | Buffer, string]>([
    ['empty', () => Buffer.alloc(0), 'is empty'],
    ['not gzip', () => Buffer.from('hello, this is text'), 'not gzip'],
    ['gzip of something else', () => gzipSync('x'.repeat(2000)), 'not a whole tar archive'],
    ['cut off', async () => (await sdistOf('demo', '1.0')).subarray(0, -10), 'cut off'],
    [
      'damaged',
      async () => Buffer.concat([(await sdistOf('demo', '1.0')).subarray(0, -8), Buffer.alloc(8)]),
      'not gzip',
    ],
    ['with two PKG-INFO', () => tarGzOf([pkgInfo, ['Demo-1.0/PKG-INFO', text]]), 'more than one'],
    ['of another project', () => tarGzOf([['demo-1.0/PKG-INFO', metadataText('other', '1.0')]]), "'other'"],
    ['of another version', () => tarGzOf([['demo-1.0/PKG-INFO', metadataText('demo', '2')]]), "'2'"],
    ['with a large PKG-INFO', () => tarGzOf([['demo-1.0/PKG-INFO', 'x'.repeat(10_001)]]), 'at most 10000'],
    [
      'with many files',
      () => tarGzOf(Array.from({ length: 101 }, (_, n): TarPart => [`demo-1.0/${n}`, ''])),
      '100 entries',
    ],
    ['too large inside', () => tarGzOf([pkgInfo, ['demo-1.0/zeros', Buffer.alloc(20_000_000)]]), 'more than 1000000'],
  ])('that is %s', async (_, make, reason) => {
    const refused = read(await make());
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
  });
});

test('whatever is changed in an sdist, the answer is its metadata or a refusal', async () => {
  const tar = gunzipSync(await sdistOf('demo', '1.0'));
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(tar.length), async (list, length) => {
      const bytes = Buffer.from(length % 3 === 0 ? tar.subarray(0, length) : tar);
      for (const [at, byte] of list) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      const answer = await read(gzipSync(bytes, { level: 1 })).catch((error: unknown) => error);
      if (answer instanceof Error) expect(answer).toBeInstanceOf(PackyardError);
    }),
    { numRuns: 300 },
  );
  for (const stream of streams) expect(stream.destroyed).toBe(true);
}, 30_000);
