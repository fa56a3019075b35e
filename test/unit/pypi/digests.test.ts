import { describe, expect, test } from 'vitest';
import { checkDigests, readFormDigests, startBlake2b256 } from '../../../src/formats/pypi/digests.ts';

const received = { md5: 'a'.repeat(32), sha256: 'b'.repeat(64), blake2b256: 'c'.repeat(64) };

async function blake2b256(...chunks: string[]) {
  const hash = await startBlake2b256();
  for (const chunk of chunks) hash.update(Buffer.from(chunk));
  return hash.digest();
}

// As Python's hashlib.blake2b(…, digest_size=32) gives them.
test.each([
  ['', '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'],
  ['abc', 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
])('the BLAKE2b-256 of %j is %s', async (text, digest) => {
  expect(await blake2b256(text)).toBe(digest);
  expect(await blake2b256(...text)).toBe(digest);
});

test('two digests can be made at the same time', async () => {
  const [one, other] = [await startBlake2b256(), await startBlake2b256()];
  one.update(Buffer.from('a'));
  other.update(Buffer.from('ab'));
  one.update(Buffer.from('bc'));
  other.update(Buffer.from('c'));
  expect([one.digest(), other.digest()]).toEqual([await blake2b256('abc'), await blake2b256('abc')]);
});

describe('the digests of a form', () => {
  const read = (fields: Record<string, string>) => readFormDigests((name) => fields[name]);

  test('are those it gives, in lower case', () => {
    expect(read({ sha256_digest: 'AB'.repeat(32), blake2_256_digest: received.blake2b256 })).toEqual({
      sha256: 'ab'.repeat(32),
      blake2b256: received.blake2b256,
    });
    expect(read({})).toEqual({});
  });

  test.each(['md5_digest', 'sha256_digest', 'blake2_256_digest'])('are refused when %s is none', (field) => {
    for (const value of ['x', 'g'.repeat(64), 'a'.repeat(63)]) {
      expect(() => read({ [field]: value })).toThrow(`${field} is not a digest`);
    }
  });

  test('are held against the file', () => {
    checkDigests({}, received);
    checkDigests(received, received);
    expect(() => checkDigests({ md5: '0'.repeat(32) }, received)).toThrow("The file's MD5 is aaaa");
    expect(() => checkDigests({ ...received, sha256: '0'.repeat(64) }, received)).toThrow("The file's SHA-256");
    expect(() => checkDigests({ blake2b256: '0'.repeat(64) }, received)).toThrow("The file's BLAKE2b-256");
  });
});
