import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  encodeRemoteDocument,
  type ListedRemoteVersion,
  RemoteDocument,
  type RemotePackage,
  type RemoteVersion,
} from '../../src/core/remote-document.ts';
import type { Blobs } from '../../src/ports/blobs.ts';

/** Opens a document's bytes as a blob store would serve them. */
function open(bytes: Buffer): Promise<RemoteDocument> {
  const blobs: Pick<Blobs, 'open'> = {
    open: (_, range) => Readable.from([bytes.subarray(range?.start, range && range.end + 1)]),
  };
  return RemoteDocument.open(blobs as Blobs, 'a'.repeat(64));
}

const text = fc.string({ unit: 'grapheme' });
const version = fc.record({
  version: text,
  publishedAt: fc.option(fc.nat()),
  metadata: text,
  entry: text,
  display: fc.option(text),
  assets: fc.array(
    fc.record({ name: text, url: text, size: fc.option(fc.nat()), hashes: fc.constant({ sha1: 'abc' }) }),
  ),
});
type Written = RemotePackage & { readonly versions: readonly RemoteVersion[] };

const remotePackage: fc.Arbitrary<Written> = fc.record({
  tags: fc.dictionary(text, text),
  extra: fc.option(text),
  versions: fc.uniqueArray(version, { selector: (one) => one.version, maxLength: 8 }),
});

it('gives back what was written, version by version and all at once', async () => {
  await fc.assert(
    fc.asyncProperty(remotePackage, async (written) => {
      const bytes = Buffer.concat(encodeRemoteDocument(written));
      for (const document of [await open(bytes), RemoteDocument.of(bytes)]) await check(document, written);
    }),
  );
});

async function check(document: RemoteDocument, written: Written): Promise<void> {
  expect(Object.fromEntries(document.tags)).toEqual({ ...written.tags });
  expect(await document.extra()).toBe(written.extra);
  const listed = written.versions.map(({ assets: _assets, ...rest }) => rest);
  const texts = ({ metadata, entry, ...rest }: ListedRemoteVersion) => ({
    ...rest,
    metadata: `${metadata}`,
    entry: `${entry}`,
  });
  expect((await document.versions()).map(texts)).toEqual(listed);
  for (const one of written.versions) {
    expect(document.spelling(one.version)).toBe(one.version);
    expect(await document.version(one.version)).toEqual(one);
  }
  expect(await document.version('no such version')).toBeUndefined();
}
