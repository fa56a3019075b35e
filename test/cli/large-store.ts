import { createHash } from 'node:crypto';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { Blobs } from '../../src/ports/blobs.ts';
import type { Asset, Queries } from '../../src/ports/storage.ts';
import { openBlobs, openDatabase } from '../../src/stores.ts';
import { startProcess } from '../support/process.ts';
import { account, region } from '../support/user.ts';
import { newTeam } from './team.ts';

const versionsEach = 10;
const ids = systemIds(systemClock);

/**
 * Fills a new data folder with packages `pkg-0`, `pkg-1` … of ten versions each, every version with bytes of its own.
 * All but the domain and its repository are written as publishing writes them, but without its requests.
 */
export async function largeStore(folder: string, packages: number): Promise<{ token: string }> {
  const server = await startProcess(['--data', folder]);
  const { token } = await newTeam(server.url);
  await server[Symbol.asyncDispose]();
  const storage = await openDatabase({}, folder);
  const blobs = await openBlobs({}, folder, { clock: systemClock, ids });
  const located = await storage.repositories.locate(account, region, 'acme', 'team');
  const { domain, repository } = located ?? {};
  if (domain === undefined || repository === undefined) throw new Error('the repository is missing');
  for (let n = 0; n < packages; n += 1) {
    const name = `pkg-${n}`;
    const assets = await Promise.all(
      Array.from({ length: versionsEach }, (_, patch) => storedAsset(blobs, `${name}-1.0.${patch}.tgz`)),
    );
    await storage.transaction((queries) => addPackage(queries, domain.id, repository.id, name, assets));
  }
  await blobs.close();
  await storage.close();
  return { token };
}

async function storedAsset(blobs: Blobs, name: string): Promise<Asset> {
  const bytes = Buffer.from(`the bytes of ${name}\n`.repeat(40));
  const [md5, sha1, sha256, sha512] = (['md5', 'sha1', 'sha256', 'sha512'] as const).map((algorithm) =>
    createHash(algorithm).update(bytes).digest('hex'),
  ) as [string, string, string, string];
  const staged = await blobs.stage();
  await staged.write(bytes);
  await staged.commit(sha256);
  await staged.release();
  return { name, size: bytes.length, hashes: { md5, sha1, sha256, sha512 } };
}

async function addPackage(
  queries: Queries,
  domainId: string,
  repositoryId: string,
  name: string,
  assets: readonly Asset[],
): Promise<void> {
  const coordinate = { format: 'npm', namespace: null, name };
  const packageId = await queries.packages.ensure(domainId, coordinate, ids.next());
  await queries.packages.ensureIn(repositoryId, packageId, coordinate, { publish: 'ALLOW', upstream: 'BLOCK' });
  for (const [patch, asset] of assets.entries()) {
    const version = `1.0.${patch}`;
    const id = ids.next();
    const manifest = JSON.stringify({ name, version, description: 'of a large store '.repeat(50) });
    const open = `${manifest.slice(0, -1)},"dist":{"shasum":"${asset.hashes.sha1}"`;
    const origin = { type: 'INTERNAL', repositoryName: 'team', externalConnectionName: null } as const;
    const content = { id, packageId, version, revision: 'r'.repeat(44), origin, firstPublishedAt: patch };
    await queries.versions.insert({ ...content, metadata: open, entry: open }, [asset], patch === 0 ? manifest : null);
    const status = 'Published';
    await queries.versions.refer({
      repositoryId,
      packageId,
      version,
      versionId: id,
      status,
      publishedAt: patch,
      display: null,
      key: null,
    });
  }
  await queries.tags.set(repositoryId, packageId, 'latest', `1.0.${versionsEach - 1}`);
}
