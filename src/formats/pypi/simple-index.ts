import { ByteWriter } from '../../core/byte-writer.ts';
import type { Rendering } from '../../core/prepared.ts';
import type { Negotiated } from './accept.ts';
import { escapeHtml } from './html.ts';

/** A file as a project's page lists it. */
export interface IndexedFile {
  readonly filename: string;
  readonly version: string;
  /** Lower-case hex; absent where an index upstream does not give it and the file is not here yet. */
  readonly sha256?: string;
  readonly md5?: string;
  readonly size?: number;
  /** Milliseconds since the epoch. */
  readonly uploadTime?: number;
  readonly requiresPython?: string;
  /** The reason, or true where none was given. */
  readonly yanked?: string | true;
  /** Of the METADATA that is served at the file's address with `.metadata` behind. */
  readonly coreMetadataSha256?: string;
}

const apiVersion = '1.1';
/** `size` became mandatory with 1.1. Source: PEP 700. */
const apiVersionWithoutSizes = '1.0';

/**
 * Renders a project's page. Addresses are relative to it, `{version}/{file}`, so that they hold behind any proxy.
 * Source: PEP 503, 592, 629, 658, 691, 700 and 714.
 *
 * @param project the normalized name
 * @param files in the order they are listed in, which no client relies on
 */
export function projectPage(project: string, files: readonly IndexedFile[], as: Negotiated): Rendering {
  const body = new ByteWriter();
  if (as.type === 'json') writeProjectJson(body, project, files);
  else writeProjectHtml(body, project, files);
  return { contentType: as.contentType, body: body.toBuffer() };
}

/** Renders the list of projects. Source: PEP 503 and 691; AWS has none. */
export function projectList(projects: readonly string[], as: Negotiated): Rendering {
  const body = new ByteWriter();
  if (as.type === 'json') {
    body.write(`{"meta":{"api-version":"${apiVersion}"},"projects":[`);
    for (const [index, name] of projects.entries()) body.write(`${index === 0 ? '' : ','}${JSON.stringify({ name })}`);
    body.write(']}');
  } else {
    body.write(htmlHead('Simple index', apiVersion));
    for (const name of projects) body.write(`<a href="${encodeURIComponent(name)}/">${escapeHtml(name)}</a><br>\n`);
    body.write(htmlEnd);
  }
  return { contentType: as.contentType, body: body.toBuffer() };
}

function writeProjectJson(to: ByteWriter, project: string, files: readonly IndexedFile[]): void {
  const versions = [...new Set(files.map(({ version }) => version))];
  const hasSizes = files.every(({ size }) => size !== undefined);
  const meta = { 'api-version': hasSizes ? apiVersion : apiVersionWithoutSizes };
  to.write(`${JSON.stringify({ meta, name: project, versions }).slice(0, -1)},"files":[`);
  for (const [index, file] of files.entries()) to.write(`${index === 0 ? '' : ','}${JSON.stringify(jsonFile(file))}`);
  to.write(']}');
}

function jsonFile(file: IndexedFile): object {
  const { filename, sha256, md5, size, uploadTime, requiresPython, yanked, coreMetadataSha256 } = file;
  return {
    filename: wellFormed(filename),
    url: relativeUrl(file),
    hashes: { ...(sha256 !== undefined && { sha256 }), ...(md5 !== undefined && { md5 }) },
    ...(size !== undefined && { size }),
    ...(uploadTime !== undefined && { 'upload-time': iso(uploadTime) }),
    ...(requiresPython !== undefined && { 'requires-python': wellFormed(requiresPython) }),
    yanked: typeof yanked === 'string' ? wellFormed(yanked) : (yanked ?? false),
    // Not under its former name `dist-info-metadata`: pip before 23.2 stops at it. PEP 714.
    ...(coreMetadataSha256 !== undefined && { 'core-metadata': { sha256: coreMetadataSha256 } }),
  };
}

function writeProjectHtml(to: ByteWriter, project: string, files: readonly IndexedFile[]): void {
  to.write(htmlHead(`Links for ${project}`, apiVersion));
  for (const file of files) to.write(htmlFile(file));
  to.write(htmlEnd);
}

function htmlFile(file: IndexedFile): string {
  const { filename, sha256, md5, uploadTime, requiresPython, yanked, coreMetadataSha256 } = file;
  const fragment = sha256 !== undefined ? `#sha256=${sha256}` : md5 !== undefined ? `#md5=${md5}` : '';
  const metadata = coreMetadataSha256 === undefined ? undefined : `sha256=${coreMetadataSha256}`;
  const attributes = [
    ['href', relativeUrl(file) + fragment],
    ['data-requires-python', requiresPython],
    ['data-yanked', yanked === true ? '' : yanked],
    ['data-core-metadata', metadata],
    ['data-dist-info-metadata', metadata],
    // AWS's own; its guide, "Python compatibility".
    ['data-upload-time', uploadTime === undefined ? undefined : iso(uploadTime)],
  ] as const;
  const written = attributes.map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeHtml(value)}"`));
  return `<a${written.join('')}>${escapeHtml(filename)}</a><br>\n`;
}

function htmlHead(title: string, version: string): string {
  return [
    '<!DOCTYPE html>',
    '<html><head><meta charset="utf-8">',
    `<meta name="pypi:repository-version" content="${version}">`,
    `<title>${escapeHtml(title)}</title></head><body>`,
    `<h1>${escapeHtml(title)}</h1>\n`,
  ].join('\n');
}

const htmlEnd = '</body></html>\n';

/** No version or file name can begin with a scheme or leave the page's folder: `:` and `/` are escaped. */
function relativeUrl({ version, filename }: IndexedFile): string {
  return `${segment(version)}/${segment(filename)}`;
}

function segment(text: string): string {
  return encodeURIComponent(wellFormed(text));
}

/** Without lone surrogates, which neither an address nor UTF-8 can hold. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
