import { compare, prerelease } from 'semver';
import { ByteWriter } from '../../core/byte-writer.ts';
import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { PackageView, ViewedVersion } from '../../core/package-view.ts';
import type { Rendering } from '../../core/prepared.ts';
import { writeWithTarball } from './manifest.ts';
import { fullName, tarballFile } from './names.ts';

export const abbreviatedType = 'application/vnd.npm.install-v1+json';
const fullType = 'application/json';

/** Renders the abbreviated packument: what `npm install` needs. Source: npm registry API, "package metadata". */
export function abbreviatedPackument(view: PackageView, endpoint: string): Rendering {
  const body = new ByteWriter();
  body.write(`{${property('name', fullName(view.coordinate))},`);
  body.write(`${property('modified', iso(modifiedAt(view)))},`);
  body.write(`${property('dist-tags', Object.fromEntries(distTags(view)))},"versions":`);
  writeVersions(body, view, (version) => version.entry, endpoint);
  body.write('}');
  return { contentType: abbreviatedType, body: body.toBuffer() };
}

/**
 * Renders the full packument.
 *
 * @param revision becomes `_rev`, which clients send back but which nothing here needs
 * @param readme of the version under `latest`, where it is not the registry's document that has it
 */
export function fullPackument(
  view: PackageView,
  endpoint: string,
  revision: string,
  readme: string | undefined,
): Rendering {
  const name = fullName(view.coordinate);
  const tags = distTags(view);
  const times = view.versions.flatMap(({ version, publishedAt }) =>
    publishedAt === null ? [] : [[version, iso(publishedAt)]],
  );
  const time = { created: iso(firstPublishedAt(view)), modified: iso(modifiedAt(view)), ...Object.fromEntries(times) };
  const latest = view.versions.find(({ version }) => version === tags.get('latest'));
  const body = new ByteWriter();
  body.write(`{${property('_id', name)},${property('_rev', revision)},${property('name', name)},`);
  body.write(`${property('dist-tags', Object.fromEntries(tags))},"versions":`);
  writeVersions(body, view, (version) => version.metadata, endpoint);
  body.write(`,${property('time', time)}`);
  for (const [field, value] of Object.entries(packageFields(view, latest, readme)))
    body.write(`,${property(field, value)}`);
  body.write('}');
  return { contentType: fullType, body: body.toBuffer() };
}

/** Renders one version's manifest. */
export function manifest(coordinate: PackageCoordinate, version: ViewedVersion, endpoint: string): Rendering {
  const body = new ByteWriter();
  writeWithTarball(body, version.metadata, tarballUrl(coordinate, version.version, endpoint), version.display);
  return { contentType: fullType, body: body.toBuffer() };
}

/** Renders the dist-tags alone. */
export function distTagsDocument(view: PackageView): Rendering {
  return { contentType: fullType, body: Buffer.from(JSON.stringify(Object.fromEntries(distTags(view)))) };
}

/**
 * The merged dist-tags. npm cannot install a package without a `latest`: where no repository says which it is, it is
 * the highest version, a release before any prerelease.
 */
export function distTags(view: PackageView): Map<string, string> {
  const tags = new Map(view.tags);
  if (tags.has('latest') || view.versions.length === 0) return tags;
  const versions = view.versions.map(({ version }) => version);
  const releases = versions.filter((version) => prerelease(version) === null);
  const candidates = releases.length > 0 ? releases : versions;
  return tags.set(
    'latest',
    candidates.reduce((highest, version) => (compare(version, highest) > 0 ? version : highest)),
  );
}

/** The document of the package as a whole: the public registry's where it comes from there, else that of `latest`. */
function packageFields(
  view: PackageView,
  latest: ViewedVersion | undefined,
  readme: string | undefined,
): Record<string, unknown> {
  if (view.extra !== null) {
    const { created: _created, modified: _modified, ...fields } = JSON.parse(view.extra) as Record<string, unknown>;
    return fields;
  }
  if (latest === undefined) return {};
  const own = JSON.parse(latest.metadata.toString()) as Record<string, unknown>;
  const { description, maintainers, author, contributors, keywords, repository, homepage, bugs, license } = own;
  const fields = {
    description,
    maintainers,
    author,
    contributors,
    keywords,
    repository,
    homepage,
    bugs,
    license,
    readme,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function modifiedAt({ versions }: PackageView): number {
  return versions.reduce((latest, { publishedAt }) => Math.max(latest, publishedAt ?? 0), 0);
}

function firstPublishedAt({ versions }: PackageView): number {
  const first = versions.reduce(
    (earliest, { publishedAt }) => Math.min(earliest, publishedAt ?? earliest),
    Number.MAX_SAFE_INTEGER,
  );
  return first === Number.MAX_SAFE_INTEGER ? 0 : first;
}

function writeVersions(
  to: ByteWriter,
  view: PackageView,
  textOf: (version: ViewedVersion) => string | Buffer,
  endpoint: string,
): void {
  let separator = '{';
  for (const version of view.versions) {
    to.write(`${separator}${JSON.stringify(version.version)}:`);
    writeWithTarball(to, textOf(version), tarballUrl(view.coordinate, version.version, endpoint), version.display);
    separator = ',';
  }
  to.write(separator === '{' ? '{}' : '}');
}

/** Lock files keep these addresses: their shape never changes. */
function tarballUrl(coordinate: PackageCoordinate, version: string, endpoint: string): string {
  return `${endpoint}${fullName(coordinate)}/-/${tarballFile(coordinate, version)}`;
}

function property(name: string, value: unknown): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
