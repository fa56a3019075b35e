import { Random } from './random.ts';
import { distOf, tarballOf } from './tarball.ts';

/** A version to publish. */
export interface Publication {
  readonly name: string;
  readonly version: string;
}

/** How many bytes of each tarball are of its own, beside package.json. */
const contentBytes = 10 * 1024;

/** The document that npm PUTs to publish a version: its tarball is real, about 10 KB, and like no other. */
export function publishDocument({ name, version }: Publication): Buffer {
  const manifest = { name, version, description: 'A package of the benchmark', license: 'MIT', main: 'index.js' };
  const content = new Random(`${name}@${version}`).bytes(contentBytes);
  const files = [
    ['package/package.json', Buffer.from(JSON.stringify(manifest, null, 2))],
    ['package/content.bin', content],
  ] as const;
  const tarball = tarballOf(files, 1);
  const file = `${name}-${version}.tgz`;
  const document = {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: {
      [version]: {
        ...manifest,
        _id: `${name}@${version}`,
        dist: { ...distOf(tarball), tarball: `http://127.0.0.1/${name}/-/${file}` },
      },
    },
    access: null,
    _attachments: {
      [file]: { content_type: 'application/octet-stream', data: tarball.toString('base64'), length: tarball.length },
    },
  };
  return Buffer.from(JSON.stringify(document));
}
