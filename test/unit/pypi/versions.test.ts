import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  isSameVersion,
  isVersion,
  normalizeVersion,
  versionKey,
} from '../../../src/formats/pypi/versions.ts';

describe('a version', () => {
  // Both columns as `packaging` 26 gives them: str(Version(v)) and canonicalize_version(v).
  test.each([
    ['1.0', '1.0', '1'],
    ['1.0.0', '1.0.0', '1'],
    ['v1.0', '1.0', '1'],
    ['1.0.alpha.1', '1.0a1', '1a1'],
    ['1.0-beta', '1.0b0', '1b0'],
    ['1.0c2', '1.0rc2', '1rc2'],
    ['1.0PREVIEW3', '1.0rc3', '1rc3'],
    ['1.0-1', '1.0.post1', '1.post1'],
    ['1.0.post', '1.0.post0', '1.post0'],
    ['1.0-r4', '1.0.post4', '1.post4'],
    ['1.0-dev3', '1.0.dev3', '1.dev3'],
    ['1!2.0', '1!2.0', '1!2'],
    ['2.0+cu118', '2.0+cu118', '2+cu118'],
    ['2.0+CU_1-x.007', '2.0+cu.1.x.7', '2+cu.1.x.7'],
    ['01.002.3', '1.2.3', '1.2.3'],
    ['0.0', '0.0', '0'],
    ['20240101000000000000000001', '20240101000000000000000001', '20240101000000000000000001'],
    ['1.0+1e3', '1.0+1e3', '1+1e3'],
    ['1.0+0x10', '1.0+0x10', '1+0x10'],
  ])('%s is %s, and the same as all others with key %s', (text, normal, key) => {
    expect(normalizeVersion(text)).toBe(normal);
    expect(versionKey(text)).toBe(key);
    expect(isSameVersion(text, normal)).toBe(true);
  });

  test.each(['', '1.0_', '1..0', 'a1.0', '1.0+', '==1.0', '1.0.x', '2004d', '1.0.*', ' 1.0', '1.0\n', '1'.repeat(256)])(
    'is not %j',
    (text) => {
      expect(isVersion(text)).toBe(false);
      expect(normalizeVersion(text)).toBeUndefined();
      expect(isSameVersion(text, text)).toBe(true);
      expect(isSameVersion(text, '1.0')).toBe(false);
    },
  );

  test('comes before the later ones', () => {
    // The order of PEP 440's own example, with the rarer forms put in.
    const ordered = [
      'not a version',
      '0.9',
      '1.0.dev456',
      '1.0a1.dev1',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12',
      '1.0b1.dev456',
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0',
      '1.0+0x10',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0+10',
      '1.0.post456.dev34',
      '1.0.post456',
      '1.0.15',
      '1.1.dev1',
      '1.9',
      '1.10',
      '1!0.1',
    ];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(compareVersions('1.0', '1.0.0')).toBe(0);
  });

  test('compares equal exactly when its key is', () => {
    const part = fc.constantFrom(
      '',
      '.0',
      '.1',
      'a',
      'a0',
      'rc1',
      '.post',
      '-0',
      '.dev',
      '.dev0',
      '+a',
      '+0',
      '+00',
      '+a_1',
    );
    const version = fc.tuple(fc.constantFrom('1', '1.0', 'v1.0.0', '0!1'), part, part).map((parts) => parts.join(''));
    fc.assert(
      fc.property(version, version, (one, other) => {
        fc.pre(isVersion(one) && isVersion(other));
        expect(compareVersions(one, other) === 0).toBe(versionKey(one) === versionKey(other));
        expect(Math.sign(compareVersions(one, other))).toBe(-Math.sign(compareVersions(other, one)) + 0);
        expect(normalizeVersion(normalizeVersion(one) ?? '')).toBe(normalizeVersion(one));
      }),
    );
  });
});
