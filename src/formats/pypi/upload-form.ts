import { invalid } from '../../core/errors.ts';
import { type CoreMetadata, metadataOfForm, present } from './core-metadata.ts';
import { type FormDigests, readFormDigests } from './digests.ts';
import { type FileSink, type MultipartLimits, readMultipart } from './multipart.ts';
import { checkUploadedFileName, isFileName, isProjectName, normalizeName, type ParsedFileName } from './names.ts';
import { shown } from './part-header.ts';
import { isSameVersion, isVersion } from './versions.ts';

/** What an upload form says. The bytes of the file went to the sink; they are still to be held against the digests. */
export interface UploadForm {
  /** Normalized. */
  readonly project: string;
  /** As the form spells it: a PEP 440 version. */
  readonly version: string;
  readonly fileName: string;
  readonly file: ParsedFileName;
  readonly digests: FormDigests;
  /** What the form says besides the file. Where the file has metadata of its own, that is to be believed. */
  readonly metadata: CoreMetadata;
}

const fileTypes: Readonly<Record<string, ParsedFileName['kind']>> = {
  sdist: 'sdist',
  bdist_wheel: 'wheel',
  bdist_egg: 'egg',
  bdist_wininst: 'other',
  bdist_msi: 'other',
  bdist_rpm: 'other',
  bdist_dumb: 'other',
};

/**
 * Reads the form by which twine, uv, poetry, pdm, hatch and flit upload a file. The file's bytes go to `onFile` while
 * they arrive, which may be before the fields that say what they are; `project` is the normalized name where it came
 * before. Source: the public index's legacy upload API; reference
 * `formats/pypi.md` section 3.
 *
 * @throws ValidationException that says what is wrong with the form; PayloadTooLargeException over the body's limit.
 *   As with `readMultipart`, what was written to a sink until then is to be thrown away, and the body is the caller's.
 */
export async function readUploadForm(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  limits: MultipartLimits,
  onFile: (fileName: string, project: string | undefined) => Promise<FileSink>,
): Promise<UploadForm> {
  let fileName: string | undefined;
  const fields = await readMultipart(body, contentType, limits, async (field, name, before) => {
    // Older twines send it; AWS serves no signatures, and nothing asks for them.
    if (field === 'gpg_signature') return { write: async () => {} };
    if (field !== 'content') throw invalid(`The form has a file ${shown(field)}; only 'content' is taken.`);
    if (fileName !== undefined) throw invalid("The form has more than one file 'content'. Upload one at a time.");
    if (!isFileName(name)) throw invalid(`The file name ${shown(name)} cannot be used. Upload with a plain file name.`);
    fileName = name;
    const [given] = (before.get('name') ?? []).flatMap((value) => present(value) ?? []);
    return onFile(name, given !== undefined && isProjectName(given) ? normalizeName(given) : undefined);
  });
  return readFields(fields, fileName);
}

function readFields(fields: ReadonlyMap<string, readonly string[]>, fileName: string | undefined): UploadForm {
  const field = (name: string) => {
    const values = new Set((fields.get(name) ?? []).flatMap((value) => present(value) ?? []));
    if (values.size > 1) throw invalid(`The form has more than one '${name}'.`);
    const [value] = values;
    return value;
  };
  checkAction(field(':action'), field('protocol_version'));
  const name = field('name') ?? missing('name');
  const version = field('version') ?? missing('version');
  const fileType = field('filetype') ?? missing('filetype');
  if (fileName === undefined) throw invalid("The form has no file 'content'.");
  if (!isProjectName(name)) {
    throw invalid(
      `${shown(name)} is not a project's name: it has ASCII letters, digits, '.', '-' and '_', and a letter or digit at both ends.`,
    );
  }
  if (!isVersion(version))
    throw invalid(`${shown(version)} is not a version as PEP 440 has them, such as 1.0 or 2.1rc1.`);
  const project = normalizeName(name);
  const file = checkUploadedFileName(fileName, project);
  if (!isSameVersion(file.version, version)) {
    throw invalid(`The file '${fileName}' is one of version '${file.version}', but the form says '${version}'.`);
  }
  const kind = Object.hasOwn(fileTypes, fileType) ? fileTypes[fileType] : undefined;
  if (kind !== file.kind)
    throw invalid(`The form's filetype ${shown(fileType)} is not that of the file '${fileName}'.`);
  return { project, version, fileName, file, digests: readFormDigests(field), metadata: metadataOfForm(fields) };
}

/** Setuptools' `register` sent `submit`; poetry still does when it is told that a project is not registered. */
function checkAction(action: string | undefined, protocolVersion: string | undefined): void {
  if (action === undefined) missing(':action');
  if (action !== 'file_upload') throw invalid(`The action ${shown(action)} is not served, only 'file_upload'.`);
  if (protocolVersion !== undefined && protocolVersion !== '1') {
    throw invalid(`The form's protocol_version is ${shown(protocolVersion)}; only '1' is served.`);
  }
}

function missing(name: string): never {
  throw invalid(`The form has no '${name}'. Upload with twine, uv, poetry or the like.`);
}
