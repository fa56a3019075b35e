import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileFacts, join, narrow, noMetadata, readEntry, writeEntry } from '../../../src/formats/pypi/entry.ts';

const facts = fc.record(
  { sha256: fc.string(), size: fc.nat(), yanked: fc.oneof(fc.string(), fc.constant(true as const)) },
  { requiredKeys: [] },
) as fc.Arbitrary<FileFacts>;
const files = fc.uniqueArray(fc.tuple(fc.oneof(fc.string(), fc.constant('__proto__')), facts), {
  selector: ([name]) => name,
});
const hashes = { md5: 'a'.repeat(32), sha1: 'b'.repeat(40), sha256: 'c'.repeat(64), sha512: 'd'.repeat(128) };
const stored = (name: string) => ({ name, size: 7, hashes });
const texts = (entry: string, metadata = noMetadata) => ({ metadata, entry });
const sorted = (entry: string) => readEntry(entry).toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('The entry of a version', () => {
  test('says of each file what was written, whatever it is called', () => {
    fc.assert(
      fc.property(files, (some) => {
        expect(new Map(readEntry(writeEntry(some)))).toEqual(new Map(some));
        expect(new Map(readEntry(Buffer.from(writeEntry(some))))).toEqual(new Map(some));
      }),
    );
  });

  test('has the files of both once some have joined, and of a name that both have, the former', () => {
    fc.assert(
      fc.property(files, files, (existing, added) => {
        const { entry } = join(texts(writeEntry(existing)), texts(writeEntry(added)));
        expect(new Map(readEntry(entry))).toEqual(new Map([...added, ...existing]));
      }),
    );
  });

  test('is put together again from its parts', () => {
    fc.assert(
      fc.property(files, fc.func(fc.boolean()), (some, isOne) => {
        const whole = texts(writeEntry(some));
        const [one, other] = [true, false].map((side) =>
          narrow(
            whole,
            some.flatMap(([name]) => (isOne(name) === side ? [stored(name)] : [])),
            true,
          ),
        );
        const known = some.map(([name, said]) => [name, { size: 7, sha256: hashes.sha256, ...said }] as const);
        expect(sorted(join(one ?? whole, other ?? whole).entry)).toEqual(sorted(writeEntry(known)));
      }),
    );
  });

  test('keeps the metadata of the first file that says any', () => {
    const none = writeEntry([]);
    expect(join(texts(none, '{"name":"a"}'), texts(none, '{"name":"b"}')).metadata).toBe('{"name":"a"}');
    expect(join(texts(none), texts(none, '{"name":"b"}')).metadata).toBe('{"name":"b"}');
    expect(narrow(texts(none, '{"name":"a"}'), [], true).metadata).toBe('{"name":"a"}');
  });
});
