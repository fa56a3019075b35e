import { once } from 'node:events';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { invalid, type PackyardError } from '../../core/errors.ts';
import type { RandomAccess } from '../../core/format.ts';
import { parseCoreMetadata } from './core-metadata.ts';
import { normalizeName, type ParsedFileName } from './names.ts';
import { checkRelease, type PackagedMetadata, type WheelLimits } from './wheel.ts';
import { readZipDirectory, readZipEntry } from './zip.ts';

/** A tar is scanned up to `maxUnpackedBytes` and `maxEntries`. */
export interface SdistLimits extends WheelLimits {
  readonly maxUnpackedBytes: number;
}

/**
 * Reads `{name}-{version}/PKG-INFO` out of a source distribution: a gzipped tar, or a zip. Links are never followed.
 *
 * Returns undefined where there is none, as in those that were not made by setuptools long ago, and for the ways of
 * compressing that Node cannot read (`.tar.bz2`, `.tar.xz`, `.tar.Z`).
 *
 * @param parsed the file's name; its project and version are held against the PKG-INFO
 * @throws ValidationException when the archive is damaged, has two such files, goes over a limit, or is of another
 *   project or version. Errors of the file come through as they are.
 */
export async function readSdistMetadata(
  file: RandomAccess,
  fileName: string,
  parsed: ParsedFileName,
  limits: SdistLimits,
): Promise<PackagedMetadata | undefined> {
  const bytes = await readPkgInfo(file, fileName, parsed.stem, limits);
  if (bytes === undefined) return undefined;
  const metadata = parseCoreMetadata(bytes, limits);
  checkRelease(metadata, parsed, 'PKG-INFO');
  return { bytes, metadata };
}

async function readPkgInfo(
  file: RandomAccess,
  fileName: string,
  stem: string,
  limits: SdistLimits,
): Promise<Buffer | undefined> {
  if (file.size === 0) throw notAnSdist('is empty');
  if (/\.zip$/i.test(fileName)) return readFromZip(file, stem, limits);
  if (!/\.(?:tar\.gz|tgz)$/i.test(fileName)) return undefined;
  return readFromTar(file.read({ start: 0, end: file.size - 1 }), stem, limits);
}

async function readFromZip(file: RandomAccess, stem: string, limits: SdistLimits): Promise<Buffer | undefined> {
  const entries = await readZipDirectory(file, limits);
  const [entry, second] = entries.filter(({ name }) => isPkgInfo(name, stem));
  if (second !== undefined) throw notAnSdist('has more than one PKG-INFO');
  return entry === undefined ? undefined : readZipEntry(file, entry, limits);
}

/** The folder should be called as the file; tools differ in case and in `.`, `-` and `_`. */
function isPkgInfo(path: string, stem: string): boolean {
  const [folder = '', name, ...rest] = path.replace(/^(?:\.\/)+/, '').split('/');
  return rest.length === 0 && name === 'PKG-INFO' && normalizeName(folder) === normalizeName(stem);
}

/** Reads the whole archive, so that one that is cut off or has a second PKG-INFO is found. The stream is destroyed. */
async function readFromTar(archive: Readable, stem: string, limits: SdistLimits): Promise<Buffer | undefined> {
  const entries = extract();
  let failure: Error | undefined;
  let found: Buffer | undefined;
  let entryCount = 0;

  // tar-stream hands out the next entry once this one's `next` is called, so there is never more than one.
  entries.on('entry', (header, stream, next) => {
    // Destroyed together with the archive, whose own error says why.
    stream.on('error', () => {});
    try {
      entryCount += 1;
      if (entryCount > limits.maxEntries) throw notAnSdist(`has more than ${limits.maxEntries} entries`);
      // tar-stream passes on a size that it could not read as null, and then waits for the end of it for ever.
      if (!Number.isSafeInteger(header.size)) throw notAnSdist('has an entry without a valid size');
      if (header.type === 'directory') {
        // Has no bytes; but where its header gives it some, tar-stream's stream of it would never end.
        queueMicrotask(next);
        return;
      }
      const isWanted = isFile(header) && isPkgInfo(header.name, stem);
      if (isWanted && found !== undefined) throw notAnSdist('has more than one PKG-INFO');
      if (isWanted && header.size !== undefined && header.size > limits.maxBytes) {
        throw notAnSdist(`has a PKG-INFO of ${header.size} bytes; at most ${limits.maxBytes} are accepted`);
      }
      const kept: Buffer[] = [];
      stream.on('data', (chunk) => {
        if (isWanted) kept.push(chunk as Buffer);
      });
      stream.on('end', () => {
        if (isWanted) found = Buffer.concat(kept);
        next();
      });
    } catch (error) {
      failure ??= asError(error);
      next(failure);
    }
  });
  entries.on('error', (error: Error) => {
    failure ??= notAnSdist(`is not a whole tar archive inside its gzip (${error.message})`);
  });

  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  try {
    // The callback is where errors of either stream end; reading from `gunzip` below throws the same ones.
    pipeline(archive, gunzip, () => {});
    let inflated = 0;
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      inflated += chunk.length;
      if (inflated > limits.maxUnpackedBytes) {
        throw notAnSdist(`unpacks to more than ${limits.maxUnpackedBytes} bytes`);
      }
      // Before each wait: a failed archive neither drains nor finishes, and its error may have come meanwhile.
      if (failure !== undefined) throw failure;
      if (!entries.write(chunk)) await once(entries, 'drain');
    }
    if (failure !== undefined) throw failure;
    entries.end(null);
    await once(entries, 'finish');
    return found;
  } catch (error) {
    throw failure ?? notGzip(asError(error));
  } finally {
    entries.destroy();
    gunzip.destroy();
    archive.destroy();
  }
}

function isFile({ type }: Header): boolean {
  return type === 'file' || type === 'contiguous-file';
}

function notAnSdist(what: string): PackyardError {
  return invalid(
    `The source distribution ${what}. Build it again, for example with \`python -m build --sdist\`.`,
    'CANNOT_PARSE',
  );
}

/** Names zlib's errors; all others are the stream's own and stay as they are. */
function notGzip(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return notAnSdist('is cut off: its gzip has no end');
  return typeof code === 'string' && code.startsWith('Z_') ? notAnSdist(`is not gzip (${error.message})`) : error;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
