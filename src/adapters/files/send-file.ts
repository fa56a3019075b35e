import { close, open, read } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { ByteRange } from '../../ports/blobs.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

const pieceBytes = 256 * 1024;
/** Kept for the next sending; more than these are let go. */
const keptPieces = 32;
const pieces: Buffer[] = [];

/**
 * Writes a file, or a range of it, to a stream and ends that. The same two buffers take turns, one being read into while
 * the other is written from: what `createReadStream` spends on a large file is mostly memory that it uses once.
 *
 * Rejects when the file cannot be read or is shorter than the range, or when the stream closes before its end.
 */
export async function sendFile(path: string, to: Writable, range: ByteRange): Promise<void> {
  const file = await openFile(path, 'r');
  const buffers = [takePiece(), takePiece()] as const;
  let written: Promise<void> = Promise.resolve();
  try {
    let position = range.start;
    for (let turn = 0; position <= range.end; turn += 1) {
      const buffer = turn % 2 === 0 ? buffers[0] : buffers[1];
      const length = await readInto(file, buffer, position, Math.min(buffer.length, range.end - position + 1));
      if (length === 0) throw new Error(`${path} ends before byte ${range.end}.`);
      position += length;
      await written;
      written = write(to, buffer.subarray(0, length));
      // Waited for in the next turn; until then its failure is nobody's.
      written.catch(() => undefined);
    }
    await written;
    to.end();
  } finally {
    await Promise.allSettled([written, closeFile(file)]);
    for (const buffer of buffers) if (pieces.length < keptPieces) pieces.push(buffer);
  }
}

function takePiece(): Buffer {
  return pieces.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
}

function readInto(file: number, buffer: Buffer, position: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, buffer, 0, length, position, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}

/** Resolves when the bytes have been handed over, so that their buffer may be used again. */
function write(to: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
