import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const blockBytes = 512;

/**
 * A gzipped tarball of files by path, as `npm pack` makes one.
 *
 * @param level of the compression; npm takes 9, and bytes that cannot be compressed need none
 */
export function tarballOf(files: readonly (readonly [path: string, content: Buffer])[], level = 9): Buffer {
  const blocks = files.flatMap(([path, content]) => [
    tarHeader(path, content.length),
    content,
    padding(content.length),
  ]);
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]), { level });
}

/** The ustar header of a plain file. */
export function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  // The sum is made over a header whose sum is spaces.
  header.fill(' ', 148, 156);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** What fills a tar entry up to whole blocks. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** The hashes by which npm lists a tarball. */
export function distOf(tarball: Buffer): { shasum: string; integrity: string } {
  return {
    shasum: createHash('sha1').update(tarball).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  };
}
