import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A package as a test describes it; `files` are added to package.json, below `package/`. */
export interface PackageSketch {
  readonly name: string;
  readonly version: string;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** More members of package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** Makes the gzipped tarball that `npm pack` would make of a package. */
export async function tarballOf({ name, version, files = {}, manifest = {} }: PackageSketch): Promise<Buffer> {
  const archive = pack();
  const bytes = buffer(archive.pipe(createGzip()));
  const all = {
    'package.json': JSON.stringify({ name, version, ...manifest }),
    'index.js': 'module.exports = 1;\n',
    ...files,
  };
  for (const [path, content] of Object.entries(all))
    archive.entry({ name: `package/${path}`, mtime: new Date(0) }, content);
  archive.finalize();
  return bytes;
}

export function distOf(tarball: Buffer): { shasum: string; integrity: string } {
  return {
    shasum: createHash('sha1').update(tarball).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  };
}

/** The document that npm PUTs to publish a package, with `latest` or the given tag. */
export async function publishDocument(sketch: PackageSketch, tag = 'latest'): Promise<Record<string, unknown>> {
  const { name, version, manifest = {} } = sketch;
  const tarball = await tarballOf(sketch);
  const file = `${name}-${version}.tgz`;
  return {
    _id: name,
    name,
    'dist-tags': { [tag]: version },
    versions: {
      [version]: {
        name,
        version,
        ...manifest,
        _id: `${name}@${version}`,
        dist: { ...distOf(tarball), tarball: `http://localhost/${file}` },
      },
    },
    access: null,
    _attachments: {
      [file]: { content_type: 'application/octet-stream', data: tarball.toString('base64'), length: tarball.length },
    },
  };
}
