import { parse, validRange } from 'semver';
import validateNewName from 'validate-npm-package-name';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import { invalid } from '../../core/errors.ts';

/** npm's own limit for a whole name, scope included. */
const maxNameLength = 214;
/** The limit of AWS's model for a package version. */
const maxVersionLength = 255;
/** AWS's model has no tags; this is the limit it sets for every other name. */
const maxTagLength = 255;

/** What `encodeURIComponent` leaves as it is. Written as a pattern because that function throws on lone surrogates. */
const urlSafe = /^[A-Za-z0-9\-_.!~*'()]+$/;

/** npm refuses these two for good: a directory and a browser's request would stand in for the package. */
const reserved: ReadonlySet<string> = new Set(['node_modules', 'favicon.ico']);

/**
 * Reads a package name as it stands in a decoded path segment or a document: `lodash` or `@scope/name`.
 *
 * Returns the coordinate, or undefined when the text cannot name a package. Only the structure is checked, so that the
 * mixed-case and otherwise odd names that exist upstream stay reachable; `checkNewName` holds the rules for new ones.
 * As in npm, a name may begin with `_` when it has a scope.
 */
export function parsePackageName(text: string): PackageCoordinate | undefined {
  if (text.length > maxNameLength || text.startsWith('_') || reserved.has(text.toLowerCase())) return undefined;
  if (!text.startsWith('@')) return isNamePart(text) ? { format: 'npm', namespace: null, name: text } : undefined;
  const slash = text.indexOf('/');
  const namespace = text.slice(1, slash);
  const name = text.slice(slash + 1);
  if (slash === -1 || !isNamePart(namespace) || !isNamePart(name)) return undefined;
  return { format: 'npm', namespace, name };
}

/** A part that is exactly `-` could not be told from the `/-/` that stands between a package and its files. */
function isNamePart(part: string): boolean {
  return urlSafe.test(part) && !part.startsWith('.') && part !== '-';
}

/**
 * Holds a name that is published here for the first time to npm's rules for new packages: lower case, no special
 * characters, not the name of a Node core module.
 *
 * @throws ValidationException that lists what is wrong with the name.
 */
export function checkNewName(coordinate: PackageCoordinate): void {
  const name = fullName(coordinate);
  const verdict = validateNewName(name);
  if (verdict.validForNewPackages) return;
  const problems = [
    ...(('errors' in verdict && verdict.errors) || []),
    ...(('warnings' in verdict && verdict.warnings) || []),
  ];
  throw invalid(
    `The package name '${name}' cannot be used for a new package: ${problems.join('; ')}. Change "name" in package.json.`,
    'FIELD_VALIDATION_FAILED',
  );
}

/**
 * Returns the coordinate, in which the namespace is the scope without its `@` (AWS user guide, "npm packages"). With it,
 * no package could ever be meant: an origin configuration or a package group would guard nothing.
 *
 * @throws ValidationException that says how the API writes it.
 */
export function checkScope(coordinate: PackageCoordinate): PackageCoordinate {
  const { namespace, name } = coordinate;
  if (namespace?.startsWith('@') !== true && !name.startsWith('@')) return coordinate;
  throw invalid(
    `The namespace of an npm package is its scope without '@': of @team/tool it is 'team', and the package 'tool'. ` +
      `Given were '${namespace ?? ''}' and '${name}'.`,
    'FIELD_VALIDATION_FAILED',
  );
}

/** The name as npm's users write it: `name` or `@scope/name`. */
export function fullName(coordinate: PackageCoordinate): string {
  return coordinate.namespace === null ? coordinate.name : `@${coordinate.namespace}/${coordinate.name}`;
}

/**
 * Reads a version by semver 2, strictly: no surrounding spaces, no leading zeros, all three numbers.
 *
 * Returns the form it is stored under, without a `v` or `=` before it and without build metadata (`v1.0.0+b5` is
 * `1.0.0`), or undefined. A document that is published must give a version that equals its own stored form: clients
 * clean it before they send it, and builds that differ only in metadata would collide.
 */
export function parseVersion(text: string): string | undefined {
  if (text.length > maxVersionLength) return undefined;
  const bare = text.replace(/^[=v]+/, '');
  const version = parse(bare)?.version;
  // semver trims its input; what it trimmed was not a version.
  return version !== undefined && bare.split('+', 1)[0] === version ? version : undefined;
}

/**
 * Checks a dist-tag.
 *
 * @throws ValidationException for a tag that reads as a version range (`npm install name@1.x` could not tell which is
 *   meant; npm refuses it as well), that would need escaping in an address, or that is too long.
 */
export function checkTag(tag: string): void {
  if (tag.length === 0 || tag.length > maxTagLength) {
    throw invalid(
      `A dist-tag has 1 to ${maxTagLength} characters; this one has ${tag.length}.`,
      'FIELD_VALIDATION_FAILED',
    );
  }
  // `.` and `..` vanish from addresses; `__proto__` would be lost by clients that gather tags in plain objects.
  if (!urlSafe.test(tag) || tag === '.' || tag === '..' || tag === '__proto__') {
    throw invalid(
      `The dist-tag ${JSON.stringify(tag)} cannot stand in an address. Use letters, digits, '-', '_' and '.'.`,
      'FIELD_VALIDATION_FAILED',
    );
  }
  // By far the most frequent, and no range.
  if (tag === 'latest') return;
  if (validRange(tag) !== null || validRange(tag, { loose: true }) !== null) {
    throw invalid(
      `The dist-tag '${tag}' is a valid version range, so it could not be told from one. Use a word such as 'next'.`,
      'FIELD_VALIDATION_FAILED',
    );
  }
}

/** The file name of a version's tarball in addresses: `name-1.0.0.tgz`, without the scope. */
export function tarballFile(coordinate: PackageCoordinate, version: string): string {
  return `${coordinate.name}-${version}.tgz`;
}

/**
 * The version whose tarball an address or an attachment names: `name-1.0.0.tgz`, or `@scope/name-1.0.0.tgz` as in
 * publish bodies and the addresses that come of them. Undefined when the file is not one of this package.
 */
export function versionOfTarball(coordinate: PackageCoordinate, file: string): string | undefined {
  const scope = coordinate.namespace === null ? '' : `@${coordinate.namespace}/`;
  const bare = file.startsWith(scope) ? file.slice(scope.length) : file;
  const prefix = `${coordinate.name}-`;
  if (!bare.startsWith(prefix) || !bare.endsWith('.tgz')) return undefined;
  const version = bare.slice(prefix.length, -'.tgz'.length);
  return parseVersion(version) === version ? version : undefined;
}
