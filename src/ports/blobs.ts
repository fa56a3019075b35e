import type { Readable, Writable } from 'node:stream';

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
   * loss. Committing bytes that are already stored is a success. May be called again before `release`: bytes that were
   * deleted since the first time are stored anew. Throws a TypeError for any other key.
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
   * Writes a range of a blob to a stream and ends that; resolves when all has been handed over. Each piece is the
   * stream's until it calls back for it, as a socket does, and then used again. Rejects when the blob cannot be read
   * (code `ENOENT` for a missing one), or when the stream closes before its end.
   */
  send(sha256: string, to: Writable, range: ByteRange): Promise<void>;
  /**
   * Deletes a blob; a missing one is no error. It is the caller's to know that nobody refers to it and nobody is just
   * storing it: `core/collect-blobs.ts`. Once it has resolved, nothing of it comes later and takes what was stored since;
   * when it rejects, that is not certain.
   */
  delete(sha256: string): Promise<void>;
  /** Every stored blob with the time it was last stored (ms since epoch), in no particular order. */
  list(): AsyncIterable<{ sha256: string; storedAt: number }>;
  /**
   * An address from which a client may fetch the bytes itself for some minutes; undefined where the store offers none
   * or is not set to.
   */
  directUrl(sha256: string): Promise<string | undefined>;
  /**
   * Notes that the database with this id refers to blobs here. Returns whether it is the only one that ever did: only
   * then is a blob without a reference in it one that nobody needs.
   */
  claim(databaseId: string): Promise<boolean>;
  close(): Promise<void>;
}
