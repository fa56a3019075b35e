import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ByteRange, StagedBlob } from '../../ports/blobs.ts';

/** How much one read from disk asks for. */
export const readChunkBytes = 256 * 1024;

/** A file of the staging folder, in which bytes wait until a store takes them. */
export class StagedFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #size = 0;
  #isMoved = false;
  #isReleased = false;
  /** Reads under way. The file is closed when the last has ended after `release`. */
  #readers = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Starts a new file at `path`. */
  static async create(path: string): Promise<StagedFile> {
    return new StagedFile(path, await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL));
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether the file has become something else's. It can still be read. */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  async write(chunk: Uint8Array): Promise<void> {
    let position = this.#size;
    this.#size += chunk.byteLength;
    for (let done = 0; done < chunk.byteLength; ) {
      const { bytesWritten } = await this.#handle.write(chunk, done, chunk.byteLength - done, position);
      done += bytesWritten;
      position += bytesWritten;
    }
  }

  read({ start, end }: ByteRange): Readable {
    if (this.#isReleased) throw new Error('The staged blob has been released.');
    this.#readers++;
    const stream = Readable.from(this.#chunks(start, end), { objectMode: false, highWaterMark: readChunkBytes });
    stream.once('close', () => {
      this.#readers--;
      void this.#closeWhenUnused();
    });
    return stream;
  }

  /** Makes the content, not yet the name, survive power loss. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  /** Gives the file another name, for good: `release` leaves it there. */
  async moveTo(path: string): Promise<void> {
    await rename(this.#path, path);
    this.#isMoved = true;
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    try {
      if (!this.#isMoved) await unlink(this.#path);
    } finally {
      await this.#closeWhenUnused();
    }
  }

  async #closeWhenUnused(): Promise<void> {
    if (this.#isReleased && this.#readers === 0) await this.#handle.close();
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    for (let position = start; position <= end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(readChunkBytes, end - position + 1));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw new Error('The range reaches beyond what was written.');
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/** A blob that waits in `file`; `commit` is what the store does to keep it, once at a time. */
export function stagedBlob(file: StagedFile, commit: StagedBlob['commit']): StagedBlob {
  let former: Promise<unknown> = Promise.resolve();
  return {
    write: (chunk) => file.write(chunk),
    read: (range) => file.read(range),
    commit(sha256) {
      const committed = former.then(() => commit(sha256));
      former = committed.catch(() => undefined);
      return committed;
    },
    release: () => file.release(),
  };
}
