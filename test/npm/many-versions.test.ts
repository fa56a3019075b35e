import { join } from 'node:path';
import { ListPackageVersionsCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/open.ts';
import { World } from '../support/world.ts';

const count = 10_000;
let world: World;

/** 10,000 versions, the first published and the others written to the store as publishing writes them. */
beforeAll(async () => {
  world = await World.with({ team: [] });
  await world.npm('team').publish({ name: 'many', version: '1.0.0' });
  const storage = await openSqlite({ file: join(world.server.dataFolder, 'packyard.db') });
  const located = await storage.repositories.locate('000000000000', 'eu-central-1', world.domain, 'team');
  const repositoryId = located?.repository?.id ?? '';
  const [record] = await storage.packages.findIn([repositoryId], { format: 'npm', namespace: null, name: 'many' });
  const packageId = record?.packageId ?? '';
  const first = await storage.versions.find(repositoryId, packageId, '1.0.0');
  if (first === undefined) throw new Error('the first version is missing');
  const assets = await storage.versions.assets(first.versionId, { limit: 1 });
  await storage.transaction(async (queries) => {
    for (let n = 1; n < count; n += 1) {
      const version = `1.0.${n}`;
      const versionId = `${first.versionId.slice(0, 20)}${String(n).padStart(6, '0')}`;
      const renamed = (text: string) => text.replaceAll('1.0.0', version);
      const { metadata, entry, revision, origin, firstPublishedAt } = first;
      await queries.versions.insert(
        {
          id: versionId,
          packageId,
          version,
          revision,
          origin,
          firstPublishedAt,
          metadata: renamed(metadata),
          entry: renamed(entry),
        },
        assets,
        null,
      );
      await queries.versions.refer({
        repositoryId,
        packageId,
        version,
        versionId,
        status: 'Published',
        publishedAt: n,
        display: null,
        key: null,
      });
    }
    await queries.packages.touch(repositoryId, packageId);
  });
  await storage.close();
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

it('lists 10,000 versions of one package, to npm at once and to the API in pages', async () => {
  const { versions } = await world.npm('team').json('many');
  expect(Object.keys(versions)).toHaveLength(count);
  const seen = new Set<string>();
  let nextToken: string | undefined;
  do {
    const input = {
      domain: world.domain,
      repository: 'team',
      format: 'npm' as const,
      package: 'many',
      maxResults: 1_000,
      nextToken,
    };
    const page = await world.aws.send(new ListPackageVersionsCommand(input));
    for (const { version } of page.versions ?? []) seen.add(version ?? '');
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(seen.size).toBe(count);
});

it('publishes another one as fast as before, and shows it at once', async () => {
  const start = performance.now();
  expect((await world.npm('team').publish({ name: 'many', version: '2.0.0' })).status).toBe(200);
  expect(performance.now() - start).toBeLessThan(3_000);
  expect((await world.npm('team').json('many'))['dist-tags']).toEqual({ latest: '2.0.0' });
});

it('answers the second request from prepared bytes', async () => {
  const npm = world.npm('team');
  const first = await npm.fetch('many');
  await first.arrayBuffer();
  const start = performance.now();
  const again = await npm.fetch('many', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
  expect([again.status, performance.now() - start < 250]).toEqual([304, true]);
});
