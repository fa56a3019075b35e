import type { Readable } from 'node:stream';

/**
 * Reads a stream whole. Throws what `tooLarge` makes as soon as more than `maxBytes` came; the stream is left as it
 * is then, since destroying a request would cut the connection before it is answered.
 */
export async function readAll(stream: Readable, maxBytes: number, tooLarge: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * Reads a stream of ours whole, whose length is known to be bounded. Not with Node's own `buffer`: that goes through a
 * Blob, and has everything in memory three times.
 */
export async function readWhole(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const [only = Buffer.of()] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks) : only;
}
