import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeToken, encodeToken, hashInput } from '../../../src/api/pagination.ts';
import { PackyardError } from '../../../src/core/errors.ts';

const caller = { account: '111122223333', region: 'eu-west-1' };
const scope = { operation: 'ListPackages', inputHash: hashInput(caller, { domain: 'acme' }) };

describe('pagination tokens', () => {
  it('give their position back, and fit into a query and the model', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 3 }), (position) => {
        const token = encodeToken(scope, position);
        expect(token).toMatch(/^[A-Za-z0-9_-]{1,2000}$/);
        expect(decodeToken(scope, token, position.length)).toEqual(position);
      }),
    );
  });

  it('fit into the model with the longest names there can be', () => {
    const ideographs = fc.integer({ min: 0x4e00, max: 0x9fff }).map((point) => String.fromCodePoint(point));
    const name = fc.string({ unit: ideographs, minLength: 255, maxLength: 255 });
    fc.assert(
      fc.property(fc.tuple(fc.constant('generic'), name, name), (position) => {
        const token = encodeToken(scope, position);
        expect(token).toMatch(/^[A-Za-z0-9_-]{1,2000}$/);
        expect(decodeToken(scope, token, position.length)).toEqual(position);
      }),
    );
  });

  it('are of no use to another operation, with other inputs, to another caller or for another list', () => {
    const token = encodeToken(scope, ['npm', 'widget', '']);
    const other = { ...caller, account: '999988887777' };
    for (const [wrong, length] of [
      [{ ...scope, operation: 'ListDomains' }, 3],
      [{ ...scope, inputHash: hashInput(caller, { domain: 'other' }) }, 3],
      [{ ...scope, inputHash: hashInput({ ...caller, region: 'us-east-1' }, { domain: 'acme' }) }, 3],
      [{ ...scope, inputHash: hashInput(other, { domain: 'acme' }) }, 3],
      [scope, 2],
    ] as const) {
      expect(() => decodeToken(wrong, token, length)).toThrow('Error de-serializing the token.');
    }
  });

  it('do not depend on the size of the page', () => {
    const input = { domain: 'acme', maxResults: 5, nextToken: 'x' };
    expect(hashInput(caller, input)).toBe(scope.inputHash);
  });

  it('that are anything else are refused with the text of AWS', () => {
    const jsonToken = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), jsonToken), (token) => {
        try {
          decodeToken(scope, token, 1);
          expect.unreachable('a token of nobody was taken');
        } catch (error) {
          expect(error).toBeInstanceOf(PackyardError);
          expect(error).toMatchObject({ status: 400, message: 'Error de-serializing the token.' });
        }
      }),
    );
  });
});
