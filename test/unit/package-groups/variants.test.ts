import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variantKey, variantOf } from '../../../src/core/package-groups/variants.ts';

const word = /^[\p{L}\p{N}\p{M}]+$/u;

describe('variants of a name', () => {
  it.each([
    ['foo-bar', ['foo.bar', 'foo..bar', 'foo_bar', 'FOO-bar', 'foo-_.bar', 'foo‐bar']],
    ['lodash', ['l0dash', 'LoDash', 'lоdash', '1odash', 'ⅼodash', '𝐥𝐨𝐝𝐚𝐬𝐡']],
    ['paypal', ['раураl', 'ＰAYPAL'.replace('Ｐ', 'P')]],
    ['moment', ['𝐦oment', 'ⅿoment']],
    ['strasse', ['STRASSE', 'straße', 'STRAẞE']],
    ['ΣΊΣΥΦΟΣ', ['σίσυφος', 'Σίσυφοσ']],
    ['café', ['cafe\u0301', 'CAFÉ']],
    ['kelvin', ['\u212Aelvin']],
    ['Ꭺpple', ['apple', 'ꭺpple']],
  ])('%s has the variants %j', (name, variants) => {
    for (const variant of variants) expect(variantOf(variant), variant).toBe(variantOf(name));
  });

  it.each([
    ['foobar', 'foo-bar'],
    ['cafe', 'café'],
    ['food', 'foo'],
    ['modern', 'rnodern'],
    ['a+b', 'a-b'],
  ])('%s is no variant of %s', (one, other) => {
    expect(variantOf(one)).not.toBe(variantOf(other));
  });

  it('are told for namespace and name', () => {
    expect(variantKey({ namespace: 'Com.Any--Company', name: 'My_App' })).toBe('com.any.company/my.app');
    expect(variantKey({ namespace: null, name: 'React' })).toBe('/react');
  });

  it('fold the same when folded again, and no end of a word moves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 3 }), (text, more) => {
        const folded = variantOf(text + more);
        expect(variantOf(folded)).toBe(folded);
        for (const character of more) expect(word.test(variantOf(character))).toBe(word.test(character));
      }),
    );
  });
});
