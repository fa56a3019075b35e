import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { inflateRawSync } from 'node:zlib';
import { normalizeName } from '../../src/formats/pypi/names.ts';
import type { PythonFile } from './pypi-user.ts';
import { StandIn } from './stand-in.ts';

interface Listed extends PythonFile {
  readonly version: string;
  readonly requiresPython: string | undefined;
  readonly uploadTime: string;
  yanked: string | boolean;
}

interface ListedMore {
  readonly requiresPython?: string;
  readonly uploadTime?: string;
}

/**
 * A small Python index that plays the public one in tests: pages in `/simple/`, files elsewhere, each wheel's METADATA
 * beside it. It counts what it is asked, and can be made slow, broken, lying or gone.
 */
export class PublicIndex extends StandIn {
  /** Send files with other bytes than the page promises. */
  corruptsFiles = false;
  /** Break files off in the middle. */
  cutsFiles = false;
  /** Serve pages in HTML, as old mirrors do, with addresses relative to them. */
  isHtml = false;
  /** Have everything below another path, and send who comes for a page there. */
  isMoved = false;
  /** Say which hash files have; md5 is what very old pages give. */
  algorithm: 'sha256' | 'md5' = 'sha256';
  /** Announce and serve METADATA beside wheels. */
  hasMetadata = true;
  readonly #projects = new Map<string, Map<string, Listed>>();

  /** As pip's `index-url`. */
  get url(): string {
    return this.at('/simple/');
  }

  /** Lists files of a project's version. */
  publish(project: string, version: string, files: readonly PythonFile[], more: ListedMore = {}): void {
    const name = normalizeName(project);
    const known = this.#projects.get(name) ?? new Map<string, Listed>();
    this.#projects.set(name, known);
    const { requiresPython, uploadTime = '2020-02-02T02:02:02.000000Z' } = more;
    for (const file of files) known.set(file.fileName, { ...file, version, requiresPython, uploadTime, yanked: false });
  }

  yank(project: string, fileName: string, reason: string | boolean): void {
    const listed = this.#projects.get(project)?.get(fileName);
    if (listed !== undefined) listed.yanked = reason;
  }

  protected async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isMoved && path.startsWith('/simple/'))
      return void response.writeHead(302, { location: `/moved/to${path}` }).end();
    const below = this.isMoved ? '/moved/to' : '';
    const place = path.startsWith(below) ? path.slice(below.length) : '';
    const [, project] = /^\/simple\/([^/]+)\/$/.exec(place) ?? [];
    const files = this.#projects.get(project ?? '');
    if (project !== undefined && files !== undefined) return this.#page(request, response, project, files);
    const [, owner = '', name = ''] = /^\/files\/([^/]+)\/(.+)$/.exec(place) ?? [];
    const file = this.#projects.get(owner)?.get(name.replace(/\.metadata$/, ''));
    if (file === undefined) return void response.writeHead(404).end();
    if (!name.endsWith('.metadata')) return this.#file(response, file.bytes);
    if (!this.hasMetadata) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(metadataOf(file.bytes));
  }

  #page(request: IncomingMessage, response: ServerResponse, project: string, files: Map<string, Listed>): void {
    const body = this.isHtml ? this.#html(project, files) : this.#json(project, files);
    const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    const type = this.isHtml ? 'text/html' : 'application/vnd.pypi.simple.v1+json';
    response.writeHead(200, { 'content-type': type, etag }).end(body);
  }

  #json(project: string, files: Map<string, Listed>): string {
    return JSON.stringify({
      meta: { 'api-version': '1.4', '_last-serial': 1 },
      name: project,
      versions: [...new Set([...files.values()].map(({ version }) => version))],
      files: [...files.values()].map((file) => ({
        filename: file.fileName,
        url: this.at(`/files/${project}/${encodeURIComponent(file.fileName)}`),
        hashes: { [this.algorithm]: hashOf(this.algorithm, file.bytes) },
        size: file.bytes.length,
        'upload-time': file.uploadTime,
        ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
        yanked: file.yanked,
        'core-metadata': this.#isAnnounced(file) && { sha256: hashOf('sha256', metadataOf(file.bytes)) },
      })),
    });
  }

  #html(project: string, files: Map<string, Listed>): string {
    const links = [...files.values()].map((file) => {
      const metadata = this.#isAnnounced(file)
        ? ` data-core-metadata="sha256=${hashOf('sha256', metadataOf(file.bytes))}"`
        : '';
      const address = `../../files/${project}/${encodeURIComponent(file.fileName)}`;
      const yanked = file.yanked === false ? '' : ` data-yanked="${file.yanked === true ? '' : file.yanked}"`;
      return `<a href="${address}#${this.algorithm}=${hashOf(this.algorithm, file.bytes)}"${metadata}${yanked}>${file.fileName}</a>`;
    });
    return `<!DOCTYPE html><html><body>${links.join('<br>')}</body></html>`;
  }

  #isAnnounced({ fileName }: Listed): boolean {
    return this.hasMetadata && fileName.endsWith('.whl');
  }

  #file(response: ServerResponse, genuine: Buffer): void {
    const bytes = this.corruptsFiles ? Buffer.from(genuine).fill(0, genuine.length - 8) : genuine;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    if (!this.cutsFiles) return void response.end(bytes);
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  }
}

function hashOf(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

/** The METADATA in a wheel of `wheelOf`: found by its local header. */
function metadataOf(wheel: Buffer): Buffer {
  for (let at = 0; wheel.readUInt32LE(at) === 0x04034b50; ) {
    const size = wheel.readUInt32LE(at + 18);
    const start = at + 30 + wheel.readUInt16LE(at + 26);
    if (wheel.toString('utf8', at + 30, start).endsWith('/METADATA'))
      return inflateRawSync(wheel.subarray(start, start + size));
    at = start + size;
  }
  throw new Error('the wheel has no METADATA');
}
