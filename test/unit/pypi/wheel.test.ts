import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import { readWheelMetadata } from '../../../src/formats/pypi/wheel.ts';
import { metadataText, wheelOf, type ZipPart, type ZipShape, zipOf } from '../../support/pypi.ts';

const limits = {
  maxEntries: 100,
  maxDirectoryBytes: 100_000,
  maxBytes: 100_000,
  maxRatio: 100,
  maxHeaders: 100,
};
const release = { project: 'demo-pkg', version: '1.0' };

function fileOf(bytes: Buffer) {
  let reads = 0;
  return {
    size: bytes.length,
    read: ({ start, end }: { start: number; end: number }) => {
      if (start < 0 || end < start || end >= bytes.length) throw new RangeError(`${start} to ${end}`);
      reads += 1;
      return Readable.from([bytes.subarray(start, end + 1)], { objectMode: false });
    },
    reads: () => reads,
  };
}

const read = (bytes: Buffer, some = {}) => readWheelMetadata(fileOf(bytes), release, { ...limits, ...some });

const text = metadataText('Demo.Pkg', '1.0', ['Summary: hello'], '# Demo\n');
const metadata: ZipPart = { name: 'demo_pkg-1.0.dist-info/METADATA', content: text };
const code: ZipPart = { name: 'demo_pkg/__init__.py', content: 'x = 1\n' };
const archive = (part: Partial<ZipPart> = {}, shape: ZipShape = {}) => zipOf([code, { ...metadata, ...part }], shape);

describe('a wheel', () => {
  test('tells its metadata, in its very bytes', async () => {
    const { bytes, metadata: core } = await read(wheelOf('Demo.Pkg', '1.0', ['Summary: hello'], '# Demo\n'));
    expect(core).toMatchObject({ name: 'Demo.Pkg', version: '1.0', summary: 'hello', description: '# Demo' });
    expect(bytes.toString()).toBe(text);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test.each<[string, () => Buffer]>([
    ['without compression', () => archive({ isStored: true })],
    ['with data descriptors', () => archive({ hasDataDescriptor: true })],
    ['with a comment', () => archive({}, { comment: 'made by hand' })],
    ['with the longest comment', () => archive({}, { comment: 'x'.repeat(0xffff) })],
    ['in zip64', () => archive({}, { isZip64: true })],
    ['with zip64 sizes', () => archive({ isZip64: true }, { isZip64: true, comment: 'x' })],
    ['with names in UTF-8', () => zipOf([{ name: 'demo_pkg/é.py', content: '', flags: 0x800 }, metadata])],
    ['with other folders', () => zipOf([metadata, { name: 'demo_pkg-1.0.data/x.dist-info/METADATA', content: '' }])],
    [
      'with metadata of a vendored package',
      () => zipOf([metadata, { name: 'demo_pkg/a-1.dist-info/METADATA', content: '' }]),
    ],
    ['with another spelling of its folder', () => archive({ name: 'Demo.Pkg-1.0.dist-info/METADATA' })],
    ['of an equal version', () => archive({ content: metadataText('demo_pkg', '1.0.0') })],
  ])('is read %s', async (_, make) => {
    expect((await read(make())).metadata.name.toLowerCase()).toMatch(/^demo.pkg$/);
  });

  test('is read in a few ranges, however many files it has', async () => {
    const many = Array.from({ length: 5000 }, (_, index): ZipPart => ({ name: `demo_pkg/${index}.py`, content: '' }));
    const file = fileOf(zipOf([...many, metadata]));
    await readWheelMetadata(file, release, { ...limits, maxEntries: 10_000, maxDirectoryBytes: 10_000_000 });
    expect(file.reads()).toBeLessThanOrEqual(5);
  });
});

describe('a wheel is refused', () => {
  const end = (count: number) => zipOf([code, metadata]).subarray(-22 - count);

  test.each<[string, () => Buffer, string]>([
    ['empty', () => Buffer.alloc(0), 'no zip'],
    ['something else', () => Buffer.from('hello, this is text'), 'no zip'],
    ['a zip with nothing in it', () => zipOf([]), 'no METADATA'],
    ['without METADATA', () => zipOf([code]), 'no METADATA'],
    ['with METADATA in a folder within', () => archive({ name: 'a/demo_pkg-1.0.dist-info/METADATA' }), 'no METADATA'],
    ['with METADATA in no folder', () => archive({ name: 'METADATA' }), 'no METADATA'],
    ['with METADATA elsewhere by `..`', () => archive({ name: '../demo_pkg-1.0.dist-info/METADATA' }), 'no METADATA'],
    ['with METADATA twice', () => zipOf([metadata, { ...metadata, content: 'Name: other' }]), '2 files'],
    [
      'with METADATA in two folders',
      () => zipOf([metadata, { ...metadata, name: 'a-1.dist-info/METADATA' }]),
      '2 files',
    ],
    [
      'with METADATA in two cases',
      () => zipOf([metadata, { ...metadata, name: 'demo_pkg-1.0.DIST-INFO/metadata' }]),
      '2 files',
    ],
    [
      'with METADATA by two slashes',
      () => zipOf([metadata, { ...metadata, name: 'demo_pkg-1.0.dist-info\\METADATA' }]),
      '2 files',
    ],
    ['with METADATA in another case', () => archive({ name: 'demo_pkg-1.0.dist-info/Metadata' }), 'instead of'],
    ['with the folder of another project', () => archive({ name: 'demo-1.0.dist-info/METADATA' }), 'another project'],
    ['with the name of another project', () => archive({ content: metadataText('other', '1.0') }), "'other'"],
    ['with another version', () => archive({ content: metadataText('demo-pkg', '1.1') }), "'1.1'"],
    ['with a METADATA that is none', () => archive({ content: 'hello' }), "no header 'name'"],
    ['with an encrypted METADATA', () => archive({ flags: 1 }), 'encrypted'],
    ['compressed in another way', () => archive({ method: 12 }), 'method 12'],
    [
      'with a wrong name in front of its bytes',
      () => archive({ localName: 'demo_pkg-1.0.dist-info/METADATB' }),
      'something else',
    ],
    ['with a NUL in a name', () => archive({ name: 'demo_pkg-1.0.dist-info/METADATA\0.txt' }), 'NUL'],
    ['with a second name', () => archive({ extra: unicodePath('other') }), 'two names'],
    ['with a METADATA larger than it says', () => archive({ claimedSize: 10 }), 'damaged'],
    ['with a METADATA smaller than it says', () => archive({ claimedSize: text.length + 1 }), 'damaged'],
    ['with a METADATA of no size', () => archive({ claimedSize: 0 }), 'damaged'],
    ['cut at its end', () => archive().subarray(0, -1), 'no zip'],
    ['cut at its begin', () => archive().subarray(1), 'before its begin'],
    ['with something in front', () => Buffer.concat([Buffer.from('#!/bin/sh\n'), archive()]), 'before its begin'],
    ['with something behind', () => Buffer.concat([archive(), Buffer.from('x')]), 'no zip'],
    ['with something behind its directory', () => archive({}, { gap: Buffer.alloc(10) }), 'behind its directory'],
    [
      'with something behind its directory in zip64',
      () => archive({}, { gap: Buffer.alloc(10), isZip64: true }),
      'behind its directory',
    ],
    [
      'with a second end in its comment',
      () => archive({}, { comment: end(0).toString('latin1') }),
      'more than one end',
    ],
    ['with only its end', () => end(0), 'before its begin'],
  ])('that is %s', async (_, make, reason) => {
    const refused = read(make());
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toMatchObject({ code: 'ValidationException', status: 400 });
  });

  test('when it is over a limit', async () => {
    const bomb = archive({ content: `${text}${'\0'.repeat(90_000)}` });
    expect(bomb.length).toBeLessThan(2000);
    await expect(read(bomb)).rejects.toThrow('suspiciously well');
    await expect(read(archive(), { maxBytes: 10 })).rejects.toThrow('at most 10');
    await expect(read(archive(), { maxEntries: 1 })).rejects.toThrow('2 entries, more than 1');
    await expect(read(archive(), { maxDirectoryBytes: 10 })).rejects.toThrow('more than 10 bytes');
  });

  test('when it inflates to more than it says, without being inflated', async () => {
    const bomb = archive({ content: Buffer.alloc(50_000_000), claimedSize: 5000 });
    await expect(read(bomb)).rejects.toThrow('damaged');
  });
});

test('an error of the file itself is not blamed on the wheel', async () => {
  const failing = {
    size: 1000,
    read: () =>
      new Readable({
        read() {
          this.destroy(new Error('disk on fire'));
        },
      }),
  };
  const reading = readWheelMetadata(failing, release, limits);
  await expect(reading).rejects.toThrow('disk on fire');
  await expect(reading).rejects.not.toThrow(PackyardError);
});

test('whatever is changed in a wheel, the answer is its metadata or a refusal', async () => {
  const shapes = [archive(), archive({ isZip64: true, hasDataDescriptor: true }, { isZip64: true, comment: 'c' })];
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...shapes), changes, fc.nat(30), async (wheel, list, cut) => {
      const bytes = Buffer.from(wheel.subarray(0, cut < 25 ? undefined : -cut));
      for (const [at, byte] of list) bytes[bytes.length - 1 - (at % bytes.length)] = byte;
      const answer = await read(bytes).catch((error: unknown) => error);
      if (answer instanceof Error) expect(answer).toBeInstanceOf(PackyardError);
      else expect(answer).toHaveProperty('metadata.version', '1.0');
    }),
    { numRuns: 1000 },
  );
});

/** Info-ZIP's extra field for a name in UTF-8. */
function unicodePath(name: string): Buffer {
  const extra = Buffer.alloc(9 + name.length);
  extra.writeUInt16LE(0x7075, 0);
  extra.writeUInt16LE(5 + name.length, 2);
  extra.writeUInt8(1, 4);
  extra.write(name, 9);
  return extra;
}
