import { type PackageCoordinate, unitOf } from '../../core/coordinates.ts';
import { assetNotFound, invalid, PackyardError } from '../../core/errors.ts';
import { isKnown, type PackageSurvey, surveyPackage, viewPackage } from '../../core/package-view.ts';
import type { Prepared, Rendering } from '../../core/prepared.ts';
import { type ResolvedAsset, resolveAsset } from '../../core/resolve-asset.ts';
import type { AssetHashes } from '../../ports/storage.ts';
import type { Exchange } from '../exchange.ts';
import type { FormatRoute } from '../format.ts';
import { checksumAlgorithms, formatChecksum } from './checksums.ts';
import { packageOf } from './coordinates.ts';
import { findSnapshot } from './find-snapshot.ts';
import { storedVersion, takeChecksum, takeFile, takeMetadata, takeMetadataChecksum } from './ingest.ts';
import { newestFile, type PluginEntry } from './metadata.ts';
import {
  type FilePath,
  type MavenCoordinate,
  type MavenPath,
  type MetadataPath,
  metadataFile,
  parseMavenPath,
} from './paths.ts';
import { heldPlugins } from './plugins.ts';
import { artifactDocument, extraOf, groupDocument, hashesOf, snapshotDocument } from './render.ts';
import { isSnapshot } from './snapshot.ts';

/** Files never change, but what a SNAPSHOT's plain name and the metadata say does, with any publish. */
const immutable = { 'cache-control': 'private, max-age=31536000, immutable' };
const revalidated = { 'cache-control': 'private, no-cache', vary: 'Accept-Encoding' };

/** Maven's repository layout below a repository's endpoint. Source: reference `formats/maven.md` section 1. */
export const mavenRoutes: readonly FormatRoute[] = [
  { method: 'GET', path: '*', action: 'ReadFromRepository', coordinate, handle: get },
  {
    method: 'PUT',
    path: `*/${metadataFile}`,
    action: 'PublishPackageVersion',
    // Of an artifact or of the plugins of a group: the path does not tell.
    isPackageInBody: true,
    handle: (exchange) => put(exchange, parse(`${exchange.params['*']}/${metadataFile}`)),
  },
  // Sent after what was permitted or refused, and not kept.
  ...checksumAlgorithms.map(
    (algorithm): FormatRoute => ({
      method: 'PUT',
      path: `*/${metadataFile}.${algorithm}`,
      action: 'ReadFromRepository',
      handle: (exchange) => put(exchange, parse(`${exchange.params['*']}/${metadataFile}.${algorithm}`)),
    }),
  ),
  {
    method: 'PUT',
    path: '*',
    action: 'PublishPackageVersion',
    coordinate,
    handle: (exchange) => put(exchange, parse(exchange.params['*'])),
  },
];

function parse(path = ''): MavenPath {
  return parseMavenPath(path.split('/'));
}

function coordinate(params: Readonly<Record<string, string>>): PackageCoordinate | undefined {
  const path = parse(params['*']);
  const named = path.kind === 'checksum' ? path.of : path;
  if (named.kind === 'file') return packageOf(named);
  const artifact = named.kind === 'metadata' ? (named.snapshot ?? named.artifact) : undefined;
  return artifact && packageOf(artifact);
}

/** PUT of a file, of metadata, or of a checksum of either. */
async function put(exchange: Exchange, path: MavenPath): Promise<void> {
  if (path.kind === 'unreadable') throw invalid(path.reason);
  if (path.kind === 'file') await takeFile(exchange, path);
  else if (path.kind === 'metadata') await takeMetadata(exchange, path);
  else if (path.of.kind === 'file') await takeChecksum(exchange, path.of, path.algorithm);
  else await takeMetadataChecksum(exchange, path.algorithm);
  await exchange.answer.text(201, '');
}

/** GET of a file, of metadata, or of a checksum of either. */
async function get(exchange: Exchange): Promise<void> {
  const { params, answer } = exchange;
  const path = parse(params['*']);
  if (path.kind === 'unreadable') throw nothingAt(params['*']);
  if (path.kind === 'file') {
    const asset = await findFile(exchange, path);
    // Of what still comes in they are known when its last byte is.
    const known = asset.sha256 === undefined ? {} : await storedHeaders(exchange, path, asset);
    await answer.asset(asset, { ...cachingOf(path), ...known, 'content-type': typeOf(path) });
  } else if (path.kind === 'metadata') {
    const prepared = await findMetadata(exchange, path);
    const sums = checksumHeaders(await hashesOf(prepared));
    await answer.prepared(prepared, { ...revalidated, ...sums });
  } else if (path.of.kind === 'file') {
    const hashes = await (await findFile(exchange, path.of)).hashes();
    await answer.text(200, formatChecksum(hashes, path.algorithm), cachingOf(path.of));
  } else {
    const hashes = await hashesOf(await findMetadata(exchange, path.of));
    await answer.text(200, formatChecksum(hashes, path.algorithm), revalidated);
  }
}

/** A file, also one of a SNAPSHOT's newest build by its plain name: `a-1.0-SNAPSHOT.jar`. */
async function findFile(exchange: Exchange, path: FilePath): Promise<ResolvedAsset> {
  const wanted = packageOf(path);
  if (!isSnapshot(path.version)) return resolve(exchange, wanted, path.version, path.fileName);
  if (path.buildVersion === undefined) {
    const survey = await surveyPackage(exchange.deps, exchange.moment, exchange.target, wanted);
    const builds = isKnown(survey) ? await findSnapshot(exchange.deps, survey, path.version) : [];
    const file = newestFile(builds, path);
    if (file === undefined) throw assetNotFound(path.fileName, wanted.name, path.version);
    return findFile(exchange, { ...path, ...file });
  }
  return resolve(exchange, wanted, storedVersion(path), path.fileName).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    // Where only the SNAPSHOT was copied to, it has the files of the build all the same.
    return resolve(exchange, wanted, path.version, path.fileName);
  });
}

function resolve(
  { deps, moment, target }: Exchange,
  wanted: PackageCoordinate,
  version: string,
  fileName: string,
): Promise<ResolvedAsset> {
  return resolveAsset(deps, moment, target, wanted, version, fileName);
}

/** Metadata, of whatever its path may mean and is there: an artifact with versions, a group with plugins, or both. */
async function findMetadata(exchange: Exchange, { snapshot, artifact, group }: MetadataPath): Promise<Prepared> {
  if (snapshot !== undefined) return snapshotMetadata(exchange, snapshot);
  const held = group === undefined ? [] : await heldPlugins(exchange, group);
  if (artifact !== undefined) {
    const ofArtifact = artifactMetadata(exchange, packageOf(artifact), held);
    const found = await ofArtifact.catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    if (found !== undefined) return found;
  }
  const plugins = [...(artifact === undefined ? [] : await publicPlugins(exchange, packageOf(artifact))), ...held];
  if (plugins.length === 0) throw nothingAt(exchange.params['*']);
  return exchange.deps.prepared.once(async () => groupDocument(plugins));
}

async function artifactMetadata(
  exchange: Exchange,
  wanted: PackageCoordinate,
  plugins: readonly PluginEntry[],
): Promise<Prepared> {
  const render = async (survey: PackageSurvey) => {
    const view = await viewPackage(exchange.deps, survey);
    if (view.versions.length > 0) return artifactDocument(view, plugins);
    throw survey.faults[0] ?? nothingAt(exchange.params['*']);
  };
  // The stamp of the artifact does not tell of the plugins.
  return preparedOf(exchange, wanted, plugins.length === 0 ? metadataFile : undefined, render);
}

function snapshotMetadata(exchange: Exchange, snapshot: MavenCoordinate): Promise<Prepared> {
  const representation = `${snapshot.version}/${metadataFile}`;
  return preparedOf(exchange, packageOf(snapshot), representation, async (survey) => {
    const builds = await findSnapshot(exchange.deps, survey, snapshot.version);
    if (builds.length > 0) return snapshotDocument(snapshot, builds);
    throw nothingAt(exchange.params['*']);
  });
}

/** Those that public registries list at the path of an artifact, the nearest one's last. */
async function publicPlugins({ deps, moment, target }: Exchange, wanted: PackageCoordinate): Promise<PluginEntry[]> {
  const { sources } = await surveyPackage(deps, moment, target, wanted);
  const plugins: PluginEntry[] = [];
  for (const source of sources) {
    if (source.kind === 'registry') plugins.push(...extraOf(await (await source.document()).extra()).plugins);
  }
  return plugins.reverse();
}

async function preparedOf(
  { deps, moment, target, params }: Exchange,
  wanted: PackageCoordinate,
  representation: string | undefined,
  render: (survey: PackageSurvey) => Promise<Rendering>,
): Promise<Prepared> {
  const survey = await surveyPackage(deps, moment, target, wanted);
  if (!isKnown(survey)) throw nothingAt(params['*']);
  if (!survey.isComplete || representation === undefined) return deps.prepared.once(() => render(survey));
  const key = { repositoryId: target.repository.id, unit: unitOf(wanted), representation };
  return deps.prepared.of(key, survey.stamp, '', () => render(survey));
}

/** What is told of a stored file: its sums, and since when there is its version, as its registry says it. */
async function storedHeaders(
  exchange: Exchange,
  path: FilePath,
  asset: ResolvedAsset,
): Promise<Record<string, string>> {
  const time = await publishedAt(exchange, path);
  const modified = time === undefined ? {} : { 'last-modified': new Date(time).toUTCString() };
  return { ...checksumHeaders(await asset.hashes()), ...modified };
}

/** When the version of a file was first published anywhere; undefined where the repository does not have it. */
async function publishedAt({ deps, moment, target }: Exchange, path: FilePath): Promise<number | undefined> {
  const wanted = packageOf(path);
  const version = storedVersion(path);
  return moment.recall(`published ${target.repository.id} ${unitOf(wanted)} ${version}`, async () => {
    const [record] = await deps.storage.packages.findIn([target.repository.id], wanted);
    const found = record && (await deps.storage.versions.find(record.repositoryId, record.packageId, version));
    return { value: found?.firstPublishedAt };
  });
}

/** Clients that know these need no second request for the checksum. Source: Maven Resolver, "checksum header names". */
function checksumHeaders(hashes: AssetHashes): Record<string, string> {
  return Object.fromEntries(
    checksumAlgorithms.map((algorithm) => [`x-checksum-${algorithm}`, formatChecksum(hashes, algorithm)]),
  );
}

function cachingOf({ version, buildVersion }: FilePath): Record<string, string> {
  return isSnapshot(version) && buildVersion === undefined ? revalidated : immutable;
}

const types: Readonly<Record<string, string>> = {
  pom: 'application/xml',
  xml: 'application/xml',
  module: 'application/json',
  jar: 'application/java-archive',
  war: 'application/java-archive',
  ear: 'application/java-archive',
  aar: 'application/java-archive',
};

function typeOf({ extension }: FilePath): string {
  return (Object.hasOwn(types, extension) ? types[extension] : undefined) ?? 'application/octet-stream';
}

function isNotFound(error: unknown): boolean {
  return error instanceof PackyardError && error.code === 'ResourceNotFoundException';
}

function nothingAt(path = ''): PackyardError {
  return new PackyardError('ResourceNotFoundException', `There is nothing at '${path}'.`);
}
