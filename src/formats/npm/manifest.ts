import type { ByteWriter } from '../../core/byte-writer.ts';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import { invalid } from '../../core/errors.ts';
import type { Dependency, License, VersionDescription } from '../../core/format.ts';
import { asObject, asText, type JsonObject } from '../../core/json.ts';
import { fullName, parsePackageName } from './names.ts';

/** The stored texts of a version. `metadata` and `entry` wait for `writeWithTarball`: their last key is an open `dist`. */
interface ManifestTexts {
  /** The full manifest. */
  readonly metadata: string;
  /** The abbreviated manifest. */
  readonly entry: string;
  /** What a repository says over the content: `{"deprecated":"…"}`, or null. */
  readonly display: string | null;
}

/** What an abbreviated manifest copies as it is; the reference's "Abbreviated answer". `dist` follows last. */
const abbreviatedFields = [
  'name',
  'version',
  'bundleDependencies',
  'peerDependenciesMeta',
  'acceptDependencies',
  'bin',
  'directories',
  'engines',
  'cpu',
  'os',
  'libc',
  'funding',
  '_hasShrinkwrap',
] as const;

/** In npm's words and in AWS's (guide, "Packages overview"). */
const dependencyTypes = new Map([
  ['dependencies', 'regular'],
  ['devDependencies', 'dev'],
  ['peerDependencies', 'peer'],
  ['optionalDependencies', 'optional'],
]);

/**
 * What is not kept in the full manifest: what a repository says of the version (`deprecated`), what is stored apart
 * (`readme`), what is made anew (`dist`), and traces of the publisher's machine (`_resolved` is a path there).
 */
const droppedFields: ReadonlySet<string> = new Set([
  'deprecated',
  'dist',
  'readme',
  'readmeFilename',
  '_rev',
  '_attachments',
  '_from',
  '_resolved',
  '_where',
]);

/** `attestations` is missing: it names a path that this registry does not serve. `tarball` is written at rendering. */
const distFields = ['integrity', 'fileCount', 'unpackedSize', 'signatures'] as const;

/**
 * Makes the stored texts of a version from its manifest: a published one, or a version in a public registry's packument.
 *
 * `dist` gives shasum, integrity, signatures, fileCount and unpackedSize, which are kept as they are; all else in it is
 * dropped. `dist` is the last key of both texts and has no `tarball`, so that an answer is made without parsing.
 * Wrong types stay in the full manifest and are left out of the abbreviated one, where package managers index them.
 *
 * @throws ValidationException when name or version are not strings.
 */
export function manifestTexts(manifest: JsonObject, dist: JsonObject): ManifestTexts {
  const { name, version } = manifest;
  if (typeof name !== 'string' || typeof version !== 'string') {
    throw invalid('The manifest needs a "name" and a "version" that are strings. Add them to package.json.');
  }
  const stored = storedDist(dist);
  // From entries and by spreading, never by assignment: a key `__proto__` stays a key.
  const kept = Object.fromEntries(Object.entries(manifest).filter(([key]) => !droppedFields.has(key)));
  return {
    metadata: JSON.stringify({ ...kept, _id: `${name}@${version}`, dist: stored }),
    entry: JSON.stringify({ ...abbreviated(manifest), dist: stored }),
    display: displayText(manifest['deprecated']),
  };
}

/** A repository's word on a version from a manifest's `deprecated`. npm undeprecates with an empty string. */
export function displayText(deprecated: unknown): string | null {
  if (deprecated === true) return JSON.stringify({ deprecated: 'This version is deprecated.' });
  return typeof deprecated === 'string' && deprecated !== '' ? JSON.stringify({ deprecated }) : null;
}

/**
 * Renders a stored text into an answer: adds the tarball's address, and what `display` says as the first key. `text` and
 * `display` are as `manifestTexts` made them; nothing is parsed.
 */
export function writeWithTarball(to: ByteWriter, text: string | Buffer, url: string, display: string | null): void {
  to.write(display === null ? '{' : `${display.slice(0, -1)},`);
  to.write(typeof text === 'string' ? text.slice(1, -2) : text.subarray(1, -2));
  to.write(`,"tarball":${JSON.stringify(url)}}}`);
}

/**
 * What the API tells of a version (DescribePackageVersion), read from its full manifest. A field of the wrong type is
 * as good as absent.
 */
export function describe(coordinate: PackageCoordinate, metadata: string): VersionDescription {
  const manifest = asObject(JSON.parse(metadata)) ?? {};
  const summary = asText(manifest['description']);
  const homePage = webAddress(manifest['homepage']);
  const sourceCodeRepository = repositoryAddress(manifest['repository']);
  return {
    displayName: fullName(coordinate),
    ...(summary !== undefined && { summary }),
    ...(homePage !== undefined && { homePage }),
    ...(sourceCodeRepository !== undefined && { sourceCodeRepository }),
    licenses: licensesOf(manifest),
  };
}

/**
 * The direct dependencies in a full manifest, in its order (ListPackageVersionDependencies). A name that is in both
 * `dependencies` and `optionalDependencies` is listed once, as optional: npm writes optional ones into both.
 */
export function dependencies(metadata: string): Dependency[] {
  const manifest = asObject(JSON.parse(metadata)) ?? {};
  const optional = new Set(Object.keys(asObject(manifest['optionalDependencies']) ?? {}));
  return Object.keys(manifest).flatMap((field) => {
    const dependencyType = dependencyTypes.get(field);
    if (dependencyType === undefined) return [];
    return requirements(manifest[field]).flatMap(([name, versionRequirement]) => {
      const coordinate = parsePackageName(name);
      if (coordinate === undefined || (dependencyType === 'regular' && optional.has(name))) return [];
      const namespace = coordinate.namespace === null ? {} : { namespace: coordinate.namespace };
      return [{ ...namespace, package: coordinate.name, dependencyType, versionRequirement }];
    });
  });
}

function storedDist(dist: JsonObject): JsonObject {
  const copied = distFields.filter((field) => dist[field] !== undefined).map((field) => [field, dist[field]]);
  // Always there, even when a registry gives none: `writeWithTarball` puts a comma after it. Clients take '' as absent.
  return { shasum: asText(dist['shasum']) ?? '', ...Object.fromEntries(copied) };
}

function abbreviated(manifest: JsonObject): JsonObject {
  // package.json may spell it with a d; the abbreviated form does not.
  const source: JsonObject = { bundleDependencies: manifest['bundledDependencies'], ...manifest };
  const copied = abbreviatedFields
    .filter((field) => source[field] !== undefined && source[field] !== null)
    .map((field) => [field, source[field]]);
  const maps = [...dependencyTypes.keys()]
    .filter((field) => asObject(manifest[field]) !== undefined)
    .map((field) => [field, Object.fromEntries(requirements(manifest[field]))]);
  const hasInstallScript = manifest['hasInstallScript'] === true || hasInstallHook(manifest['scripts']);
  return { ...Object.fromEntries([...copied, ...maps]), ...(hasInstallScript && { hasInstallScript }) };
}

/** Whether package.json's `scripts` have one that npm runs when the package is installed. */
export function hasInstallHook(scripts: unknown): boolean {
  const hooks = asObject(scripts);
  return ['preinstall', 'install', 'postinstall'].some((name) => asText(hooks?.[name]) !== undefined);
}

/** The pairs of a dependency map that are names with a text; none when it is no map (`dependencies` as an array). */
function requirements(map: unknown): [name: string, requirement: string][] {
  return Object.entries(asObject(map) ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
}

/** `license` as text or, in older packages, `{type, url}`, and the `licenses` list of the oldest. */
function licensesOf(manifest: JsonObject): License[] {
  const given = [manifest['license'], manifest['licenses']].flat().flatMap(licenseOf);
  const distinct = new Map(given.map((license) => [JSON.stringify(license), license]));
  return [...distinct.values()];
}

function licenseOf(license: unknown): License[] {
  const object = asObject(license);
  const name = asText(license) ?? asText(object?.['type']) ?? asText(object?.['name']);
  const url = asText(object?.['url']);
  if (name === undefined && url === undefined) return [];
  return [{ ...(name !== undefined && { name }), ...(url !== undefined && { url }) }];
}

/** The services npm has shorthands for; `owner/name` alone means the first. */
const hostedServices = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['bitbucket', 'bitbucket.org'],
  ['gist', 'gist.github.com'],
]);
const hostedNames: ReadonlySet<string> = new Set(hostedServices.values());

/**
 * The address of `repository`, a text or `{url}`: without `git+`, shorthands written out. An ssh or git address on one
 * of the services with shorthands becomes its https one, as in AWS's sample: the field is a link to follow.
 */
function repositoryAddress(repository: unknown): string | undefined {
  const given = asText(repository) ?? asText(asObject(repository)?.['url']);
  const address = given && writtenOut(given.trim().replace(/^git\+/, ''));
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { protocol, hostname, pathname } = new URL(address);
  if ((protocol === 'ssh:' || protocol === 'git:') && hostedNames.has(hostname))
    return `https://${hostname}${pathname}`;
  return ['https:', 'http:', 'ssh:', 'git:'].includes(protocol) ? address : undefined;
}

/** Turns the shorthands, and the forms that git alone understands, into addresses. */
function writtenOut(repository: string): string {
  const shorthand = /^(?:(github|gitlab|bitbucket|gist):)?(\w[\w.-]*(?:\/\w[\w.-]*)*)(?:#.*)?$/.exec(repository);
  if (shorthand !== null) {
    const [, service, path = ''] = shorthand;
    if (service === undefined && path.split('/').length !== 2) return repository;
    return `https://${hostedServices.get(service ?? 'github')}/${path.replace(/\.git$/, '')}.git`;
  }
  // git@host:owner/name.git, and the mix of it with an address: ssh://git@host:owner/name.git
  const scp = /^(?:ssh:\/\/)?(?:([\w.-]+)@)?([\w.-]+\.[\w-]+):(?![/\d])(.+)$/.exec(repository);
  return scp === null ? repository : `ssh://${scp[1] ?? 'git'}@${scp[2]}/${scp[3]}`;
}

/** A text that browsers would open as a page; never one that runs (`javascript:`). */
function webAddress(value: unknown): string | undefined {
  const text = asText(value);
  if (text === undefined || !URL.canParse(text)) return text;
  return /^https?:$/.test(new URL(text).protocol) ? text : undefined;
}
