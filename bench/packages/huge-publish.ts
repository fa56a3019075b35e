import { base64Chunks, hugeDistOf, hugeTarball } from './huge.ts';

/** A publish request that is made while it is sent. */
export interface HugePublish {
  readonly name: string;
  readonly tarballBytes: number;
  /** Of the whole body. */
  readonly length: number;
  chunks(): Iterable<string>;
}

/** The publish of a package whose tarball holds so many bytes besides its package.json. */
export function hugePublish(name: string, dataBytes: number): HugePublish {
  const version = '1.0.0';
  const manifest = { name, version };
  const tarball = hugeTarball(JSON.stringify(manifest), dataBytes);
  const file = `${name}-${version}.tgz`;
  const hole = '<the data>';
  const document = {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: {
      [version]: {
        ...manifest,
        _id: `${name}@${version}`,
        dist: { ...hugeDistOf(tarball), tarball: `http://127.0.0.1/${name}/-/${file}` },
      },
    },
    _attachments: { [file]: { content_type: 'application/octet-stream', data: hole, length: tarball.length } },
  };
  const [start = '', end = ''] = JSON.stringify(document).split(hole);
  return {
    name,
    tarballBytes: tarball.length,
    length: start.length + Math.ceil(tarball.length / 3) * 4 + end.length,
    *chunks() {
      yield start;
      yield* base64Chunks(tarball);
      yield end;
    },
  };
}
