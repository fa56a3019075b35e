import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { invalid, type PackyardError } from '../../core/errors.ts';
import { hasInstallHook } from './manifest.ts';

/** Held while reading: what goes over one is not read further. A longer readme is cut, all else is an error. */
export interface TarballLimits {
  readonly maxUnpackedBytes: number;
  readonly maxEntries: number;
  readonly maxManifestBytes: number;
  readonly maxReadmeBytes: number;
}

interface TarballContents {
  /** package.json of the first directory that has one. */
  readonly manifest: Record<string, unknown>;
  readonly readme: string | undefined;
  /** All entries but directories. */
  readonly fileCount: number;
  readonly unpackedSize: number;
  readonly hasShrinkwrap: boolean;
  /** Whether npm runs a script when the package is installed; a `binding.gyp` stands for one. */
  readonly hasInstallScript: boolean;
}

/**
 * Reads what a registry wants to know of a package's tarball, in one pass and without unpacking it anywhere. As in npm,
 * the first part of each path is ignored, whatever it is: `package/README.md` and `x/README.md` are the same file, and
 * the first one wins. Links and paths with `..` are counted and otherwise ignored.
 *
 * The stream is destroyed when this settles.
 *
 * @throws ValidationException when it is not a whole gzipped tar with a package.json, or goes over a limit. Errors of
 *   the stream itself come through as they are.
 */
export async function readTarball(tarball: Readable, limits: TarballLimits): Promise<TarballContents> {
  let manifestText: string | undefined;
  let hasShrinkwrap = false;
  let hasGypFile = false;
  let fileCount = 0;
  let unpackedSize = 0;
  const readme = new ReadmeChoice();

  await walk(tarball, limits, (entry) => {
    if (entry.header.type === 'directory') return undefined;
    fileCount += 1;
    unpackedSize += entry.isFile ? entry.size : 0;
    if (entry.file === 'npm-shrinkwrap.json') hasShrinkwrap = true;
    if (entry.file === 'binding.gyp') hasGypFile = true;
    if (entry.file === 'package.json' && manifestText === undefined) {
      if (entry.size > limits.maxManifestBytes) {
        throw invalid(
          `The tarball's package.json has ${entry.size} bytes; at most ${limits.maxManifestBytes} are accepted. Make it smaller.`,
        );
      }
      manifestText = '';
      return {
        maxBytes: limits.maxManifestBytes,
        done: (text) => {
          manifestText = text;
        },
      };
    }
    return readme.consider(entry, limits);
  });

  if (manifestText === undefined) {
    throw invalid(
      'The tarball has no package.json in its first directory. Make it with `npm pack` in the folder of package.json.',
    );
  }
  const manifest = parseManifest(manifestText);
  // npm adds `node-gyp rebuild` as the install script unless there is one or `gypfile` is false (read-package-json).
  const hasInstallScript = hasInstallHook(manifest['scripts']) || (hasGypFile && manifest['gypfile'] !== false);
  return { manifest, readme: readme.text, fileCount, unpackedSize, hasShrinkwrap, hasInstallScript };
}

/**
 * Reads the readme of a package's tarball, cut at the limit: README.md rather than README, readme.markdown or
 * readme.txt, in any case. Undefined when there is none. Stops reading at a README.md. Errors as in `readTarball`.
 *
 * The stream is destroyed when this settles.
 */
export async function readReadme(tarball: Readable, limits: TarballLimits): Promise<string | undefined> {
  const readme = new ReadmeChoice();
  await walk(
    tarball,
    limits,
    (entry) => readme.consider(entry, limits),
    () => readme.isFinal,
  );
  return readme.text;
}

interface Entry {
  readonly header: Header;
  readonly isFile: boolean;
  readonly size: number;
  /** The path without its first part when the entry is a plain file directly in the first directory. */
  readonly file: string | undefined;
}

/** What is to be done with an entry's bytes: the first `maxBytes` of them are given to `done` as text. */
interface Wanted {
  readonly maxBytes: number;
  done(text: string): void;
}

/** Inflates and walks the entries one by one, holding the limits on both; `visit` says which entries' text it wants. */
async function walk(
  tarball: Readable,
  limits: TarballLimits,
  visit: (entry: Entry) => Wanted | undefined,
  isFinished: () => boolean = () => false,
): Promise<void> {
  const entries = extract();
  let failure: Error | undefined;
  let entryCount = 0;

  // tar-stream hands out the next entry once this one's `next` is called, so there is never more than one.
  entries.on('entry', (header, stream, next) => {
    // Destroyed together with the archive, whose own error says why.
    stream.on('error', () => {});
    try {
      entryCount += 1;
      if (entryCount > limits.maxEntries) throw tooLarge(`more than ${limits.maxEntries} entries`);
      // tar-stream passes on a size that it could not read as null, and then waits for the end of it for ever.
      if (!Number.isSafeInteger(header.size)) throw notATar(new Error('an entry has no valid size'));
      const wanted = visit(asEntry(header));
      if (header.type === 'directory') {
        // Has no bytes; but where its header gives it some, tar-stream's stream of it would never end.
        queueMicrotask(next);
        return;
      }
      const kept: Buffer[] = [];
      let room = wanted?.maxBytes ?? 0;
      stream.on('data', (data) => {
        const chunk = data as Buffer;
        if (room > 0) kept.push(chunk.subarray(0, room));
        room -= Math.min(room, chunk.length);
      });
      stream.on('end', () => {
        wanted?.done(decode(Buffer.concat(kept)));
        next();
      });
    } catch (error) {
      failure ??= asError(error);
      next(failure);
    }
  });
  entries.on('error', (error: Error) => {
    failure ??= notATar(error);
  });

  try {
    let inflated = 0;
    for await (const chunk of inflate(tarball)) {
      inflated += chunk.length;
      if (inflated > limits.maxUnpackedBytes) throw tooLarge(`more than ${limits.maxUnpackedBytes} bytes`);
      // Before each wait: a failed archive neither drains nor finishes, and its error may have come meanwhile.
      if (failure !== undefined) throw failure;
      if (!entries.write(chunk)) await once(entries, 'drain');
      if (isFinished()) return;
    }
    if (failure !== undefined) throw failure;
    entries.end(null);
    await once(entries, 'finish');
  } catch (error) {
    throw failure ?? notGzip(asError(error));
  } finally {
    entries.destroy();
    tarball.destroy();
  }
}

/** A tarball up to this size is inflated at once if it grows to no more than `maxAtOnceBytes`: a stream costs far more. */
const smallTarballBytes = 64 * 1024;
const maxAtOnceBytes = 4 * 1024 * 1024;

/** The bytes inside a gzip. Fails with zlib's errors, or the stream's own. */
async function* inflate(tarball: Readable): AsyncGenerator<Buffer> {
  const chunks = tarball.iterator({ destroyOnReturn: false });
  const head: Buffer[] = [];
  let size = 0;
  let isWhole = false;
  while (!isWhole && size <= smallTarballBytes) {
    const { done, value } = await chunks.next();
    isWhole = done === true;
    if (done !== true) head.push(value);
    size += done === true ? 0 : value.length;
  }
  const atOnce = isWhole ? inflateAtOnce(Buffer.concat(head, size)) : undefined;
  if (atOnce !== undefined) {
    yield atOnce;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  async function* all() {
    yield* head;
    if (!isWhole) yield* chunks;
  }
  // The callback is where errors of either stream end; reading from `gunzip` below throws the same ones.
  pipeline(Readable.from(all(), { objectMode: false }), gunzip, () => {});
  yield* gunzip as AsyncIterable<Buffer>;
}

/** Undefined for what grows too large to be held. */
function inflateAtOnce(gzip: Buffer): Buffer | undefined {
  try {
    return gunzipSync(gzip, { maxOutputLength: maxAtOnceBytes });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}

function asEntry(header: Header): Entry {
  const isFile = header.type === 'file' || header.type === 'contiguous-file';
  const [, ...rest] = header.name.split('/');
  const path = rest.filter((part) => part !== '' && part !== '.');
  const isInFirstDirectory = path.length === 1 && !header.name.startsWith('../');
  return { header, isFile, size: header.size, file: isFile && isInFirstDirectory ? path[0] : undefined };
}

/** Best first; what is not listed (`readme.png`) is not a readme. */
const readmeNames = [
  'readme.md',
  'readme',
  'readme.markdown',
  'readme.mdown',
  'readme.mkd',
  'readme.mkdn',
  'readme.txt',
  'readme.rst',
  'readme.adoc',
];

class ReadmeChoice {
  text: string | undefined;
  #rank = readmeNames.length;

  /** Whether nothing that follows could be chosen instead. */
  get isFinal(): boolean {
    return this.#rank === 0 && this.text !== undefined;
  }

  consider(entry: Entry, limits: TarballLimits): Wanted | undefined {
    const rank = readmeNames.indexOf(entry.file?.toLowerCase() ?? '');
    if (rank === -1 || rank >= this.#rank) return undefined;
    this.#rank = rank;
    return {
      maxBytes: limits.maxReadmeBytes,
      done: (text) => {
        // PostgreSQL's text has no NUL.
        this.text = text.replaceAll('\0', '');
      },
    };
  }
}

/** UTF-8 as npm reads it: no byte order mark, a replacement for what is no character; a cut last character is left out. */
function decode(bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true });
}

function parseManifest(text: string): Record<string, unknown> {
  const advice = 'Check it with `npm pkg get name`, pack again and publish.';
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw invalid(
      `The tarball's package.json is not valid JSON (${asError(cause).message}). ${advice}`,
      'CANNOT_PARSE',
    );
  }
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    throw invalid(`The tarball's package.json is not a JSON object. ${advice}`, 'CANNOT_PARSE');
  }
  if (isDeeper(manifest, maxManifestDepth)) {
    throw invalid(`The tarball's package.json is nested deeper than ${maxManifestDepth} levels. ${advice}`);
  }
  return manifest as Record<string, unknown>;
}

/** Deeper ones parse, but whoever writes them as text again runs out of stack. */
const maxManifestDepth = 500;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function tooLarge(what: string): PackyardError {
  return invalid(
    `The tarball unpacks to ${what}, which is over this server's limit. Publish fewer or smaller files (see "files" in package.json).`,
  );
}

const packAgain = 'Make it again with `npm pack` and publish that.';

function notATar(error: Error): PackyardError {
  return invalid(
    `The tarball is not a whole tar archive inside its gzip (${error.message}). ${packAgain}`,
    'CANNOT_PARSE',
  );
}

/** Names zlib's errors; all others are the stream's own and stay as they are. */
function notGzip(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR')
    return invalid(`The tarball is cut off: its gzip has no end. ${packAgain}`, 'CANNOT_PARSE');
  const isZlib = typeof code === 'string' && code.startsWith('Z_');
  return isZlib ? invalid(`The tarball is not gzip (${error.message}). ${packAgain}`, 'CANNOT_PARSE') : error;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
