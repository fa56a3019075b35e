import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genericSegments } from '../../src/formats/generic/paths.ts';

/** Any text that a name may be; what of it may be published is another question. */
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/[/\\\p{Cc}]|^\.\.?$/u.test(text) && text.isWellFormed());

describe('The path of a generic asset', () => {
  it('is read as it was written, whatever its names are', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (names) => {
        expect(genericSegments(names.map(encodeURIComponent).join('/'))).toEqual(names);
      }),
    );
  });

  it('never yields a name that leads elsewhere', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '/',
      '%2f',
      '%5c',
      '\\',
      '%00',
      '%zz',
      '%',
      'a',
      '%25',
      '+',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        for (const segment of genericSegments(pieces.join('')) ?? []) {
          expect(segment).not.toMatch(/^$|^\.\.?$|[/\\\p{Cc}]/u);
        }
      }),
    );
  });

  it.each(['a//b', '/a', 'a/', '..', 'a/../b', 'a/%2e%2e/b', 'a%2fb', 'a%5cb', 'a%0ab', '%zz', '%ff'])(
    'is not %s',
    (path) => {
      expect(genericSegments(path)).toBeUndefined();
    },
  );
});
