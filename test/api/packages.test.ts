import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, owner, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.ok('CreateDomain', { domain: 'acme' });
  await world.ok('CreateRepository', { domain: 'acme', repository: 'app' });
});
afterEach(() => world.close());

const app = { domain: 'acme', repository: 'app' };
const widget = { ...app, format: 'npm', namespace: 'team', package: 'widget' };
const first = { ...widget, packageVersion: '1.0.0' };
const published = { restrictions: { publish: 'ALLOW', upstream: 'BLOCK' } };

async function publishWidget(version: string, extra: object = {}) {
  await world.publish('acme', 'app', 'widget', version, { namespace: 'team', ...extra });
}

async function tarball(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

describe('packages', () => {
  it('are listed by format, name and namespace, in pages, filtered by prefixes and restrictions', async () => {
    await publishWidget('1.0.0');
    for (const name of ['wing', 'alpha']) await world.publish('acme', 'app', name, '1.0.0');
    const summaries = [
      { format: 'npm', package: 'alpha', originConfiguration: published },
      { format: 'npm', namespace: 'team', package: 'widget', originConfiguration: published },
      { format: 'npm', package: 'wing', originConfiguration: published },
    ];
    expect(await world.ok('ListPackages', app)).toEqual({ packages: summaries });
    const page = await world.ok('ListPackages', { ...app, maxResults: 1 });
    expect(page['packages']).toEqual(summaries.slice(0, 1));
    const rest = await world.ok('ListPackages', { ...app, maxResults: 2, nextToken: page['nextToken'] });
    expect(rest).toEqual({ packages: summaries.slice(1) });
    for (const [filter, count] of [
      [{ format: 'npm', namespace: 'te' }, 1],
      [{ packagePrefix: 'wi' }, 2],
      [{ publish: 'BLOCK' }, 0],
      [{ upstream: 'BLOCK' }, 3],
      [{ format: 'pypi' }, 0],
    ] as const) {
      const { packages } = await world.ok('ListPackages', { ...app, ...filter });
      expect(packages, JSON.stringify(filter)).toHaveLength(count);
    }
    expect((await world.call('ListPackages', { ...app, namespace: 'team' })).status).toBe(400);
  });

  it('are described, or missing in the words recorded from AWS', async () => {
    await publishWidget('1.0.0');
    const described = await world.ok('DescribePackage', widget);
    expect(described).toEqual({
      package: { format: 'npm', namespace: 'team', name: 'widget', originConfiguration: published },
    });
    for (const operation of ['DescribePackage', 'ListPackageVersions']) {
      expect(await world.call(operation, { ...widget, namespace: 'other' })).toMatchObject({
        status: 404,
        json: {
          message: "The npm package '@other/widget' does not exist in repository 'app'.",
          resourceType: 'package',
        },
      });
      expect((await world.call(operation, { ...app, format: 'pypi', package: 'widget' })).status).toBe(404);
    }
  });

  it('need a namespace, or have none, as their format says', async () => {
    for (const input of [
      { ...app, format: 'pypi', namespace: 'team', package: 'widget' },
      { ...app, format: 'maven', package: 'widget' },
    ]) {
      const answer = await world.call('DescribePackage', input);
      expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining('namespace') } });
    }
  });

  it('list their versions as text, or newest first, with the display version on every page', async () => {
    for (const version of ['2.0.0', '10.0.0', '1.0.0']) {
      world.time.now += 1000;
      await publishWidget(version);
    }
    const all = await world.ok('ListPackageVersions', widget);
    expect(all).toMatchObject({ defaultDisplayVersion: '1.0.0', format: 'npm', namespace: 'team', package: 'widget' });
    expect(all['versions']).toMatchObject([{ version: '1.0.0' }, { version: '10.0.0' }, { version: '2.0.0' }]);
    const sorted = { ...widget, sortBy: 'PUBLISHED_TIME', maxResults: 2 };
    const newest = await world.ok('ListPackageVersions', sorted);
    expect(newest['versions']).toEqual([
      {
        version: '1.0.0',
        revision: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        status: 'Published',
        origin: { domainEntryPoint: { repositoryName: 'app' }, originType: 'INTERNAL' },
      },
      expect.objectContaining({ version: '10.0.0' }),
    ]);
    const oldest = await world.ok('ListPackageVersions', { ...sorted, nextToken: newest['nextToken'] });
    expect(oldest).toMatchObject({ defaultDisplayVersion: '1.0.0', versions: [{ version: '2.0.0' }] });
    for (const filter of [{ status: 'Deleted' }, { status: 'Archived' }, { originType: 'EXTERNAL' }]) {
      expect(await world.ok('ListPackageVersions', { ...widget, ...filter })).toMatchObject({ versions: [] });
    }
    const foreign = await world.call('ListPackageVersions', { ...widget, nextToken: newest['nextToken'] });
    expect(foreign).toMatchObject({ status: 400, json: { message: 'Error de-serializing the token.' } });
  });
});

describe('a package version', () => {
  it('is described by its own metadata', async () => {
    await publishWidget('1.0.0', {
      manifest: {
        name: '@team/widget',
        description: 'Widgets',
        homepage: 'https://widgets.example/',
        license: 'MIT',
      },
    });
    const described = await world.ok('DescribePackageVersion', first);
    expect(described).toEqual({
      packageVersion: expect.objectContaining({
        format: 'npm',
        namespace: 'team',
        packageName: 'widget',
        displayName: '@team/widget',
        version: '1.0.0',
        summary: 'Widgets',
        homePage: 'https://widgets.example/',
        publishedTime: world.time.now / 1000,
        status: 'Published',
        origin: { domainEntryPoint: { repositoryName: 'app' }, originType: 'INTERNAL' },
        licenses: [expect.objectContaining({ name: 'MIT' })],
      }),
    });
    const missing = await world.call('DescribePackageVersion', { ...first, packageVersion: '9.9.9' });
    expect(missing).toMatchObject({ status: 404, json: { resourceType: 'package-version', resourceId: '9.9.9' } });
  });

  it('gives out its asset, which the API also lists with its hashes', async () => {
    const content = 'not a real tarball';
    await publishWidget('1.0.0', { content });
    const hash = (algorithm: string) => createHash(algorithm).update(content).digest('hex');
    const listed = await world.ok('ListPackageVersionAssets', first);
    expect(listed).toMatchObject({
      version: '1.0.0',
      assets: [
        {
          name: 'package.tgz',
          size: content.length,
          hashes: { MD5: hash('md5'), 'SHA-1': hash('sha1'), 'SHA-256': hash('sha256'), 'SHA-512': hash('sha512') },
        },
      ],
    });
    const asset = await world.call('GetPackageVersionAsset', { ...first, asset: 'package.tgz' });
    expect(asset.bytes.toString()).toBe(content);
    expect(asset.headers).toEqual({
      'content-type': 'application/octet-stream',
      'content-length': String(content.length),
      'x-amzn-requestid': 'a-request',
      'x-assetname': 'package.tgz',
      'x-packageversion': '1.0.0',
      'x-packageversionrevision': listed['versionRevision'],
    });
    for (const input of [
      { ...first, asset: 'other.tgz' },
      { ...first, asset: 'package.tgz', packageVersionRevision: 'outdated' },
    ]) {
      expect(await world.call('GetPackageVersionAsset', input)).toMatchObject({
        status: 404,
        json: { resourceType: 'asset' },
      });
    }
  });

  it.each([
    ['Unlisted', 200],
    ['Archived', 404],
    ['Disposed', 404],
  ] as const)('that is %s answers %i to a download', async (status, expected) => {
    await publishWidget('1.0.0');
    await world.ok('CreateRepository', { domain: 'acme', repository: 'other' });
    const { versions, packages, repositories } = world.deps.storage;
    const from = await repositories.locate(owner.account, owner.region, 'acme', 'app');
    const to = await repositories.locate(owner.account, owner.region, 'acme', 'other');
    const coordinate = { format: 'npm', namespace: 'team', name: 'widget' };
    const [record] = await packages.findIn([from?.repository?.id ?? ''], coordinate);
    const { packageId = '', restrictions = { publish: 'ALLOW', upstream: 'ALLOW' } } = record ?? {};
    const version = await versions.find(from?.repository?.id ?? '', packageId, '1.0.0');
    const repositoryId = to?.repository?.id ?? '';
    await packages.ensureIn(repositoryId, packageId, coordinate, restrictions);
    const reference = { repositoryId, packageId, version: '1.0.0', versionId: version?.versionId ?? '' };
    await versions.refer({ ...reference, status, publishedAt: world.time.now, display: null, key: null });

    const there = { ...first, repository: 'other' };
    expect(await world.ok('DescribePackageVersion', there)).toMatchObject({ packageVersion: { status } });
    expect((await world.call('GetPackageVersionAsset', { ...there, asset: 'package.tgz' })).status).toBe(expected);
    const listed = await world.ok('ListPackageVersions', { ...widget, repository: 'other', status });
    expect(listed).toMatchObject({ versions: [{ version: '1.0.0', status }] });
  });

  it('gives the readme of its metadata or of its asset, or 404 when it has none', async () => {
    await publishWidget('1.0.0', { readme: '# Widgets' });
    await publishWidget('1.0.1', { content: await tarball({ 'package/README.md': '# In the tarball' }) });
    await publishWidget('1.0.2', { content: await tarball({ 'package/index.js': '' }) });
    await publishWidget('1.0.3', { content: 'not a tarball' });
    const { versionRevision, ...readme } = await world.ok('GetPackageVersionReadme', first);
    expect(versionRevision).toBeTypeOf('string');
    expect(readme).toEqual({
      format: 'npm',
      namespace: 'team',
      package: 'widget',
      version: '1.0.0',
      readme: '# Widgets',
    });
    const inTarball = await world.ok('GetPackageVersionReadme', { ...widget, packageVersion: '1.0.1' });
    expect(inTarball).toMatchObject({ readme: '# In the tarball' });
    for (const packageVersion of ['1.0.2', '1.0.3']) {
      const missing = await world.call('GetPackageVersionReadme', { ...widget, packageVersion });
      expect(missing).toMatchObject({ status: 404, json: { resourceType: 'package-version' } });
    }
  });

  it('lists its direct dependencies', async () => {
    await publishWidget('1.0.0', {
      manifest: { dependencies: { '@team/core': '^1.0.0', left: '2' }, devDependencies: { tool: '*' } },
    });
    const { dependencies } = await world.ok('ListPackageVersionDependencies', first);
    expect(dependencies).toEqual([
      { namespace: 'team', package: 'core', dependencyType: 'regular', versionRequirement: '^1.0.0' },
      { package: 'left', dependencyType: 'regular', versionRequirement: '2' },
      { package: 'tool', dependencyType: 'dev', versionRequirement: '*' },
    ]);
  });

  it('pages through many dependencies', async () => {
    const many = Array.from({ length: 150 }, (_, index) => [`dependency-${index}`, '1']);
    await publishWidget('1.0.0', { manifest: { dependencies: Object.fromEntries(many) } });
    const page = await world.ok('ListPackageVersionDependencies', first);
    expect(page['dependencies']).toHaveLength(100);
    const rest = await world.ok('ListPackageVersionDependencies', { ...first, nextToken: page['nextToken'] });
    expect(rest['dependencies']).toHaveLength(50);
    expect(rest).not.toHaveProperty('nextToken');
  });
});
