import { describe, expect, test } from 'vitest';
import { pypiSegments } from '../../../src/formats/pypi/paths.ts';

describe('A path below the endpoint', () => {
  test.each([
    ['', ['']],
    ['simple', ['simple']],
    ['simple/', ['simple', '']],
    ['simple/Foo%2Ebar/', ['simple', 'Foo.bar', '']],
    ['simple/torch/2.0%2Bcu118/torch-2.0+cu118.whl', ['simple', 'torch', '2.0+cu118', 'torch-2.0+cu118.whl']],
    ['simple/a/1%212.0/a-1!2.0.tar.gz', ['simple', 'a', '1!2.0', 'a-1!2.0.tar.gz']],
  ])('%s has its parts decoded once', (path, segments) => {
    expect(pypiSegments(path)).toEqual(segments);
  });

  test.each([
    '/',
    '//',
    'simple//',
    'simple//a',
    '../a',
    'simple/..',
    'simple/%2e%2e/',
    './a',
    'a%2fb',
    'a%5cb',
    'a%00',
    '%',
    '%zz',
  ])('%s is none', (path) => {
    expect(pypiSegments(path)).toBeUndefined();
  });
});
