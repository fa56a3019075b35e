import { invalid } from '../../core/errors.ts';

/** What a distribution says of itself. Absent is what it leaves out, leaves empty or calls `UNKNOWN`. */
export interface CoreMetadata {
  readonly metadataVersion?: string;
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  readonly description?: string;
  readonly descriptionContentType?: string;
  readonly keywords?: string;
  readonly homePage?: string;
  readonly downloadUrl?: string;
  readonly author?: string;
  readonly authorEmail?: string;
  readonly maintainer?: string;
  readonly maintainerEmail?: string;
  readonly license?: string;
  readonly licenseExpression?: string;
  readonly requiresPython?: string;
  readonly licenseFiles: readonly string[];
  readonly classifiers: readonly string[];
  readonly platforms: readonly string[];
  readonly requiresDist: readonly string[];
  readonly providesExtra: readonly string[];
  /** As written: `label, address`. */
  readonly projectUrls: readonly string[];
  readonly dynamic: readonly string[];
}

/** A member of the metadata, its header in METADATA and PKG-INFO, and its field in an upload form. */
type FieldNames = readonly [member: keyof CoreMetadata, header: string, formField: string];

const textFields: readonly FieldNames[] = [
  ['metadataVersion', 'metadata-version', 'metadata_version'],
  ['name', 'name', 'name'],
  ['version', 'version', 'version'],
  ['summary', 'summary', 'summary'],
  ['description', 'description', 'description'],
  ['descriptionContentType', 'description-content-type', 'description_content_type'],
  ['keywords', 'keywords', 'keywords'],
  ['homePage', 'home-page', 'home_page'],
  ['downloadUrl', 'download-url', 'download_url'],
  ['author', 'author', 'author'],
  ['authorEmail', 'author-email', 'author_email'],
  ['maintainer', 'maintainer', 'maintainer'],
  ['maintainerEmail', 'maintainer-email', 'maintainer_email'],
  ['license', 'license', 'license'],
  ['licenseExpression', 'license-expression', 'license_expression'],
  ['requiresPython', 'requires-python', 'requires_python'],
];

const listFields: readonly FieldNames[] = [
  ['licenseFiles', 'license-file', 'license_file'],
  ['classifiers', 'classifier', 'classifiers'],
  ['platforms', 'platform', 'platform'],
  ['requiresDist', 'requires-dist', 'requires_dist'],
  ['providesExtra', 'provides-extra', 'provides_extra'],
  ['projectUrls', 'project-url', 'project_urls'],
  ['dynamic', 'dynamic', 'dynamic'],
];

export interface MetadataLimits {
  readonly maxBytes: number;
  readonly maxHeaders: number;
}

/**
 * Reads a METADATA or PKG-INFO file: headers as in RFC 822, then the description. As in Python's own parser, a line
 * that is no header ends the headers, and of a header that should stand once the first one counts. Bytes that are no
 * UTF-8 become replacement characters. Source: PyPA, "Core metadata specifications".
 *
 * @throws ValidationException when the file is over a limit, or does not say exactly one name and version.
 */
export function parseCoreMetadata(bytes: Uint8Array, limits: MetadataLimits): CoreMetadata {
  if (bytes.length > limits.maxBytes) {
    throw invalid(`The metadata file has ${bytes.length} bytes; at most ${limits.maxBytes} are accepted.`);
  }
  // PostgreSQL's text has no NUL.
  const text = new TextDecoder().decode(bytes).replaceAll('\0', '');
  const { headers, body } = splitMessage(text.replace(/\r\n?/g, '\n'), limits.maxHeaders);
  for (const header of ['name', 'version']) {
    const count = headers.get(header)?.length ?? 0;
    if (count === 1) continue;
    throw invalid(`The metadata file has ${count === 0 ? 'no' : 'more than one'} header '${header}'. Build it again.`);
  }
  if (!headers.has('description')) headers.set('description', [body]);
  return metadataOf((_, header) => headers.get(header) ?? []);
}

/** The metadata that an upload form tells besides the file. The names of `fields` are those of the form. */
export function metadataOfForm(fields: ReadonlyMap<string, readonly string[]>): CoreMetadata {
  return metadataOf((_, __, formField) => fields.get(formField) ?? []);
}

/** The metadata as it is stored for a version: JSON, without the description, which is stored apart as its readme. */
export function storedMetadata({ description: _description, ...metadata }: CoreMetadata): string {
  return JSON.stringify(metadata);
}

/** Undefined for what tools write where they have nothing to say. */
export function present(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' || text === 'UNKNOWN' ? undefined : text;
}

function metadataOf(valuesOf: (...names: FieldNames) => readonly string[]): CoreMetadata {
  const texts = textFields.flatMap((names) => {
    const [first] = valuesOf(...names).flatMap((value) => present(value) ?? []);
    return first === undefined ? [] : [[names[0], first]];
  });
  const lists = listFields.map((names) => [names[0], valuesOf(...names).flatMap((value) => present(value) ?? [])]);
  const metadata = Object.fromEntries([...texts, ...lists]) as unknown as CoreMetadata;
  if (metadata.name === undefined || metadata.version === undefined) {
    throw invalid("The metadata's name or version is empty. Build the distribution again.");
  }
  return metadata;
}

function splitMessage(text: string, maxHeaders: number): { headers: Map<string, string[]>; body: string } {
  const headers: { readonly name: string; readonly lines: string[] }[] = [];
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(at, end);
    const last = headers.at(-1);
    const name = /^([!-9;-~]+):/.exec(line)?.[1];
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.lines.push(line);
    } else if (name === undefined) {
      if (line === '') at = end + 1;
      break;
    } else {
      if (headers.length === maxHeaders) throw invalid(`The metadata file has more than ${maxHeaders} headers.`);
      headers.push({ name: name.toLowerCase(), lines: [line.slice(name.length + 1)] });
    }
    at = end + 1;
  }
  return { headers: valuesByName(headers), body: text.slice(at) };
}

function valuesByName(
  headers: readonly { readonly name: string; readonly lines: readonly string[] }[],
): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { name, lines } of headers) {
    const value = name === 'description' ? lines.map(withoutMargin).join('\n') : unfold(name, lines);
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  return values;
}

/** A licence may be a whole text, whose lines matter. */
function unfold(name: string, lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join(name === 'license' ? '\n' : ' ');
}

/** A description in a header has a margin of eight spaces, or of seven and a bar, in all lines but the first. */
function withoutMargin(line: string): string {
  return line.replace(/^(?: {7}\|| {8}|[ \t]+(?=\S))/, '');
}
