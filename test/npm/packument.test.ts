import { gunzipSync } from 'node:zlib';
import { CopyPackageVersionsCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf } from '../support/user.ts';
import { World } from '../support/world.ts';

const abbreviated = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';
let world: World;
beforeAll(async () => {
  world = await World.with({ team: [] });
  const npm = world.npm('team');
  const manifest = {
    description: 'Says hello',
    license: 'MIT',
    dependencies: { a: '^1.0.0' },
    scripts: { test: 'true' },
  };
  await npm.publish({ name: '@acme/hello', version: '1.0.0', manifest, files: { 'README.md': '# Hello' } });
  await npm.publish({ name: '@acme/hello', version: '1.1.0-beta.1', manifest }, 'beta');
});
afterAll(() => world[Symbol.asyncDispose]());

describe('GET /{package}', () => {
  it('gives the full packument to whoever asks for JSON', async () => {
    const response = await world.npm('team').fetch('@acme%2fhello', { headers: { accept: 'application/json' } });
    expect(response.headers.get('content-type')).toBe('application/json');
    const packument = await jsonOf(response);
    const endpoint = world.npm('team').endpoint;
    expect(packument).toMatchObject({
      _id: '@acme/hello',
      _rev: expect.stringMatching(/^1-/),
      name: '@acme/hello',
      'dist-tags': { latest: '1.0.0', beta: '1.1.0-beta.1' },
      description: 'Says hello',
      license: 'MIT',
      readme: '# Hello',
      time: { created: expect.any(String), modified: expect.any(String), '1.0.0': expect.any(String) },
    });
    expect(packument.versions['1.0.0']).toMatchObject({
      _id: '@acme/hello@1.0.0',
      scripts: { test: 'true' },
      dist: {
        tarball: `${endpoint}@acme/hello/-/hello-1.0.0.tgz`,
        shasum: expect.stringMatching(/^[0-9a-f]{40}$/),
        integrity: expect.stringMatching(/^sha512-/),
        fileCount: 3,
        unpackedSize: expect.any(Number),
      },
    });
  });

  it('gives the abbreviated packument to whoever prefers it', async () => {
    const response = await world.npm('team').fetch('@acme%2fhello', { headers: { accept: abbreviated } });
    expect(response.headers.get('content-type')).toBe('application/vnd.npm.install-v1+json');
    const packument = await jsonOf(response);
    expect(Object.keys(packument)).toEqual(['name', 'modified', 'dist-tags', 'versions']);
    expect(Object.keys(packument.versions['1.0.0'])).toEqual([
      'name',
      'version',
      '_hasShrinkwrap',
      'dependencies',
      'dist',
    ]);
  });

  it.each(['@acme%2fhello', '@acme%2Fhello', '@acme/hello', '%40acme%2fhello', '@acme/hello/'])(
    'takes the name written as %s',
    async (path) => {
      expect((await world.npm('team').json(path)).name).toBe('@acme/hello');
    },
  );

  it('gives the full packument for ?write=true, whatever Accept says', async () => {
    const response = await world.npm('team').fetch('@acme%2fhello?write=true', { headers: { accept: abbreviated } });
    expect(await jsonOf(response)).toHaveProperty('_rev');
  });

  it('answers 304 for the right ETag of the same representation only', async () => {
    const npm = world.npm('team');
    const full = await npm.fetch('@acme%2fhello');
    const short = await npm.fetch('@acme%2fhello', { headers: { accept: abbreviated } });
    const [fullTag, shortTag] = [full, short].map((response) => response.headers.get('etag') ?? '');
    expect(fullTag).not.toBe(shortTag);
    expect(full.headers.get('vary')).toBe('Accept, Accept-Encoding');
    expect(full.headers.get('cache-control')).toBe('private, no-cache');
    const again = await npm.fetch('@acme%2fhello', { headers: { 'if-none-match': `"other", ${fullTag}` } });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, fullTag, '']);
    expect((await npm.fetch('@acme%2fhello', { headers: { 'if-none-match': shortTag ?? '' } })).status).toBe(200);
  });

  it('compresses for whoever accepts gzip, with the same content', async () => {
    const npm = world.npm('team');
    const { request } = await import('undici');
    const ask = (headers: Record<string, string>) =>
      request(`${npm.endpoint}@acme%2fhello`, { headers: { ...headers, authorization: `Bearer ${world.token}` } });
    const zipped = await ask({ 'accept-encoding': 'gzip, deflate' });
    const plain = await ask({ 'accept-encoding': 'gzip;q=0' });
    expect([zipped.headers['content-encoding'], plain.headers['content-encoding']]).toEqual(['gzip', undefined]);
    expect(gunzipSync(await zipped.body.bytes()).toString()).toBe(await plain.body.text());
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await world.npm('team').fetch('@acme%2fhello', { method: 'HEAD' });
    expect([response.status, Number(response.headers.get('content-length')) > 100, await response.text()]).toEqual([
      200,
      true,
      '',
    ]);
  });

  it('changes its ETag with each publish, tag and deprecation, and shows them at once', async () => {
    const npm = world.npm('team');
    const seen = new Set<string | null>();
    const look = async () => {
      const response = await npm.fetch('changing');
      seen.add(response.headers.get('etag'));
      return jsonOf(response);
    };
    await npm.publish({ name: 'changing', version: '1.0.0' });
    await look();
    await npm.publish({ name: 'changing', version: '1.1.0' });
    expect((await look())['dist-tags'].latest).toBe('1.1.0');
    await npm.put('-/package/changing/dist-tags/stable', '"1.0.0"');
    expect((await look())['dist-tags'].stable).toBe('1.0.0');
    const packument = await npm.json('changing?write=true');
    await npm.put('changing', { ...packument, versions: { '1.0.0': { deprecated: 'too old' } } });
    expect((await look()).versions['1.0.0'].deprecated).toBe('too old');
    expect(seen.size).toBe(4);
  });

  it('answers 404 with a text for a package that is nowhere', async () => {
    const response = await world.npm('team').fetch('nowhere');
    expect([response.status, await jsonOf(response)]).toEqual([
      404,
      expect.objectContaining({ error: "The npm package 'nowhere' does not exist in repository 'team'." }),
    ]);
  });
});

describe('GET /{package}/{version or tag}', () => {
  it.each([
    ['1.0.0', '1.0.0'],
    ['latest', '1.0.0'],
    ['beta', '1.1.0-beta.1'],
  ])('gives the manifest of %s', async (selector, version) => {
    const manifest = await world.npm('team').json(`@acme%2fhello/${selector}`);
    expect(manifest).toMatchObject({ version, dist: { tarball: expect.stringContaining(`hello-${version}.tgz`) } });
  });

  it('answers 404 for another one', async () => {
    expect((await world.npm('team').fetch('@acme%2fhello/9.9.9')).status).toBe(404);
  });
});

describe('PUT /{package} without a tarball (npm deprecate)', () => {
  it('is copied with its version, and again when only that has changed', async () => {
    await using pair = await World.with({ from: [], to: [] });
    await pair.npm('from').publish({ name: 'aged', version: '1.0.0' });
    const place = { domain: pair.domain, sourceRepository: 'from', destinationRepository: 'to' };
    const copy = { ...place, format: 'npm' as const, package: 'aged', versions: ['1.0.0'] };
    await pair.aws.send(new CopyPackageVersionsCommand(copy));
    const packument = await pair.npm('from').json('aged');
    await pair.npm('from').put('aged', { ...packument, versions: { '1.0.0': { deprecated: 'too old' } } });
    const deprecation = async () => (await pair.npm('to').json('aged'))['versions']['1.0.0'].deprecated;
    await pair.aws.send(new CopyPackageVersionsCommand(copy));
    expect(await deprecation()).toBeUndefined();
    await pair.aws.send(new CopyPackageVersionsCommand({ ...copy, allowOverwrite: true }));
    expect(await deprecation()).toBe('too old');
  });

  it('sets and takes back deprecations, and nothing else', async () => {
    const npm = world.npm('team');
    await npm.publish({ name: 'aging', version: '1.0.0', manifest: { description: 'before' } });
    const packument = await npm.json('aging?write=true');
    const changed = {
      '1.0.0': { deprecated: 'gone soon', description: 'after', dist: {} },
      '2.0.0': { deprecated: 'x' },
    };
    expect((await npm.put('aging', { ...packument, versions: changed })).status).toBe(200);
    const { versions } = await npm.json('aging');
    expect(versions).toEqual({ '1.0.0': { deprecated: 'gone soon', ...packument.versions['1.0.0'] } });
    await npm.put('aging', { ...packument, versions: { '1.0.0': { deprecated: '' } } });
    expect((await npm.json('aging')).versions).toEqual(packument.versions);
  });

  it('answers 404 for a package that is not in the repository itself', async () => {
    expect((await world.npm('team').put('nowhere', { name: 'nowhere', versions: {} })).status).toBe(404);
  });
});
