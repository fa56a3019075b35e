import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, sortVersions } from '../../../src/formats/maven/version-order.ts';

const anyVersion = fc
  .array(
    fc.oneof(
      fc.constantFrom('.', '-', '..', '-.', '--'),
      fc.constantFrom('0', '00', '1', '2', '10', '12345678901234567890'),
      fc.constantFrom('alpha', 'a', 'B', 'm', 'RC', 'cr', 'SNAPSHOT', 'ga', 'Final', 'release', 'sp', 'foo', 'é', 'x'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('versions in the order of Maven’s own tests', () => {
  const ascending = [
    [
      ...['1-alpha2snapshot', '1-alpha2', '1-alpha-123', '1-beta-2', '1-beta123', '1-m2', '1-m11', '1-rc', '1-cr2'],
      ...['1-rc123', '1-SNAPSHOT', '1', '1-sp', '1-sp2', '1-sp123', '1-abc', '1-def', '1-pom-1', '1-1-snapshot'],
      ...['1-1', '1-2', '1-123'],
    ],
    [
      ...['2.0', '2.0.a', '2-1', '2.0.2', '2.0.123', '2.1.0', '2.1-a', '2.1b', '2.1-c', '2.1-1', '2.1.0.1', '2.2'],
      ...['2.123', '11.a2', '11.a11', '11.b2', '11.b11', '11.m2', '11.m11', '11', '11.a', '11b', '11c', '11m'],
    ],
    ['20190126.230843', '1234567890.12345', '123456789012345.1H.5-beta', '12345678901234567890.1H.5-beta'],
    ['6.1.0rc3', '6.1.0', '6.1H.5-beta'],
    ['1-0.alpha', '1-0.beta', '1'],
    ['aardvark', 'zebra', 'ζέβρα'],
    ...['abc', 'alpha', 'a', 'beta', 'b', 'def', 'milestone', 'm', 'RC'].map((x) => [`1.0.0.${x}1`, `1.0.0-${x}2`]),
  ];
  test.each(ascending.map((versions) => [versions]))('are %s', (versions) => {
    versions.forEach((low, at) => {
      for (const high of versions.slice(at + 1)) {
        expect(compareVersions(low, high), `${low} < ${high}`).toBeLessThan(0);
        expect(compareVersions(high, low), `${high} > ${low}`).toBeGreaterThan(0);
      }
    });
    expect(sortVersions(versions.toReversed())).toEqual(versions);
  });

  test.each([
    ['1', '2'],
    ['1.5', '2'],
    ['1', '2.5'],
    ['1.0', '1.1'],
    ['1.1', '1.2'],
    ['1.0.0', '1.1'],
    ['1.0.1', '1.1'],
    ['1.1', '1.2.0'],
    ['1.0-alpha-1', '1.0'],
    ['1.0-alpha-1', '1.0-alpha-2'],
    ['1.0-alpha-1', '1.0-beta-1'],
    ['1.0-beta-1', '1.0-SNAPSHOT'],
    ['1.0-SNAPSHOT', '1.0'],
    ['1.0-alpha-1-SNAPSHOT', '1.0-alpha-1'],
    ['1.0', '1.0-1'],
    ['1.0-1', '1.0-2'],
    ['1.0.0', '1.0-1'],
    ['2.0-1', '2.0.1'],
    ['2.0.1-klm', '2.0.1-lmn'],
    ['2.0.1', '2.0.1-xyz'],
    ['2.0.1', '2.0.1-123'],
    ['2.0.1-xyz', '2.0.1-123'],
    ['0.7', '2'],
    ['0.2', '1.0.7'],
    ['é', '1'],
    ['\u{1d7e4}', '1'],
    ['J', '7'],
    ['c', '7'],
    ['\u0668', '1'],
    ['\u0668', '9'],
    ['1.0.final-redhat', '1.0-sp1-redhat'],
    ['1.0.final-redhat', '1.0-sp-1-redhat'],
    ['1.0.final-redhat', '1.0-sp.1-redhat'],
  ])('have %s before %s', (low, high) => {
    expect(compareVersions(low, high)).toBeLessThan(0);
    expect(compareVersions(high, low)).toBeGreaterThan(0);
  });

  test.each([
    ['1', '1'],
    ['1', '1.0'],
    ['1', '1.0.0'],
    ['1.0', '1.0.0'],
    ['1', '1-0'],
    ['1', '1.0-0'],
    ['1.0', '1.0-0'],
    ['1a', '1-a'],
    ['1a', '1.0-a'],
    ['1a', '1.0.0-a'],
    ['1.0a', '1-a'],
    ['1.0.0a', '1-a'],
    ['1x', '1-x'],
    ['1x', '1.0-x'],
    ['1x', '1.0.0-x'],
    ['1.0x', '1-x'],
    ['1.0.0x', '1-x'],
    ['1cr', '1rc'],
    ['1a1', '1-alpha-1'],
    ['1b2', '1-beta-2'],
    ['1m3', '1-milestone-3'],
    ['1X', '1x'],
    ['1A', '1a'],
    ['1B', '1b'],
    ['1M', '1m'],
    ['1Cr', '1Rc'],
    ['1cR', '1rC'],
    ['1m3', '1Milestone3'],
    ['1m3', '1MileStone3'],
    ['1m3', '1MILESTONE3'],
    ['1ga', '1'],
    ['1release', '1'],
    ['1final', '1'],
    ['1Ga', '1'],
    ['1GA', '1'],
    ['1RELEASE', '1'],
    ['1RELeaSE', '1'],
    ['1Final', '1'],
    ['1FinaL', '1'],
    ['1FINAL', '1'],
    ['1.0.0-alpha1', '1.0.0-ALPHA1'],
    ['1.a', '1.A'],
    ['1.é', '1.É'],
    ['1-abcdefghijklmnopqrstuvwxyz', '1-ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
    ['2-abc', '2.0.abc'],
    ['2-abc', '2.0.0.abc'],
    ['0000000000000000001', '1'],
    ['01', '0000000001'],
    ['0000000000000000000', '0'],
  ])('have %s level with %s', (one, other) => {
    expect(compareVersions(one, other)).toBe(0);
    expect(compareVersions(other, one)).toBe(0);
  });
});

describe('the order of versions', () => {
  test('is an order: no version is before itself, and what is before a later one is earlier', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
        expect(compareVersions(a, a)).toBe(0);
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
        if (compareVersions(a, b) === 0) {
          expect(Math.sign(compareVersions(a, c))).toBe(Math.sign(compareVersions(b, c)));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('is the same however the versions come, with those that are level by their text', () => {
    expect(sortVersions(['1.0', '2', '1', '1-ga'])).toEqual(['1', '1-ga', '1.0', '2']);
    fc.assert(
      fc.property(fc.array(anyVersion), (versions) => {
        expect(sortVersions(versions.toReversed())).toEqual(sortVersions(versions));
      }),
    );
  });

  test('is found in a moment for what nobody would call a version', () => {
    const hostile = ['-'.repeat(10_000), '.0'.repeat(5000), '1a'.repeat(5000), '0'.repeat(10_000), ''];
    for (const one of hostile) for (const other of hostile) compareVersions(one, other);
    expect(compareVersions('', '0')).toBe(0);
  }, 5000);
});
