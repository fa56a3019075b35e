import { PackyardError } from '../../core/errors.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import { startTags, type Tag } from './html.ts';
import { isFileName, normalizeName, parseFileName } from './names.ts';
import { versionKey } from './versions.ts';

/** A file as the public index lists it. */
export interface RemoteFile {
  readonly filename: string;
  /** Absolute, without a fragment. */
  readonly url: string;
  /** Lower-case hex by the algorithm's name in lower case; none where the index gives none. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly size: number | null;
  readonly uploadedAt: number | null;
  readonly requiresPython?: string;
  /** The reason, or true where none was given. */
  readonly yanked?: string | true;
  /** SHA-256 of the file at `url` with `.metadata` behind; true where there is one whose hash is not given. */
  readonly coreMetadata?: string | true;
}

export interface RemoteRelease {
  /** As the index spells it, or as its first file does. */
  readonly version: string;
  readonly files: readonly RemoteFile[];
}

/** What a public index is asked for: JSON where it has it. */
export const listingAccept =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/**
 * Reads a project's page of a public index, JSON or HTML by how it begins, and groups its files by version. Files of
 * other projects, without a usable name or address, and of a name that was there already are left out; those whose
 * version is none by PEP 440 stay. Source: PEP 503, 592, 658, 691, 700 and 714.
 *
 * @param project the normalized name
 * @param pageUrl where the page was found, after redirects: addresses in it are relative to that
 * @throws BadGatewayException when the bytes are no such page of this project.
 */
export function parseRemoteListing(project: string, pageUrl: string, body: Uint8Array): RemoteRelease[] {
  const text = new TextDecoder().decode(body);
  const { versions, files } = /^\s*\{/.test(text) ? readJson(project, pageUrl, text) : readHtml(project, pageUrl, text);
  return group(project, versions, files);
}

interface Page {
  readonly versions: readonly string[];
  readonly files: readonly RemoteFile[];
}

function group(project: string, versions: readonly string[], files: readonly RemoteFile[]): RemoteRelease[] {
  const spelling = new Map(versions.map((version) => [versionKey(version), version]));
  const releases = new Map<string, { version: string; files: RemoteFile[] }>();
  const seen = new Set<string>();
  for (const file of files) {
    const version = parseFileName(file.filename, project)?.version;
    if (version === undefined || seen.has(file.filename)) continue;
    seen.add(file.filename);
    const key = versionKey(version);
    const release = releases.get(key);
    if (release === undefined) releases.set(key, { version: spelling.get(key) ?? version, files: [file] });
    else release.files.push(file);
  }
  return [...releases.values()];
}

function readJson(project: string, pageUrl: string, text: string): Page {
  const page = asObject(parseJson(project, text));
  const version = asObject(page?.['meta'])?.['api-version'];
  const files = page?.['files'];
  const name = page?.['name'];
  if (typeof version !== 'string' || !/^1\.\d+$/.test(version)) throw notAPage(project);
  if (!Array.isArray(files) || typeof name !== 'string' || normalizeName(name) !== project) throw notAPage(project);
  const versions = Array.isArray(page?.['versions']) ? page['versions'] : [];
  return {
    versions: versions.filter((given) => typeof given === 'string'),
    files: files.flatMap((file) => readJsonFile(pageUrl, asObject(file) ?? {}) ?? []),
  };
}

function readJsonFile(pageUrl: string, file: JsonObject): RemoteFile | undefined {
  const { filename, yanked, size } = file;
  const url = absolute(file['url'], pageUrl);
  if (typeof filename !== 'string' || !isFileName(filename) || url === undefined) return undefined;
  // PEP 714: the former name only counts where the new one is missing.
  const metadata = file['core-metadata'] ?? file['dist-info-metadata'];
  const coreMetadata =
    metadata === true ? true : (hexOf(asObject(metadata)?.['sha256']) ?? asObject(metadata) !== undefined);
  const uploaded = typeof file['upload-time'] === 'string' ? Date.parse(file['upload-time']) : Number.NaN;
  const requiresPython = file['requires-python'];
  return {
    filename,
    url: url.href,
    hashes: readHashes(asObject(file['hashes']) ?? {}),
    size: Number.isSafeInteger(size) && Number(size) >= 0 ? Number(size) : null,
    uploadedAt: Number.isNaN(uploaded) ? null : uploaded,
    ...(typeof requiresPython === 'string' && requiresPython !== '' && { requiresPython }),
    ...((yanked === true || typeof yanked === 'string') && { yanked: yanked === '' ? true : yanked }),
    ...(coreMetadata !== false && { coreMetadata }),
  };
}

function readHtml(project: string, pageUrl: string, html: string): Page {
  if (!/<(?:!doctype|html|head|body|a)\b/i.test(html)) throw notAPage(project);
  const files: RemoteFile[] = [];
  let base: string | undefined;
  for (const tag of startTags(html)) {
    if (tag.name === 'base') base ??= absolute(tag.attributes.get('href'), pageUrl)?.href;
    const version = tag.name === 'meta' && tag.attributes.get('name') === 'pypi:repository-version';
    if (version && !/^1\.\d+$/.test(tag.attributes.get('content') ?? '')) throw notAPage(project);
    const file = tag.name === 'a' ? readLink(base ?? pageUrl, tag) : undefined;
    if (file !== undefined) files.push(file);
  }
  return { versions: [], files };
}

/** A link's file name is the last part of its address, as in pip. */
function readLink(base: string, { attributes }: Tag): RemoteFile | undefined {
  const url = absolute(attributes.get('href'), base);
  const filename = url === undefined ? undefined : decoded(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  if (url === undefined || filename === undefined || !isFileName(filename)) return undefined;
  const [algorithm = '', digest] = url.hash.slice(1).split('=');
  url.hash = '';
  const metadata = attributes.get('data-core-metadata') ?? attributes.get('data-dist-info-metadata');
  const uploaded = Date.parse(attributes.get('data-upload-time') ?? '');
  const requiresPython = attributes.get('data-requires-python');
  const yanked = attributes.get('data-yanked');
  return {
    filename,
    url: url.href,
    hashes: readHashes({ [algorithm]: digest }),
    size: null,
    uploadedAt: Number.isNaN(uploaded) ? null : uploaded,
    ...(requiresPython && { requiresPython }),
    ...(yanked !== undefined && { yanked: yanked === '' ? true : yanked }),
    ...(metadata !== undefined &&
      metadata !== 'false' && { coreMetadata: hexOf(metadata.split('sha256=')[1]) ?? true }),
  };
}

const digestLengths: ReadonlyMap<string, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha224', 56],
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
  ['blake2b_256', 64],
]);

function readHashes(given: JsonObject): Record<string, string> {
  const hashes = Object.entries(given).flatMap(([name, value]) => {
    const algorithm = name.toLowerCase();
    const length = digestLengths.get(algorithm);
    const hex = length === undefined ? undefined : hexOf(value, length);
    return hex === undefined ? [] : [[algorithm, hex]];
  });
  return Object.fromEntries(hashes);
}

function hexOf(value: unknown, length = 64): string | undefined {
  if (typeof value !== 'string' || value.length !== length || !/^[0-9a-f]+$/i.test(value)) return undefined;
  return value.toLowerCase();
}

/** Undefined for what is no address on the web. */
function absolute(url: unknown, base: string): URL | undefined {
  if (typeof url !== 'string' || !URL.canParse(url, base)) return undefined;
  const parsed = new URL(url, base);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return undefined;
  return parsed;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function parseJson(project: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notAPage(project, cause);
  }
}

function notAPage(project: string, cause?: unknown): PackyardError {
  const message = `The public index's answer for '${project}' is not a page of that project.`;
  return new PackyardError('BadGatewayException', message, { cause });
}
