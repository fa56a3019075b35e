import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteWriter } from '../../src/core/byte-writer.ts';

const part = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 0, max: 200_000 }).map((length) => 'ä'.repeat(length)),
);

it('gives back everything in order, as one body or in pieces', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const writer = new ByteWriter();
      for (const part of parts) writer.write(part);
      const expected = Buffer.concat(parts.map((part) => Buffer.from(part)));
      expect(writer.length).toBe(expected.length);
      expect(writer.toBuffer().equals(expected)).toBe(true);
      expect(Buffer.concat(writer.chunks()).equals(expected)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
