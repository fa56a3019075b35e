import { describe, expect, test } from 'vitest';
import {
  checkUploadedFileName,
  isFileName,
  isProjectName,
  normalizeName,
  parseFileName,
} from '../../../src/formats/pypi/names.ts';

describe('a project', () => {
  test.each([
    ['PyHamcrest', 'pyhamcrest'],
    ['Foo.Bar', 'foo-bar'],
    ['foo-_.bar', 'foo-bar'],
    ['zope.interface', 'zope-interface'],
  ])('%s is stored as %s', (name, normal) => expect(normalizeName(name)).toBe(normal));

  test.each(['a', 'A.b-c_d', '7zip', 'x'.repeat(255)])('may be called %s', (name) => {
    expect(isProjectName(name)).toBe(true);
  });

  test.each(['', '-a', 'a-', '.', '..', 'a b', 'a/b', 'é', 'a\n', 'x'.repeat(256)])('may not be called %j', (name) => {
    expect(isProjectName(name)).toBe(false);
  });
});

describe('a file name', () => {
  test.each([
    ['demo-1.0-py3-none-any.whl', 'wheel', 'demo', '1.0'],
    ['Demo_Pkg-1.0-py3-none-any.whl', 'wheel', 'demo-pkg', '1.0'],
    ['torch-2.0.0+cu118-cp311-cp311-linux_x86_64.whl', 'wheel', 'torch', '2.0.0+cu118'],
    ['epoch-1!2.0-py2.py3-none-any.whl', 'wheel', 'epoch', '1!2.0'],
    ['old-1.0_1-py2-none-any.whl', 'wheel', 'old', '1.0-1'],
    ['demo-1.0.tar.gz', 'sdist', 'demo', '1.0'],
    ['zope.interface-4.5.0.tar.gz', 'sdist', 'zope-interface', '4.5.0'],
    ['a-b-c-1.0.tar.gz', 'sdist', 'a-b-c', '1.0'],
    ['py-2-1.0.zip', 'sdist', 'py-2', '1.0'],
    ['demo-1.0-beta-2.tgz', 'sdist', 'demo', '1.0-beta-2'],
    ['demo-1.0.tar.bz2', 'sdist', 'demo', '1.0'],
    ['demo_pkg-1.0-py2.7.egg', 'egg', 'demo-pkg', '1.0'],
    ['demo-1.0-py2.7-linux-x86_64.egg', 'egg', 'demo', '1.0'],
    ['demo-1.0.win-amd64-py2.7.exe', 'other', 'demo', '1.0'],
    ['demo-1.0.win32.exe', 'other', 'demo', '1.0'],
    ['demo-1.0.win32-py2.7.msi', 'other', 'demo', '1.0'],
    ['demo-1.0.linux-x86_64.tar.gz', 'other', 'demo', '1.0'],
    ['demo-1.0-1.noarch.rpm', 'other', 'demo', '1.0'],
  ])('%s is a %s of %s %s', (fileName, kind, project, version) => {
    expect(parseFileName(fileName)).toMatchObject({ kind, project, version });
    expect(parseFileName(fileName, project)).toMatchObject({ kind, project, version });
    expect(parseFileName(fileName, 'another')).toBeUndefined();
  });

  test('of a wheel has its build and tags', () => {
    expect(parseFileName('demo-1.0-2_x-cp39.cp310-abi3-manylinux1_x86_64.manylinux2014_x86_64.whl')).toEqual({
      kind: 'wheel',
      project: 'demo',
      version: '1.0',
      stem: 'demo-1.0-2_x-cp39.cp310-abi3-manylinux1_x86_64.manylinux2014_x86_64',
      build: '2_x',
      tags: { python: 'cp39.cp310', abi: 'abi3', platform: 'manylinux1_x86_64.manylinux2014_x86_64' },
    });
  });

  test.each([
    ['a-1.0-1.tar.gz', 'a', '1.0-1'],
    ['a-1.0-1.tar.gz', 'a-1-0', '1'],
    ['a-1-2.tar.gz', 'a-1', '2'],
    ['pytz-2004d.tar.gz', 'pytz', '2004d'],
    ['Foo.Bar-1.0-SNAPSHOT.zip', 'foo-bar', '1.0-SNAPSHOT'],
  ])('%s is one of %s with version %s for whoever knows the project', (fileName, project, version) => {
    expect(parseFileName(fileName, project)).toMatchObject({ project, version });
  });

  test.each([
    'demo.tar.gz',
    'demo-.tar.gz',
    '-1.0.tar.gz',
    'demo-1.0.rar',
    'demo-1.0.tar.gz.metadata',
    'demo-1.0-none-any.whl',
    'demo-1.0-x-py3-none-any.whl',
    'a-b-1.0-1-py3-none-any.whl',
    'demo-1.0-py3-none-a%6ey.whl',
    '../demo-1.0.tar.gz',
    '.demo-1.0.tar.gz',
    'demo-1.0..tar.gz',
    'demo/demo-1.0.tar.gz',
    'demo\\demo-1.0.tar.gz',
    'demo-1.0.tar.gz\n',
    'demo-1.0.tar.gz\0',
    'démo-1.0.tar.gz',
    `demo-1.0.${'0.'.repeat(130)}0.tar.gz`,
  ])('%j is none', (fileName) => {
    expect(parseFileName(fileName)).toBeUndefined();
    expect(parseFileName(fileName, 'demo')).toBeUndefined();
  });

  test('may have what an address escapes', () => {
    expect(isFileName('a b-1.0+x!(1)%.zip')).toBe(true);
    expect(isFileName('')).toBe(false);
  });

  test('that is uploaded is refused with the reason', () => {
    expect(() => checkUploadedFileName('../x.whl', 'x')).toThrow('cannot be used');
    expect(() => checkUploadedFileName('x-1.0.rar', 'x')).toThrow('Upload wheels (.whl)');
    expect(() => checkUploadedFileName('x-y-1.0.tar.gz', 'x')).toThrow("is one of the project 'x-y'");
    expect(() => checkUploadedFileName('x-1.0.tar.gz', 'y')).toThrow("is one of the project 'x'");
  });

  test('is read in time even when it is made to take long', () => {
    const start = performance.now();
    for (const text of ['-1'.repeat(127), 'a-'.repeat(127), `a-1${'.linux-'.repeat(35)}`, '-py2'.repeat(60)]) {
      for (const ending of ['', '.egg', '.zip', '.exe']) parseFileName(text.slice(0, 250) + ending);
    }
    expect(performance.now() - start).toBeLessThan(500);
  });
});
