import type { PackageCoordinate } from '../../core/coordinates.ts';
import { PackyardError } from '../../core/errors.ts';
import type { RemoteRules } from '../../core/format.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import type { RemoteAsset, RemotePackage, RemoteVersion } from '../../core/remote-document.ts';
import { hexDigests } from './integrity.ts';
import { manifestTexts } from './manifest.ts';
import { fullName, parseVersion } from './names.ts';

/** npm versions have one asset, and the API calls it so whatever the address's file name: ListPackageVersionAssets. */
export const tarballAsset = 'package.tgz';

/** What a packument says of the package as a whole and a rendering repeats. */
const packageFields = [
  'description',
  'readme',
  'readmeFilename',
  'maintainers',
  'author',
  'contributors',
  'keywords',
  'repository',
  'homepage',
  'bugs',
  'license',
] as const;

/** How the npm public registry is read: always by full packuments, since only they carry publish times and readmes. */
export const npmRemote: RemoteRules = {
  connections: ['public:npmjs'],

  packageRequest(registryUrl, coordinate) {
    // The scope's slash is escaped, as npm itself does.
    const path = fullName(coordinate).replace('/', '%2f');
    return { url: registryUrl + path, headers: { accept: 'application/json' } };
  },

  parsePackage(coordinate, body) {
    const packument = asObject(parseJson(coordinate, body));
    if (packument?.['name'] !== fullName(coordinate)) throw notAPackument(coordinate);
    const times = asObject(packument['time']) ?? {};
    const versions = remoteVersions(fullName(coordinate), asObject(packument['versions']) ?? {}, times);
    const tags = Object.entries(asObject(packument['dist-tags']) ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    const fields = packageFields
      .filter((field) => packument[field] !== undefined)
      .map((field) => [field, packument[field]]);
    const extra = { ...Object.fromEntries(fields), created: times['created'], modified: times['modified'] };
    return { tags: Object.fromEntries(tags), extra: JSON.stringify(extra), versions } satisfies RemotePackage;
  },

  assetUrl({ url, canonicalUrl }, asset) {
    // A mirror often passes the public registry's packument on as it is; npm's replace-registry-host does the same.
    if (canonicalUrl !== undefined && asset.url.startsWith(canonicalUrl))
      return url + asset.url.slice(canonicalUrl.length);
    return asset.url;
  },
};

function* remoteVersions(name: string, versions: JsonObject, times: JsonObject): Generator<RemoteVersion> {
  for (const version of Object.keys(versions)) {
    const read = remoteVersion(name, version, asObject(versions[version]), times[version]);
    if (read !== undefined) yield read;
  }
}

/** Undefined for what no client could install: a version that is none, or one without an address for its tarball. */
function remoteVersion(
  name: string,
  version: string,
  manifest: JsonObject | undefined,
  publishedTime: unknown,
): RemoteVersion | undefined {
  const dist = asObject(manifest?.['dist']);
  const url = dist?.['tarball'];
  if (manifest === undefined || dist === undefined || typeof url !== 'string' || !URL.canParse(url)) return undefined;
  if (parseVersion(version) !== version || manifest['version'] !== version) return undefined;
  if (manifest['name'] !== name) return undefined;
  const publishedAt = typeof publishedTime === 'string' ? Date.parse(publishedTime) : Number.NaN;
  return {
    version,
    publishedAt: Number.isNaN(publishedAt) ? null : publishedAt,
    ...manifestTexts(manifest, dist),
    assets: [{ name: tarballAsset, url, size: null, hashes: hashesOf(dist) }],
  };
}

function hashesOf(dist: JsonObject): RemoteAsset['hashes'] {
  const { integrity, shasum } = dist;
  const text = typeof integrity === 'string' ? integrity : '';
  const [sha512] = hexDigests(text, 'sha512');
  const [sha256] = hexDigests(text, 'sha256');
  return {
    ...(sha512 ? { sha512 } : {}),
    ...(sha256 ? { sha256 } : {}),
    ...(typeof shasum === 'string' && /^[0-9a-f]{40}$/.test(shasum) ? { sha1: shasum } : {}),
  };
}

function parseJson(coordinate: PackageCoordinate, body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch (cause) {
    throw notAPackument(coordinate, cause);
  }
}

function notAPackument(coordinate: PackageCoordinate, cause?: unknown): PackyardError {
  const message = `The public registry's answer for '${fullName(coordinate)}' is not a packument of that package.`;
  return new PackyardError('BadGatewayException', message, { cause });
}
