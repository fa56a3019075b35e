import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baseVersion,
  buildVersion,
  compareBuilds,
  isSnapshot,
  latestBuild,
  parseBuild,
} from '../../../src/formats/maven/snapshot.ts';

const build = (version: string) => {
  const parsed = parseBuild(version);
  if (parsed === undefined) throw new Error(`${version} is no build`);
  return parsed;
};

describe('a SNAPSHOT', () => {
  test.each(['1.0-SNAPSHOT', '1.0-rc1-SNAPSHOT', 'SNAPSHOT'])('is %s', (version) => {
    expect(isSnapshot(version)).toBe(true);
  });

  test.each(['1.0', '1.0-snapshot', '1.0-SNAPSHOT-x', '1.0SNAPSHOT', '1.0-20210728.194552-1', ''])(
    'is not %j',
    (version) => {
      expect(isSnapshot(version)).toBe(false);
    },
  );
});

describe('a build', () => {
  test('tells its SNAPSHOT, its time and its number', () => {
    expect(build('1.0-20210728.194552-12')).toEqual({
      version: '1.0-20210728.194552-12',
      baseVersion: '1.0-SNAPSHOT',
      timestamp: '20210728.194552',
      buildNumber: 12,
    });
    expect(build('20210728.194552-1').baseVersion).toBe('SNAPSHOT');
    expect(baseVersion('1.0-rc-1-20210728.194552-1')).toBe('1.0-rc-1-SNAPSHOT');
    expect(baseVersion('1.0')).toBe('1.0');
  });

  test.each([
    '1.0',
    '1.0-SNAPSHOT',
    '1.020210728.194552-1',
    '1.0-20210728.194552',
    '1.0-20210728-1',
    '1.0-20210728.194552-01',
    '1.0-20210728.194552-1234567890',
    '1.0-20210728.194552-1-sources',
  ])('is not %s', (version) => {
    expect(parseBuild(version)).toBeUndefined();
  });

  test('is read back as it was made', () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
    fc.assert(
      fc.property(fc.string(), digits(8), digits(6), fc.nat(999_999_999), (prefix, day, time, buildNumber) => {
        const base = `${prefix}-SNAPSHOT`;
        const version = buildVersion(base, `${day}.${time}`, buildNumber);
        expect(parseBuild(version)).toEqual({ version, baseVersion: base, timestamp: `${day}.${time}`, buildNumber });
      }),
    );
  });

  test('is newer by its time, then by its number, whenever it arrived', () => {
    const builds = ['1-20210728.194552-10', '1-20210728.194552-9', '1-20210729.000000-1', '1-20200101.000000-99'];
    expect(
      builds
        .map(build)
        .toSorted(compareBuilds)
        .map(({ version }) => version),
    ).toEqual(['1-20200101.000000-99', '1-20210728.194552-9', '1-20210728.194552-10', '1-20210729.000000-1']);
    expect(latestBuild(builds.map(build))?.version).toBe('1-20210729.000000-1');
    expect(latestBuild([])).toBeUndefined();
  });
});
