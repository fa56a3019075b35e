import { createHash } from 'node:crypto';
import { type FormPart, formBoundary, formOf, formType, sdistOf, wheelOf } from './pypi.ts';
import { EndpointUser, type Json, jsonOf } from './user.ts';

export { formType };

export const jsonType = 'application/vnd.pypi.simple.v1+json';

/** A distribution's file. */
export interface PythonFile {
  readonly fileName: string;
  readonly bytes: Buffer;
}

/** A wheel, whose METADATA has these headers; `build` tells several of one version apart. */
export function wheelFile(name: string, version: string, headers: readonly string[] = [], build = ''): PythonFile {
  const fileName = `${name.replace(/[-.]+/g, '_')}-${version}${build && `-${build}`}-py3-none-any.whl`;
  return { fileName, bytes: wheelOf(name, version, headers, `# ${name} ${build}\n`) };
}

export async function sdistFile(name: string, version: string, headers: readonly string[] = []): Promise<PythonFile> {
  return { fileName: `${name}-${version}.tar.gz`, bytes: await sdistOf(name, version, headers, `# ${name}\n`) };
}

/** The fields and the file by which twine uploads it; `more` replaces fields, undefined leaves one out. */
export function uploadParts(
  name: string,
  version: string,
  { fileName, bytes }: PythonFile,
  more: Readonly<Record<string, string | undefined>> = {},
): FormPart[] {
  const fields: Record<string, string | undefined> = {
    ':action': 'file_upload',
    protocol_version: '1',
    name,
    version,
    filetype: fileName.endsWith('.whl') ? 'bdist_wheel' : 'sdist',
    pyversion: fileName.endsWith('.whl') ? 'py3' : 'source',
    metadata_version: '2.1',
    sha256_digest: createHash('sha256').update(bytes).digest('hex'),
    ...more,
  };
  const parts = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [{ name: field, value }],
  );
  return [...parts, { name: 'content', value: bytes, fileName }];
}

/** The form that uploads a small wheel of this version. */
export async function uploadForm(name: string, version: string): Promise<Buffer<ArrayBuffer>> {
  return formOf(uploadParts(name, version, wheelFile(name, version))) as Buffer<ArrayBuffer>;
}

/** Someone who speaks to the pypi endpoint of a repository. */
export class PypiUser extends EndpointUser {
  /** Uploads a file as twine does. */
  upload(
    name: string,
    version: string,
    file: PythonFile,
    more: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Response> {
    return this.post(uploadParts(name, version, file, more));
  }

  /** Posts a form, as it is or made of these parts. */
  post(form: readonly FormPart[] | Buffer, path = ''): Promise<Response> {
    const body = (Buffer.isBuffer(form) ? form : formOf(form)) as Buffer<ArrayBuffer>;
    return this.fetch(path, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${formBoundary}` },
      body,
    });
  }

  /** A project's page as JSON. */
  async page(project: string): Promise<Json> {
    const response = await this.fetch(`simple/${project}/`, { headers: { accept: jsonType } });
    if (response.status !== 200) throw new Error(`${project}: ${response.status} ${await response.text()}`);
    return jsonOf(response);
  }

  /** The names of a project's files, in order; none where there is no page. */
  async files(project: string): Promise<string[]> {
    const response = await this.fetch(`simple/${project}/`, { headers: { accept: jsonType } });
    if (response.status === 404) return [];
    const page = await jsonOf(response);
    return page['files'].map(({ filename }: { filename: string }) => filename).sort();
  }

  /** The bytes of a file as its page leads to it. */
  async download(
    project: string,
    fileName: string,
    init: { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { files } = await this.page(project);
    const file = files.find(({ filename }: { filename: string }) => filename === fileName);
    if (file === undefined) throw new Error(`no ${fileName} on the page of ${project}`);
    return this.fetch(`simple/${project}/${file.url}`, init);
  }
}
