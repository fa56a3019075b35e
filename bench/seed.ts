import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openFileBlobs } from '../src/adapters/files/blobs.ts';
import { openSqlite } from '../src/adapters/sqlite/open.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { systemIds } from '../src/adapters/system/ids.ts';
import { rootGroup } from '../src/core/package-groups/root-group.ts';
import { revisionOf } from '../src/core/revision.ts';
import { manifestTexts } from '../src/formats/npm/manifest.ts';
import { tarballAsset } from '../src/formats/npm/remote.ts';
import type { Asset, Domain, Queries } from '../src/ports/storage.ts';
import { type SeededPackage, seededPackages, seededRepository } from './packages/seeded.ts';
import { tarballOf } from './packages/tarball.ts';
import { account, domain, region } from './servers/packyard-api.ts';

/**
 * `npm run bench:seed -- --data DIR --versions N` fills a new data folder of Packyard with a repository of N package
 * versions, past the server but through its storage. They all have the same tarball.
 */
const batchSize = 2_000;

const ids = systemIds(systemClock);
const { data, versions } = readArguments();
mkdirSync(data, { recursive: true });
const storage = await openSqlite({ file: join(data, 'packyard.db') });
const asset = await storeTarball(join(data, 'blobs'));
const { domainId, repositoryId } = await storage.transaction(createRepository);

const startedAt = performance.now();
let batch: SeededPackage[] = [];
let batchVersions = 0;
for (const seeded of seededPackages(versions)) {
  batch.push(seeded);
  batchVersions += seeded.versionCount;
  if (batchVersions < batchSize) continue;
  await insert(batch);
  batch = [];
  batchVersions = 0;
}
await insert(batch);
await storage.close();
const seconds = (performance.now() - startedAt) / 1000;
console.log(`${versions} versions in ${seconds.toFixed(1)} s: ${Math.round(versions / seconds)} a second`);

function readArguments(): { data: string; versions: number } {
  const { values } = parseArgs({ options: { data: { type: 'string' }, versions: { type: 'string' } } });
  const versions = Number(values.versions);
  if (values.data === undefined || !Number.isInteger(versions) || versions < 1)
    throw new Error('usage: npm run bench:seed -- --data DIR --versions N');
  return { data: resolve(values.data), versions };
}

async function storeTarball(folder: string): Promise<Asset> {
  const tarball = tarballOf([['package/package.json', Buffer.from('{"name":"seeded","version":"1.0.0"}')]]);
  const hash = (algorithm: string) => createHash(algorithm).update(tarball).digest('hex');
  const hashes = { md5: hash('md5'), sha1: hash('sha1'), sha256: hash('sha256'), sha512: hash('sha512') };
  const blobs = await openFileBlobs(folder, ids);
  const staged = await blobs.stage();
  await staged.write(tarball);
  await staged.commit(hashes.sha256);
  await staged.release();
  return { name: tarballAsset, size: tarball.length, hashes };
}

async function createRepository(queries: Queries): Promise<{ domainId: string; repositoryId: string }> {
  const createdAt = systemClock.now();
  const domainId = ids.next();
  const repositoryId = ids.next();
  const encryptionKey = `arn:aws:kms:${region}:${account}:key/00000000-0000-0000-0000-000000000000`;
  const seeded: Domain = {
    id: domainId,
    owner: account,
    region,
    name: domain,
    encryptionKey,
    createdAt,
    topologyRevision: 0,
  };
  const isNew = await queries.domains.insert(seeded);
  if (!isNew) throw new Error('The data folder has been used before; choose a new one.');
  await queries.packageGroups.insert(rootGroup(seeded));
  const about = { name: seededRepository, administratorAccount: account, description: null, createdAt };
  await queries.repositories.insert({ id: repositoryId, domainId, ...about });
  return { domainId, repositoryId };
}

/** Writes packages with all their versions in one transaction. */
async function insert(packages: readonly SeededPackage[]): Promise<void> {
  await storage.transaction(async (queries) => {
    for (const { name, versionCount } of packages) {
      const coordinate = { format: 'npm', namespace: null, name };
      const packageId = await queries.packages.ensure(domainId, coordinate, ids.next());
      const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' } as const;
      await queries.packages.ensureIn(repositoryId, packageId, coordinate, restrictions);
      for (let patch = 0; patch < versionCount; patch += 1)
        await insertVersion(queries, packageId, name, `1.0.${patch}`);
      await queries.tags.set(repositoryId, packageId, 'latest', `1.0.${versionCount - 1}`);
    }
  });
}

async function insertVersion(queries: Queries, packageId: string, name: string, version: string): Promise<void> {
  const versionId = ids.next();
  const publishedAt = systemClock.now();
  const manifest = {
    name,
    version,
    description: 'A package of the benchmark',
    license: 'MIT',
    main: 'index.js',
    dependencies: { 'dependency-one': '^1.2.0', 'dependency-two': '^3.4.5' },
  };
  const { metadata, entry } = manifestTexts(manifest, dist());
  await queries.versions.insert(
    {
      id: versionId,
      packageId,
      version,
      revision: revisionOf(metadata, [asset]),
      origin: { type: 'INTERNAL', repositoryName: seededRepository, externalConnectionName: null },
      firstPublishedAt: publishedAt,
      metadata,
      entry,
    },
    [asset],
    null,
  );
  const reference = { repositoryId, packageId, version, versionId, publishedAt, display: null, key: null };
  await queries.versions.refer({ ...reference, status: 'Published' });
}

function dist(): Record<string, unknown> {
  const integrity = `sha512-${Buffer.from(asset.hashes.sha512, 'hex').toString('base64')}`;
  return { shasum: asset.hashes.sha1, integrity, fileCount: 1, unpackedSize: 35 };
}
