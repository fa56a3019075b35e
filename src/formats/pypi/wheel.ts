import { invalid, type PackyardError } from '../../core/errors.ts';
import type { RandomAccess } from '../../core/format.ts';
import { type CoreMetadata, type MetadataLimits, parseCoreMetadata } from './core-metadata.ts';
import { normalizeName } from './names.ts';
import { isSameVersion } from './versions.ts';
import { readZipDirectory, readZipEntry, type ZipEntryLimits, type ZipLimits } from './zip.ts';

export interface WheelLimits extends ZipLimits, ZipEntryLimits, MetadataLimits {}

/** A project's version as a file name or a form gives it; the project is normalized. */
export interface Release {
  readonly project: string;
  readonly version: string;
}

/** The metadata file of a distribution: its very bytes (PEP 658 serves them and announces their hash), and what they say. */
export interface PackagedMetadata {
  readonly bytes: Buffer;
  readonly metadata: CoreMetadata;
}

/**
 * Reads the METADATA out of a wheel without unpacking anything else. Source: PEP 427 and pip's
 * `_internal/utils/wheel.py`.
 *
 * @throws ValidationException when the file is no zip, has not exactly one `*.dist-info/METADATA`, goes over a limit,
 *   or is of another project or version than `release`. Errors of the file come through as they are.
 */
export async function readWheelMetadata(
  file: RandomAccess,
  release: Release,
  limits: WheelLimits,
): Promise<PackagedMetadata> {
  const entries = await readZipDirectory(file, limits);
  // In any case, and with either slash: on some machine all of these are one file.
  const found = entries.filter(({ name }) => /^[^/]+\.dist-info\/metadata$/i.test(name.replaceAll('\\', '/')));
  const [entry] = found;
  if (entry === undefined) throw notAWheel('has no METADATA in a .dist-info folder');
  if (found.length > 1) throw notAWheel(`has ${found.length} files called METADATA in .dist-info folders`);
  const [, folder] = /^(.*)\.dist-info\/METADATA$/.exec(entry.name) ?? [];
  if (folder === undefined) throw notAWheel(`has '${entry.name}' instead of a METADATA`);
  const dash = folder.lastIndexOf('-');
  if (normalizeName(folder.slice(0, dash)) !== release.project) {
    throw notAWheel(`has the metadata of another project, '${folder}'`);
  }
  const bytes = await readZipEntry(file, entry, limits);
  const metadata = parseCoreMetadata(bytes, limits);
  checkRelease(metadata, release, 'METADATA');
  return { bytes, metadata };
}

/** @throws ValidationException when a distribution's metadata is not that of its file name and form. */
export function checkRelease(metadata: CoreMetadata, { project, version }: Release, where: string): void {
  if (normalizeName(metadata.name) !== project) {
    throw invalid(`The file's ${where} is of the project '${metadata.name}', but it was uploaded as '${project}'.`);
  }
  if (!isSameVersion(metadata.version, version)) {
    throw invalid(`The file's ${where} has version '${metadata.version}', but it was uploaded as '${version}'.`);
  }
}

function notAWheel(what: string): PackyardError {
  return invalid(`The wheel ${what}. Build it again, for example with \`python -m build\`.`);
}
