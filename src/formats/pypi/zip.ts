import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { invalid, type PackyardError } from '../../core/errors.ts';
import type { RandomAccess } from '../../core/format.ts';
import { readWhole } from '../../core/read-all.ts';

export interface ZipLimits {
  readonly maxEntries: number;
  /** Of the central directory: what is held in memory. */
  readonly maxDirectoryBytes: number;
}

export interface ZipEntryLimits {
  readonly maxBytes: number;
  /** How many times as large as its compressed bytes an entry may be. */
  readonly maxRatio: number;
}

/** An entry of a central directory. `name` is never a path to write to. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly headerOffset: number;
  /** Where the central directory begins, and all entries end. */
  readonly dataEnd: number;
}

const endSignature = 0x06054b50;
const zip64LocatorSignature = 0x07064b50;
const zip64EndSignature = 0x06064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const zip64LocatorBytes = 20;
const zip64EndBytes = 56;
const maxCommentBytes = 0xffff;

const encryptedFlag = 0x1;
const utf8Flag = 0x800;
const stored = 0;
const deflated = 8;

/**
 * Reads the central directory of a zip. Nothing but the directory is believed, and only one that readers cannot
 * disagree about: it ends where its end record begins, there is one end record, and no second name for an entry. Zip64 is
 * understood. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.4.
 *
 * An own reader, because over a bucket each read is a request: one for the end and one for the directory, not one or two
 * for each entry; and because it may refuse what lenient ones let pass.
 *
 * @throws ValidationException for what is no such zip or over a limit. Errors of the file come through as they are.
 */
export async function readZipDirectory(file: RandomAccess, limits: ZipLimits): Promise<ZipEntry[]> {
  const { entryCount, offset, length } = await findDirectory(file);
  if (entryCount > limits.maxEntries) throw broken(`has ${entryCount} entries, more than ${limits.maxEntries}`);
  if (length > limits.maxDirectoryBytes) throw broken(`has a directory of more than ${limits.maxDirectoryBytes} bytes`);
  const directory = await readRange(file, offset, length);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < directory.length) {
    const { entry, end } = readEntry(directory, at, offset);
    entries.push(entry);
    at = end;
  }
  if (entries.length !== entryCount) throw broken(`announces ${entryCount} entries and has ${entries.length}`);
  return entries;
}

/**
 * Reads the bytes of one entry and checks them.
 *
 * @throws ValidationException for an entry that is over a limit, encrypted, damaged, compressed in an unusual way, or
 *   called otherwise in its own header than in the directory. Errors of the file come through as they are.
 */
export async function readZipEntry(file: RandomAccess, entry: ZipEntry, limits: ZipEntryLimits): Promise<Buffer> {
  const { name, method, size, compressedSize } = entry;
  if (size > limits.maxBytes) throw broken(`has a ${name} of ${size} bytes; at most ${limits.maxBytes} are accepted`);
  if (size > compressedSize * limits.maxRatio) throw broken(`has a ${name} that is compressed suspiciously well`);
  if ((entry.flags & encryptedFlag) !== 0) throw broken(`has an encrypted ${name}`);
  if (method !== stored && method !== deflated) throw broken(`has a ${name} compressed by method ${method}`);
  if (entry.headerOffset + 30 > entry.dataEnd) throw broken('is cut off');
  const fixed = await readRange(file, entry.headerOffset, 30);
  if (fixed.readUInt32LE(0) !== localSignature) throw broken(`has no entry where ${name} should be`);
  const nameLength = fixed.readUInt16LE(26);
  const dataStart = entry.headerOffset + 30 + nameLength + fixed.readUInt16LE(28);
  if (dataStart + compressedSize > entry.dataEnd) throw broken('is cut off');
  const localName = (await readRange(file, entry.headerOffset + 30, nameLength)).toString(encodingOf(entry.flags));
  if (localName !== name || fixed.readUInt16LE(8) !== method) {
    throw broken(`calls an entry ${name} in its directory and something else in front of its bytes`);
  }
  const data = await readRange(file, dataStart, compressedSize);
  const bytes = method === stored ? data : await inflate(data, entry);
  if (bytes.length !== size || crc32(bytes) !== entry.crc32) throw broken(`has a damaged ${name}`);
  return bytes;
}

async function inflate(data: Buffer, { name, size }: ZipEntry): Promise<Buffer> {
  try {
    return await promisify(inflateRaw)(data, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw broken(`has a damaged ${name}`, cause);
  }
}

interface Directory {
  readonly entryCount: number;
  readonly offset: number;
  readonly length: number;
}

async function findDirectory(file: RandomAccess): Promise<Directory> {
  const tailStart = Math.max(0, file.size - endBytes - maxCommentBytes - zip64LocatorBytes);
  const tail = await readRange(file, tailStart, file.size - tailStart);
  const ends = endRecords(tail);
  const [at] = ends;
  if (at === undefined) throw broken('has no end: it is cut off, or no zip');
  if (ends.length > 1) throw broken('has more than one end');
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0) throw broken('is one part of several');
  const directory = {
    entryCount: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const locator = at - zip64LocatorBytes;
  if (locator >= 0 && tail.readUInt32LE(locator) === zip64LocatorSignature) {
    return readZip64End(file, tailStart + locator, number64(tail, locator + 8), directory);
  }
  checkEnd(directory, tailStart + at);
  return directory;
}

/** Where records stand whose comment reaches exactly to the file's end. */
function endRecords(tail: Buffer): number[] {
  const places: number[] = [];
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== endSignature) continue;
    if (at + endBytes + tail.readUInt16LE(at + 20) === tail.length) places.push(at);
  }
  return places;
}

async function readZip64End(file: RandomAccess, locator: number, at: number, short: Directory): Promise<Directory> {
  if (at + zip64EndBytes > locator) throw broken('is cut off');
  const record = await readRange(file, at, zip64EndBytes);
  if (record.readUInt32LE(0) !== zip64EndSignature || at + 12 + number64(record, 4) !== locator) {
    throw broken('has a misplaced zip64 record');
  }
  const directory = {
    entryCount: number64(record, 32),
    length: number64(record, 40),
    offset: number64(record, 48),
  };
  const isSame = (long: number, given: number, unknown: number) => given === unknown || given === long;
  if (
    !isSame(directory.entryCount, short.entryCount, 0xffff) ||
    !isSame(directory.length, short.length, 0xffffffff) ||
    !isSame(directory.offset, short.offset, 0xffffffff)
  ) {
    throw broken('has two directories');
  }
  checkEnd(directory, at);
  return directory;
}

function checkEnd({ offset, length }: Directory, end: number): void {
  if (offset + length !== end) throw broken('has something before its begin or behind its directory');
}

function readEntry(directory: Buffer, at: number, dataEnd: number): { entry: ZipEntry; end: number } {
  if (at + 46 > directory.length || directory.readUInt32LE(at) !== entrySignature)
    throw broken('has a broken directory');
  const flags = directory.readUInt16LE(at + 8);
  const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
  const end = extraEnd + directory.readUInt16LE(at + 32);
  if (end > directory.length) throw broken('has a broken directory');
  const name = directory.toString(encodingOf(flags), at + 46, nameEnd);
  // Python ends a name at a NUL.
  if (name.includes('\0')) throw broken('has a NUL in a name');
  const sizes = {
    size: directory.readUInt32LE(at + 24),
    compressedSize: directory.readUInt32LE(at + 20),
    headerOffset: directory.readUInt32LE(at + 42),
  };
  readExtra(directory.subarray(nameEnd, extraEnd), name, sizes);
  const method = directory.readUInt16LE(at + 10);
  return { entry: { name, method, flags, crc32: directory.readUInt32LE(at + 16), ...sizes, dataEnd }, end };
}

/** Takes zip64's numbers where the short ones are full, in their fixed order. */
function readExtra(
  extra: Buffer,
  name: string,
  sizes: { size: number; compressedSize: number; headerOffset: number },
): void {
  for (let at = 0; at + 4 <= extra.length; ) {
    const id = extra.readUInt16LE(at);
    const data = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    at += 4 + data.length;
    // A second name, which some readers take and others do not.
    if (id === 0x7075 && data.toString('utf8', 5) !== name) throw broken('has two names for one entry');
    if (id !== 0x0001) continue;
    let next = 0;
    for (const field of ['size', 'compressedSize', 'headerOffset'] as const) {
      if (sizes[field] !== 0xffffffff) continue;
      if (next + 8 > data.length) throw broken('has a broken zip64 entry');
      sizes[field] = number64(data, next);
      next += 8;
    }
  }
}

function encodingOf(flags: number): 'utf8' | 'latin1' {
  return (flags & utf8Flag) === 0 ? 'latin1' : 'utf8';
}

function number64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('claims a size that cannot be');
  return Number(value);
}

async function readRange(file: RandomAccess, start: number, length: number): Promise<Buffer> {
  if (start + length > file.size) throw broken('is cut off');
  return length === 0 ? Buffer.alloc(0) : readWhole(file.read({ start, end: start + length - 1 }));
}

function broken(what: string, cause?: unknown): PackyardError {
  const error = invalid(`The archive ${what}. Build the distribution again and upload that.`, 'CANNOT_PARSE');
  error.cause = cause;
  return error;
}
