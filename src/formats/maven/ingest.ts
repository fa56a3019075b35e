import type { Readable } from 'node:stream';
import { annotateVersion } from '../../core/annotate-version.ts';
import { assetNotFound, invalid, PackyardError } from '../../core/errors.ts';
import { finishVersions } from '../../core/finish-versions.ts';
import { frontVersion } from '../../core/front-version.ts';
import { type NewVersion, type PublishedVersion, publishVersion } from '../../core/publish-version.ts';
import { readAll } from '../../core/read-all.ts';
import { AssetReceiver, type ReceivedAsset } from '../../core/receive-asset.ts';
import type { Exchange } from '../exchange.ts';
import { type ChecksumAlgorithm, matchesChecksum, maxChecksumBytes, parseChecksum } from './checksums.ts';
import { packageOf } from './coordinates.ts';
import { storedMetadata } from './describe.ts';
import { checkChecksums, withChecksum } from './failed-checksums.ts';
import { type FilePath, type MetadataPath, publishObstacle } from './paths.ts';
import { permitMetadata, refusalOf } from './permit-metadata.ts';
import { keepPlugins } from './plugins.ts';
import { type Pom, pomLimits, readPom } from './pom.ts';
import { mavenRules } from './rules.ts';
import { compareBuilds, parseBuild } from './snapshot.ts';
import { announcedBuild, checkPlace, metadataLimits, parseMetadata } from './uploaded-metadata.ts';

/**
 * Takes a file in as an asset of its version, which stays Unfinished until its metadata names it. Source: AWS user
 * guide, "Use curl with Maven".
 */
export async function takeFile(exchange: Exchange, path: FilePath): Promise<PublishedVersion> {
  const { deps, target } = exchange;
  checkPublishable(path);
  const receiver = await AssetReceiver.start(deps);
  try {
    const bytes = exchange.file();
    // Who is refused half way is still to be answered: the request must not be destroyed.
    for await (const chunk of bytes.iterator({ destroyOnReturn: false })) await receiver.write(chunk);
    const version = await readVersion(path, receiver.finish());
    return await publishVersion(deps, target, mavenRules, packageOf(path), version);
  } finally {
    await receiver.staged.release();
  }
}

/**
 * Holds a checksum that was sent against its asset. Throws ValidationException when it is another one, which keeps an
 * Unfinished version from being published; ResourceNotFoundException when the asset is not there.
 */
export async function takeChecksum(exchange: Exchange, path: FilePath, algorithm: ChecksumAlgorithm): Promise<void> {
  const { deps, target } = exchange;
  checkPublishable(path);
  const sum = await readChecksum(exchange.file());
  const { fileName } = path;
  const coordinate = packageOf(path);
  const version = storedVersion(path);
  const [record] = await deps.storage.packages.findIn([target.repository.id], coordinate);
  const found = record && (await deps.storage.versions.find(record.repositoryId, record.packageId, version));
  const asset = found && (await deps.storage.versions.asset(found.versionId, fileName));
  if (asset === undefined) throw assetNotFound(fileName, coordinate.name, version);
  const isRight = matchesChecksum(sum, algorithm, asset.hashes);
  if (!isRight || found?.display !== null) {
    await annotateVersion(deps, target, coordinate, version, (unfinished) =>
      withChecksum(unfinished, fileName, algorithm, isRight),
    );
  }
  if (!isRight) {
    throw invalid(
      `The ${algorithm} of '${fileName}' is ${asset.hashes[algorithm]}, in lower case; another one was sent.`,
    );
  }
}

/**
 * Takes a `maven-metadata.xml` as a signal: what it names is published. It is not kept, since it is generated when it is
 * asked for. Source: AWS user guide, "Use curl with Maven" and "Use Maven snapshots".
 */
export async function takeMetadata(exchange: Exchange, path: MetadataPath): Promise<void> {
  const tooLarge = () => new PackyardError('PayloadTooLargeException', 'The maven-metadata.xml is too large.');
  const metadata = parseMetadata(await readAll(exchange.file(), metadataLimits.maxBytes, tooLarge), metadataLimits);
  const { snapshot, artifact, group } = path;
  if (snapshot !== undefined) {
    await permitMetadata(exchange, packageOf(snapshot));
    const { deps, target } = exchange;
    checkPlace(metadata, snapshot);
    const build = announcedBuild(metadata, snapshot.version);
    await frontVersion(deps, target, packageOf(snapshot), {
      version: build.version,
      front: snapshot.version,
      check: checkChecksums,
      isNewerThan(shown) {
        const other = parseBuild(shown.entry);
        return other === undefined || compareBuilds(build, other) > 0;
      },
    }).catch((error: unknown) => {
      if (!(error instanceof PackyardError && error.code === 'ResourceNotFoundException')) throw error;
      throw invalid(`The maven-metadata.xml names the build '${build.version}', of which no file has been deployed.`);
    });
    return;
  }
  // What is at a path that may be a group's and an artifact's may be of both.
  const isOfGroup = group !== undefined && metadata.plugins.length > 0;
  const isOfArtifact = artifact !== undefined && !metadata.isOfGroup;
  if (isOfGroup) await keepPlugins(exchange, group, metadata.plugins);
  if (isOfArtifact) {
    // Who deploys a plugin sends back what was there of the artifact, of which it may be no publisher.
    const refusal = await refusalOf(permitMetadata(exchange, packageOf(artifact)));
    if (refusal !== undefined && isOfGroup) return;
    if (refusal !== undefined) throw refusal;
    checkPlace(metadata, artifact);
    await finishVersions(exchange.deps, exchange.target, packageOf(artifact), metadata.versions, checkChecksums);
  }
  if (isOfGroup || isOfArtifact) return;
  throw invalid('This maven-metadata.xml is neither of a group with plugins nor of an artifact with versions.');
}

/**
 * Takes the checksum of a `maven-metadata.xml`, of which only the form can be looked at: what it is of is not kept.
 * Throws ValidationException when it is none.
 */
export async function takeMetadataChecksum(exchange: Exchange, algorithm: ChecksumAlgorithm): Promise<void> {
  if (parseChecksum(await readChecksum(exchange.file()), algorithm) === undefined) {
    throw invalid(`The body is no ${algorithm} in hexadecimal digits.`);
  }
}

/** The number a file's version is stored under. */
export function storedVersion({ version, buildVersion }: FilePath): string {
  return buildVersion ?? version;
}

function checkPublishable(path: FilePath): void {
  const obstacle = publishObstacle(path);
  if (obstacle !== undefined) throw invalid(obstacle);
}

async function readVersion(path: FilePath, received: ReceivedAsset): Promise<NewVersion> {
  const isPom = path.extension === 'pom' && path.classifier === undefined;
  return {
    version: storedVersion(path),
    metadata: storedMetadata(isPom ? await pomOf(received) : undefined),
    entry: path.buildVersion ?? '',
    display: null,
    readme: null,
    tags: [],
    assets: [{ name: path.fileName, received }],
    isUnfinished: true,
  };
}

async function pomOf({ size, staged }: ReceivedAsset): Promise<Pom | undefined> {
  return size === 0 ? undefined : readPom(staged.read({ start: 0, end: size - 1 }), pomLimits);
}

function readChecksum(body: Readable): Promise<Buffer> {
  return readAll(body, maxChecksumBytes, () => invalid('The body is too long for a checksum.'));
}
