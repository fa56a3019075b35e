import type { Readable } from 'node:stream';

/** An inclusive range of bytes within a blob. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Bytes on their way in. They live in a temporary place until `commit`; a process that dies before leaves only a
 * temporary file, which the next start removes.
 */
export interface StagedBlob {
  /** Appends a chunk; resolves when it may be read back with `read`. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Reads `range` of what was written so far; both ends must already be written. A stream that was begun before
   * `release` may be read to its end after it.
   */
  read(range: ByteRange): Readable;
  /**
   * Makes the bytes durable under their SHA-256 (64 lower-case hex digits): when this resolves they survive power
   * loss. Committing bytes that are already stored is a success and renews the time they were stored at. `read` keeps
   * working until `release`. Throws a TypeError for any other key.
   */
  commit(sha256: string): Promise<void>;
  /** Gives the temporary place back; without a `commit` before, the bytes are gone. Safe to call twice. */
  release(): Promise<void>;
}

/** Content-addressed storage of bytes. Keys are SHA-256 in 64 lower-case hex digits; others are a TypeError. */
export interface Blobs {
  stage(): Promise<StagedBlob>;
  /** Size in bytes, or undefined when there is no such blob. */
  size(sha256: string): Promise<number | undefined>;
  /** Streams a blob or a range of it. A missing blob fails the stream with code `ENOENT`. */
  open(sha256: string, range?: ByteRange): Readable;
  /**
   * Deletes a blob that was not stored, nor stored again, since `storedBefore` (ms since epoch); returns whether it
   * did. Bytes that are committed meanwhile are never lost by it.
   */
  delete(sha256: string, storedBefore: number): Promise<boolean>;
  /** Every stored blob with the time it was stored (ms since epoch), in no particular order. */
  list(): AsyncIterable<{ sha256: string; storedAt: number }>;
}
