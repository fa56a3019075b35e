import { createHash } from 'node:crypto';
import { readmeOf } from './contents.ts';
import type { PackageSketch } from './sketch.ts';

/** Hashes of the tarballs that exist, by version. */
export type Dists = ReadonlyMap<string, { readonly shasum: string; readonly integrity: string }>;

const firstTime = Date.UTC(2016, 0, 1);
const dayMs = 24 * 60 * 60 * 1000;

/** The two listings of a package, in the shape and with the members the public registry gives. */
export function packumentsOf(
  sketch: PackageSketch,
  registryUrl: string,
  dists: Dists,
): { full: string; abbreviated: string } {
  const { name, versions } = sketch;
  const tags = { latest: versions.at(-1) };
  const times = versions.map((version, position) => [version, new Date(firstTime + position * dayMs).toISOString()]);
  const modified = times.at(-1)?.[1];
  const manifests = versions.map((version) => [version, fullManifest(sketch, version, registryUrl, dists)] as const);
  const full = {
    _id: name,
    _rev: `${versions.length}-${digest('md5', name).toString('hex')}`,
    name,
    ...about(name),
    'dist-tags': tags,
    versions: Object.fromEntries(manifests),
    time: { created: new Date(firstTime).toISOString(), modified, ...Object.fromEntries(times) },
    maintainers,
    readme: readmeOf(sketch),
    readmeFilename: 'README.md',
  };
  const abbreviated = {
    name,
    'dist-tags': tags,
    modified,
    versions: Object.fromEntries(manifests.map(([version, manifest]) => [version, abbreviatedManifest(manifest)])),
  };
  return { full: JSON.stringify(full), abbreviated: JSON.stringify(abbreviated) };
}

const maintainers = ['alex', 'kim', 'robin'].map((name) => ({ name, email: `${name}@example.com` }));

function about(name: string) {
  const address = `https://example.com/${name}`;
  return {
    description: `Does one thing well, and that is ${name}`,
    keywords: ['one', 'thing', 'well', ...name.split('-')],
    author: maintainers[0],
    license: 'MIT',
    homepage: `${address}#readme`,
    repository: { type: 'git', url: `git+${address}.git` },
    bugs: { url: `${address}/issues` },
  };
}

type Manifest = ReturnType<typeof fullManifest>;

function fullManifest(sketch: PackageSketch, version: string, registryUrl: string, dists: Dists) {
  const { name } = sketch;
  const id = `${name}@${version}`;
  const { shasum, integrity } = dists.get(version) ?? unbuilt(id);
  return {
    name,
    version,
    ...about(name),
    main: 'index.js',
    types: './index.d.ts',
    exports: { '.': { types: './index.d.ts', import: './index.mjs', require: './index.js' } },
    scripts: { build: 'tsc -p .', lint: 'eslint .', test: 'node --test', prepublishOnly: 'npm run build' },
    engines: { node: '>=12' },
    files: ['lib', 'index.js', 'index.mjs', 'index.d.ts'],
    dependencies: sketch.tarballs.get(version)?.dependencies ?? sketch.dependencies,
    devDependencies: { eslint: '^8.57.0', typescript: '^5.4.0', '@types/node': '^20.11.0', c8: '^9.1.0' },
    _id: id,
    gitHead: digest('sha1', id).toString('hex'),
    _nodeVersion: '20.11.1',
    _npmVersion: '10.2.4',
    dist: {
      integrity,
      shasum,
      tarball: `${registryUrl}${name}/-/${tarballFile(name, version)}`,
      fileCount: 14,
      unpackedSize: 48_211,
      signatures: [
        { keyid: 'SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA', sig: digest('sha512', id).toString('base64') },
      ],
    },
    _npmUser: maintainers[0],
    directories: {},
    maintainers,
    _npmOperationalInternal: { host: 's3://example', tmp: `tmp/${name}_${version}_1700000000000_0.5` },
    _hasShrinkwrap: false,
  };
}

function abbreviatedManifest({ name, version, dependencies, devDependencies, dist, engines, directories }: Manifest) {
  return { name, version, dependencies, devDependencies, directories, dist, engines };
}

/** The name of a version's file in addresses: without the scope. */
export function tarballFile(name: string, version: string): string {
  return `${name.replace(/^.*\//, '')}-${version}.tgz`;
}

/** Hashes of a tarball that nobody will ask for. */
function unbuilt(id: string): { shasum: string; integrity: string } {
  return {
    shasum: digest('sha1', `${id}.tgz`).toString('hex'),
    integrity: `sha512-${digest('sha512', `${id}.tgz`).toString('base64')}`,
  };
}

function digest(algorithm: string, text: string): Buffer {
  return createHash(algorithm).update(text).digest();
}
