import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PackyardError } from '../../../src/core/errors.ts';
import {
  checkNewName,
  checkTag,
  fullName,
  parsePackageName,
  parseVersion,
  tarballFile,
  versionOfTarball,
} from '../../../src/formats/npm/names.ts';

const lodash = { format: 'npm', namespace: null, name: 'lodash' };
const hello = { format: 'npm', namespace: 'acme', name: 'hello' };

describe('a package name', () => {
  test('is a name, or a scope without its @ and a name', () => {
    expect(parsePackageName('lodash')).toEqual(lodash);
    expect(parsePackageName('@acme/hello')).toEqual(hello);
    expect(fullName(lodash)).toBe('lodash');
    expect(fullName(hello)).toBe('@acme/hello');
  });

  test.each([
    'JSONStream',
    'constructor',
    'a.b',
    'one-two',
    "it's~odd!(*)",
    '@Acme/_private',
    '@a-b/c.d',
    'a'.repeat(214),
  ])('may be %s, as upstream packages are', (name) => {
    const coordinate = parsePackageName(name);
    expect(coordinate && fullName(coordinate)).toBe(name);
  });

  test.each([
    '',
    '.',
    '..',
    '.hidden',
    '-',
    '_private',
    '__proto__',
    'node_modules',
    'Favicon.ico',
    'a b',
    ' a',
    'a\n',
    'a\0',
    'a\\b',
    'a/b',
    'a%2fb',
    'a#b',
    'ünder',
    'e\u0301',
    '\ud800',
    '@acme',
    '@acme/',
    '@/hello',
    '@acme/hello/x',
    '@acme//hello',
    '@acme/..',
    '@../hello',
    '@acme/-',
    '@@acme/hello',
    'a'.repeat(215),
    `@${'a'.repeat(200)}/${'b'.repeat(14)}`,
  ])('is not %j', (name) => {
    expect(parsePackageName(name)).toBeUndefined();
  });

  test('reads back as it was written, whatever was asked for', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const coordinate = parsePackageName(text);
        return coordinate === undefined || fullName(coordinate) === text;
      }),
    );
  });
});

describe('a name published here for the first time', () => {
  test.each(['lodash', '@acme/hello', 'a.b-c_d'])('may be %s', (name) => {
    expect(() => checkNewName(coordinateOf(name))).not.toThrow();
  });

  test.each([
    ['JSONStream', 'capital letters'],
    ['@Acme/hello', 'capital letters'],
    ["it's", 'special characters'],
    ['http', 'core module name'],
    ['-x', 'hyphen'],
  ])('may not be %s: %s', (name, problem) => {
    expect(() => checkNewName(coordinateOf(name))).toThrow(problem);
    expect(() => checkNewName(coordinateOf(name))).toThrow(PackyardError);
  });
});

describe('a version', () => {
  test.each([
    ['1.0.0', '1.0.0'],
    ['1.0.0-beta.1', '1.0.0-beta.1'],
    ['v1.0.0', '1.0.0'],
    ['=1.0.0', '1.0.0'],
    ['1.0.0+build.5', '1.0.0'],
    ['1.0.0-rc.1+build.5', '1.0.0-rc.1'],
  ])('%s is stored as %s', (text, stored) => {
    expect(parseVersion(text)).toBe(stored);
  });

  test.each([
    '',
    '1',
    '1.0',
    '1.x',
    '01.0.0',
    '1.0.0-01',
    '1.0.0.0',
    ' 1.0.0',
    '1.0.0\n',
    'v 1.0.0',
    '1.0.0-',
    'latest',
  ])('%j is none', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test('has at most the 255 characters of AWS', () => {
    expect(parseVersion(`1.0.0-${'a'.repeat(249)}`)).toHaveLength(255);
    expect(parseVersion(`1.0.0-${'a'.repeat(250)}`)).toBeUndefined();
  });

  test('as stored is stored as itself', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[=v]{0,2}\d{1,2}\.\d{1,2}\.\d{1,2}(-[a-z0-9.]{1,6})?(\+[a-z0-9.]{1,6})?$/),
        (text) => {
          const version = parseVersion(text);
          return version === undefined || parseVersion(version) === version;
        },
      ),
    );
  });
});

describe('a dist-tag', () => {
  test.each(['latest', 'next', 'v-next', 'release-1.x-lts', 'constructor'])('may be %s', (tag) => {
    expect(() => checkTag(tag)).not.toThrow();
  });

  test.each(['1', '1.0.0', 'v1.4', '1.x', 'x', '*', '~1', '1.0.0-beta'])('may not be the range %s', (tag) => {
    expect(() => checkTag(tag)).toThrow('version range');
  });

  test.each(['', 'a b', 'a/b', 'a%2f', '..', '__proto__', 'ü', '>=1', 'a'.repeat(256)])('may not be %j', (tag) => {
    expect(() => checkTag(tag)).toThrow(PackyardError);
  });
});

describe('a tarball', () => {
  test('is named after the package without its scope', () => {
    expect(tarballFile(lodash, '4.17.21')).toBe('lodash-4.17.21.tgz');
    expect(tarballFile(hello, '1.0.0-rc.1')).toBe('hello-1.0.0-rc.1.tgz');
  });

  test('says its version, with or without the scope before it', () => {
    expect(versionOfTarball(hello, 'hello-1.0.0.tgz')).toBe('1.0.0');
    expect(versionOfTarball(hello, '@acme/hello-1.0.0.tgz')).toBe('1.0.0');
    expect(versionOfTarball(lodash, 'lodash-1.0.0-rc.1.tgz')).toBe('1.0.0-rc.1');
  });

  test.each([
    'hello-1.0.0.zip',
    'hello-1.0.0',
    'hello-.tgz',
    'hello-v1.0.0.tgz',
    'hello-1.0.0+b.tgz',
    'other-1.0.0.tgz',
    '@other/hello-1.0.0.tgz',
    '../hello-1.0.0.tgz',
    'hello-1.0.0.tgz/x',
    '',
  ])('of @acme/hello is not %j', (file) => {
    expect(versionOfTarball(hello, file)).toBeUndefined();
  });
});

function coordinateOf(name: string) {
  const coordinate = parsePackageName(name);
  if (coordinate === undefined) throw new Error(`${name} is no name`);
  return coordinate;
}
