import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Random } from './random.ts';
import { padding, tarHeader } from './tarball.ts';

/** Bytes that are made when they are asked for, always the same, and never all in memory. */
export interface HugeBytes {
  readonly length: number;
  chunks(): Iterable<Buffer>;
}

const blockBytes = 1024 * 1024;
const maxStoredBytes = 0xffff;

/** So many bytes that no compression makes smaller: a random block again and again, its number in each. */
export function hugeRandom(length: number): HugeBytes {
  const block = new Random('huge').bytes(blockBytes);
  return {
    length,
    *chunks() {
      for (let position = 0; position < length; position += blockBytes) {
        const chunk = Buffer.from(block.subarray(0, Math.min(blockBytes, length - position)));
        if (chunk.length >= 8) chunk.writeDoubleLE(position);
        yield chunk;
      }
    },
  };
}

/** A package's tarball whose only other file is so large. */
export function hugeTarball(packageJson: string, dataBytes: number): HugeBytes {
  const manifest = Buffer.from(packageJson);
  const data = hugeRandom(dataBytes);
  const start = Buffer.concat([
    tarHeader('package/package.json', manifest.length),
    manifest,
    padding(manifest.length),
    tarHeader('package/data.bin', dataBytes),
  ]);
  const end = Buffer.concat([padding(dataBytes), Buffer.alloc(1024)]);
  return storedGzip({
    length: start.length + dataBytes + end.length,
    *chunks() {
      yield start;
      yield* data.chunks();
      yield end;
    },
  });
}

/** gzip that compresses nothing, so that its length is known before. Source: RFC 1951 section 3.2.4, RFC 1952. */
function storedGzip(content: HugeBytes): HugeBytes {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  return {
    // A header per stored block; how the chunks fall is only known by going through them.
    length: header.length + storedLength(content) + 5 + 8,
    *chunks() {
      yield header;
      let checksum = 0;
      for (const chunk of content.chunks()) {
        checksum = crc32(chunk, checksum);
        for (let at = 0; at < chunk.length; at += maxStoredBytes) {
          const piece = chunk.subarray(at, at + maxStoredBytes);
          yield storedHeader(piece.length, false);
          yield piece;
        }
      }
      yield storedHeader(0, true);
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(checksum);
      trailer.writeUInt32LE(content.length % 2 ** 32, 4);
      yield trailer;
    },
  };
}

function storedLength(content: HugeBytes): number {
  let length = 0;
  for (const chunk of content.chunks()) length += chunk.length + 5 * Math.ceil(chunk.length / maxStoredBytes);
  return length;
}

function storedHeader(length: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(isLast ? 1 : 0);
  header.writeUInt16LE(length, 1);
  header.writeUInt16LE(length ^ 0xffff, 3);
  return header;
}

/** As `distOf`, for what is too large to be held. */
export function hugeDistOf(bytes: HugeBytes): { shasum: string; integrity: string } {
  const sha1 = createHash('sha1');
  const sha512 = createHash('sha512');
  for (const chunk of bytes.chunks()) {
    sha1.update(chunk);
    sha512.update(chunk);
  }
  return { shasum: sha1.digest('hex'), integrity: `sha512-${sha512.digest('base64')}` };
}

/** The base64 of bytes, in pieces. */
export function* base64Chunks(bytes: HugeBytes): Generator<string> {
  let kept = Buffer.alloc(0);
  for (const chunk of bytes.chunks()) {
    const all = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    const whole = all.length - (all.length % 3);
    yield all.toString('base64', 0, whole);
    kept = Buffer.from(all.subarray(whole));
  }
  yield kept.toString('base64');
}
