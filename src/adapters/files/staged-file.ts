import { constants } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { ByteRange, StagedBlob } from '../../ports/blobs.ts';
import { type DurableFolders, syncFolder } from './durable-folders.ts';
import { blobPath } from './paths.ts';

/** How much one read from disk asks for. */
export const readChunkBytes = 256 * 1024;

/** A blob being written to a file of the staging folder. */
export class StagedFile implements StagedBlob {
  readonly #folder: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #folders: DurableFolders;
  #size = 0;
  #isCommitted = false;
  #isReleased = false;
  /** Reads under way. The file is closed when the last has ended after `release`. */
  #readers = 0;

  private constructor(folder: string, path: string, handle: FileHandle, folders: DurableFolders) {
    this.#folder = folder;
    this.#path = path;
    this.#handle = handle;
    this.#folders = folders;
  }

  /** Starts a new file at `path`, to become a blob below `folder`. */
  static async create(folder: string, path: string, folders: DurableFolders): Promise<StagedFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL);
    return new StagedFile(folder, path, handle, folders);
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

  async commit(sha256: string): Promise<void> {
    if (this.#isCommitted) return;
    const target = blobPath(this.#folder, sha256);
    const targetFolder = dirname(target);
    await Promise.all([this.#handle.sync(), this.#folders.ensure(targetFolder, this.#folder)]);
    // Over a blob that is already there, too: the bytes are the same, readers of the old file keep it, and the new
    // time of storing keeps a collector of unreferenced blobs away.
    await rename(this.#path, target);
    this.#isCommitted = true;
    await syncFolder(targetFolder);
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    try {
      if (!this.#isCommitted) await unlink(this.#path);
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
