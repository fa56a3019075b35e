import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type ChecksumAlgorithm,
  formatChecksum,
  matchesChecksum,
  parseChecksum,
  splitChecksum,
} from '../../../src/formats/maven/checksums.ts';

const sum = (algorithm: ChecksumAlgorithm) => createHash(algorithm).update('a jar').digest('hex');
const hashes = { md5: sum('md5'), sha1: sum('sha1'), sha256: sum('sha256'), sha512: sum('sha512') };
const algorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;

describe('the file of a checksum', () => {
  test.each(algorithms)('of %s is what its suffix says', (algorithm) => {
    expect(splitChecksum(`a-1.jar.${algorithm}`)).toEqual({ of: 'a-1.jar', algorithm });
  });

  test.each(['a-1.jar', 'a-1.jar.SHA1', 'a-1.jar.sha224', 'sha1', 'a-1.sha1.jar'])('is not %s', (fileName) => {
    expect(splitChecksum(fileName)).toBeUndefined();
  });
});

describe('the body of a checksum', () => {
  test.each(algorithms)('of %s matches as Maven writes it, with a line’s end, and with a file name', (algorithm) => {
    const hex = formatChecksum(hashes, algorithm);
    for (const body of [hex, `${hex}\n`, `${hex}\r\n`, `${hex}  a-1.jar\n`, `${hex} *a-1.jar`, ` ${hex}\t`]) {
      expect(matchesChecksum(Buffer.from(body), algorithm, hashes), body).toBe(true);
    }
  });

  test('does not match in upper case', () => {
    const upper = Buffer.from(hashes.sha1.toUpperCase());
    expect(parseChecksum(upper, 'sha1')).toBe(hashes.sha1.toUpperCase());
    expect(matchesChecksum(upper, 'sha1', hashes)).toBe(false);
  });

  test.each([
    ['of another algorithm', hashes.md5],
    ['of other bytes', hashes.sha1.replace(/./, (digit) => (digit === '0' ? '1' : '0'))],
    ['behind the file name', `a-1.jar ${hashes.sha1}`],
    ['cut off', hashes.sha1.slice(0, -1)],
    ['too long', `${hashes.sha1}0`],
    ['no hexadecimal', 'z'.repeat(40)],
    ['empty', ''],
    ['a page of HTML', '<html><body>Not found</body></html>'],
    ['of a hostile length', hashes.sha1 + ' '.repeat(10_000_000)],
    ['with a byte order mark', `\ufeff${hashes.sha1}`],
  ])('does not match when it is %s', (_, body) => {
    expect(matchesChecksum(Buffer.from(body), 'sha1', hashes)).toBe(false);
  });
});
