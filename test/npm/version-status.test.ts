import {
  CopyPackageVersionsCommand,
  DeletePackageCommand,
  DeletePackageVersionsCommand,
  DescribePackageVersionCommand,
  DisposePackageVersionsCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tarballOf } from '../support/packages.ts';
import { jsonOf } from '../support/user.ts';
import { type RepositorySketches, World } from '../support/world.ts';

const statuses = ['Published', 'Unlisted', 'Archived', 'Disposed', 'Deleted'] as const;
type Status = (typeof statuses)[number];

const place = (w: World, repository: string, name: string) => ({
  domain: w.domain,
  repository,
  format: 'npm' as const,
  package: name,
});

/** Brings a version that is Published to a status. */
async function bring(w: World, repository: string, name: string, version: string, status: Status): Promise<void> {
  const input = { ...place(w, repository, name), versions: [version] };
  const { failedVersions } =
    status === 'Disposed'
      ? await w.aws.send(new DisposePackageVersionsCommand(input))
      : status === 'Deleted'
        ? await w.aws.send(new DeletePackageVersionsCommand(input))
        : await w.aws.send(new UpdatePackageVersionsStatusCommand({ ...input, targetStatus: status }));
  expect(failedVersions).toEqual({});
}

async function statusOf(w: World, repository: string, name: string, packageVersion: string) {
  const input = { ...place(w, repository, name), packageVersion };
  const { packageVersion: described } = await w.aws.send(new DescribePackageVersionCommand(input));
  return described?.status;
}

/** The versions that clients are shown, the same in both kinds of listing; none where the answer is 404. */
async function listed(w: World, repository: string, name: string): Promise<string[]> {
  const [full, abbreviated] = await Promise.all(
    ['application/json', 'application/vnd.npm.install-v1+json'].map(async (accept) => {
      const response = await w.npm(repository).fetch(name, { headers: { accept } });
      if (response.status === 404) return [];
      expect(response.status).toBe(200);
      return Object.keys(((await response.json()) as { versions: object }).versions);
    }),
  );
  expect(abbreviated).toEqual(full);
  return full ?? [];
}

const tagsOf = async (w: World, repository: string, name: string) => {
  const tags = await w.npm(repository).json(`-/package/${name}/dist-tags`);
  expect((await w.npm(repository).json(name))['dist-tags']).toEqual(tags);
  return tags;
};

const download = async (w: World, repository: string, name: string, version: string) =>
  (await w.npm(repository).fetch(`${name}/-/${name}-${version}.tgz`)).status;

const manifest = async (w: World, repository: string, name: string, version: string) =>
  (await w.npm(repository).fetch(`${name}/${version}`)).status;

const integrityOf = async (w: World, repository: string, name: string, version: string): Promise<string> =>
  (await w.npm(repository).json(name)).versions[version].dist.integrity;

describe('What npm sees of a version', () => {
  let w: World;
  beforeAll(async () => {
    w = await World.with({ base: [], between: ['base'], team: ['between'] });
  });
  afterAll(() => w[Symbol.asyncDispose]());

  const seen = {
    Published: { isListed: true, tarball: 200 },
    Unlisted: { isListed: false, tarball: 200 },
    Archived: { isListed: false, tarball: 404 },
    Disposed: { isListed: false, tarball: 404 },
    Deleted: { isListed: false, tarball: 404 },
  } as const;

  it.each(statuses)('that is %s here or in an upstream', async (status) => {
    const name = `lib-${status.toLowerCase()}`;
    for (const version of ['1.0.0', '2.0.0']) await w.npm('base').publish({ name, version });
    // All of it is looked at before, so that what was prepared then would show.
    for (const repository of ['base', 'team']) expect(await listed(w, repository, name)).toEqual(['1.0.0', '2.0.0']);
    await bring(w, 'base', name, '2.0.0', status);
    const { isListed, tarball } = seen[status];
    for (const repository of ['base', 'team']) {
      expect(await listed(w, repository, name)).toEqual(isListed ? ['1.0.0', '2.0.0'] : ['1.0.0']);
      expect(await tagsOf(w, repository, name)).toEqual({ latest: isListed ? '2.0.0' : '1.0.0' });
      expect(await manifest(w, repository, name, '2.0.0')).toBe(tarball);
      expect(await download(w, repository, name, '2.0.0')).toBe(tarball);
    }
    if (tarball === 200) expect(await statusOf(w, 'team', name, '2.0.0')).toBe(status);
    else await expect(statusOf(w, 'team', name, '2.0.0')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(statusOf(w, 'between', name, '2.0.0')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each(statuses)('that it got from an upstream where it is %s by now', async (status) => {
    const name = `kept-${status.toLowerCase()}`;
    await w.npm('base').publish({ name, version: '1.0.0' });
    expect(await download(w, 'team', name, '1.0.0')).toBe(200);
    const before = await integrityOf(w, 'team', name, '1.0.0');
    await bring(w, 'base', name, '1.0.0', status);
    expect(await listed(w, 'team', name)).toEqual(['1.0.0']);
    expect(await integrityOf(w, 'team', name, '1.0.0')).toBe(before);
    expect(await tagsOf(w, 'team', name)).toEqual({ latest: '1.0.0' });
    expect(await download(w, 'team', name, '1.0.0')).toBe(200);
    expect(await statusOf(w, 'team', name, '1.0.0')).toBe('Published');
  });

  it.each(['Archived', 'Disposed'] as const)(
    'that is %s in a nearer repository, though a further one has it',
    async (status) => {
      const name = `near-${status.toLowerCase()}`;
      await w.npm('base').publish({ name, version: '1.0.0' });
      await w.npm('base').publish({ name, version: '2.0.0' });
      await download(w, 'between', name, '2.0.0');
      await bring(w, 'between', name, '2.0.0', status);
      for (const repository of ['between', 'team']) {
        expect(await listed(w, repository, name)).toEqual(['1.0.0']);
        expect([await download(w, repository, name, '2.0.0'), await manifest(w, repository, name, '2.0.0')]).toEqual([
          404, 404,
        ]);
      }
      expect([await listed(w, 'base', name), await download(w, 'base', name, '2.0.0')]).toEqual([
        ['1.0.0', '2.0.0'],
        200,
      ]);
      await bring(w, 'between', name, '2.0.0', 'Deleted');
      expect([await listed(w, 'team', name), await download(w, 'team', name, '2.0.0')]).toEqual([
        ['1.0.0', '2.0.0'],
        200,
      ]);
    },
  );

  it('once the last listed one is hidden: no package, and yet what a lock file names', async () => {
    await w.npm('base').publish({ name: 'hidden', version: '1.0.0' });
    await bring(w, 'base', 'hidden', '1.0.0', 'Unlisted');
    for (const repository of ['base', 'team']) {
      expect((await w.npm(repository).fetch('hidden')).status).toBe(404);
      expect((await w.npm(repository).fetch('-/package/hidden/dist-tags')).status).toBe(404);
      expect(await download(w, repository, 'hidden', '1.0.0')).toBe(200);
    }
    await bring(w, 'base', 'hidden', '1.0.0', 'Published');
    expect(await listed(w, 'base', 'hidden')).toEqual(['1.0.0']);
    // The team kept it Unlisted, and its own copy decides there.
    expect(await listed(w, 'team', 'hidden')).toEqual([]);
  });

  it('when a tag points to a version that is hidden and shown again', async () => {
    for (const version of ['1.0.0', '2.0.0']) await w.npm('base').publish({ name: 'tagged', version });
    await w.npm('base').put('-/package/tagged/dist-tags/beta', JSON.stringify('2.0.0'));
    await bring(w, 'base', 'tagged', '2.0.0', 'Unlisted');
    expect(await tagsOf(w, 'team', 'tagged')).toEqual({ latest: '1.0.0' });
    await bring(w, 'base', 'tagged', '2.0.0', 'Published');
    expect(await tagsOf(w, 'team', 'tagged')).toEqual({ beta: '2.0.0', latest: '2.0.0' });
    await bring(w, 'base', 'tagged', '2.0.0', 'Deleted');
    expect(await tagsOf(w, 'team', 'tagged')).toEqual({ latest: '1.0.0' });
    // With its tag gone, `latest` does not become a prerelease that is published next.
    await w.npm('base').publish({ name: 'tagged', version: '3.0.0-beta.1' }, 'next');
    expect(await tagsOf(w, 'team', 'tagged')).toEqual({ latest: '1.0.0', next: '3.0.0-beta.1' });
  });

  it('changes with its ETag at every step', async () => {
    await w.npm('base').publish({ name: 'stepping', version: '1.0.0' });
    await w.npm('base').publish({ name: 'stepping', version: '2.0.0' });
    let etag = '';
    for (const status of ['Unlisted', 'Published', 'Archived', 'Published', 'Disposed'] as const) {
      etag = (await w.npm('team').fetch('stepping')).headers.get('etag') ?? '';
      expect((await w.npm('team').fetch('stepping', { headers: { 'if-none-match': etag } })).status).toBe(304);
      await bring(w, 'base', 'stepping', '2.0.0', status);
      const after = await w.npm('team').fetch('stepping', { headers: { 'if-none-match': etag } });
      expect(after.status, status).toBe(200);
    }
  });

  it.each(['Unlisted', 'Archived', 'Disposed'] as const)('cannot be published over while it is %s', async (status) => {
    const name = `over-${status.toLowerCase()}`;
    const sketch = { name, version: '1.0.0' };
    await w.npm('base').publish(sketch);
    await bring(w, 'base', name, '1.0.0', status);
    for (const files of [{}, { 'more.js': '1' }]) {
      const answer = await w.npm('base').publish({ ...sketch, files });
      expect([answer.status, (await jsonOf(answer))['message']]).toEqual([409, expect.stringContaining(status)]);
    }
    await bring(w, 'base', name, '1.0.0', 'Deleted');
    expect((await w.npm('base').publish({ ...sketch, files: { 'more.js': '1' } })).status).toBe(200);
  });
});

describe('A name that starts anew', () => {
  let w: World | undefined;
  afterEach(() => w?.[Symbol.asyncDispose]());

  async function given(repositories: RepositorySketches): Promise<World> {
    w = await World.with(repositories);
    return w;
  }

  const sketch = (text: string) => ({ name: 'lib', version: '1.0.0', files: { 'text.js': text } });
  const bytes = async (world: World, repository: string) =>
    Buffer.from(await (await world.npm(repository).fetch('lib/-/lib-1.0.0.tgz')).arrayBuffer());

  it.each(['its package was deleted', 'its version was deleted'])(
    'shows nothing of before when %s, here and downstream',
    async (what) => {
      const world = await given({ base: [], team: ['base'] });
      for (const text of ['first', 'second', 'third']) {
        expect((await world.npm('base').publish(sketch(text))).status).toBe(200);
        const tarball = await tarballOf(sketch(text));
        const listings = await Promise.all(['base', 'team'].map((name) => integrityOf(world, name, 'lib', '1.0.0')));
        expect(new Set(listings).size).toBe(1);
        expect(await bytes(world, 'base')).toEqual(tarball);
        const { versions } = await world.npm('base').json('lib', { accept: 'application/vnd.npm.install-v1+json' });
        expect(versions['1.0.0'].dist.integrity).toBe(listings[0]);
        if (what === 'its package was deleted') {
          await world.aws.send(new DeletePackageCommand(place(world, 'base', 'lib')));
        } else {
          await bring(world, 'base', 'lib', '1.0.0', 'Deleted');
        }
        for (const repository of ['base', 'team']) expect(await listed(world, repository, 'lib')).toEqual([]);
        expect(await download(world, 'team', 'lib', '1.0.0')).toBe(404);
      }
    },
  );

  it('has no tags of before', async () => {
    const world = await given({ base: [] });
    await world.npm('base').publish(sketch('first'));
    await world.npm('base').put('-/package/lib/dist-tags/beta', JSON.stringify('1.0.0'));
    await world.aws.send(new DeletePackageCommand(place(world, 'base', 'lib')));
    await world.npm('base').publish({ name: 'lib', version: '0.1.0' });
    expect(await tagsOf(world, 'base', 'lib')).toEqual({ latest: '0.1.0' });
  });

  it('shows what was copied over it', async () => {
    const world = await given({ patched: [], base: [], team: ['base'] });
    await world.npm('base').publish(sketch('before'));
    await world.npm('patched').publish(sketch('after'));
    const before = await integrityOf(world, 'team', 'lib', '1.0.0');
    const { repository: _, ...lib } = place(world, '', 'lib');
    const copy = { ...lib, sourceRepository: 'patched', destinationRepository: 'base', versions: ['1.0.0'] };
    await world.aws.send(new CopyPackageVersionsCommand({ ...copy, allowOverwrite: true }));
    const after = await integrityOf(world, 'patched', 'lib', '1.0.0');
    expect(after).not.toBe(before);
    for (const repository of ['base', 'team']) {
      expect(await integrityOf(world, repository, 'lib', '1.0.0')).toBe(after);
      expect(await bytes(world, repository)).toEqual(await tarballOf(sketch('after')));
    }
  });

  it('comes in from the public registry again when it was deleted; archived it stays out', async () => {
    const world = await given({ store: 'public:npmjs', team: ['store'] });
    await world.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await world.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    expect(await download(world, 'store', 'lib', '1.1.0')).toBe(200);
    await bring(world, 'store', 'lib', '1.1.0', 'Archived');
    for (const repository of ['store', 'team']) {
      expect(await listed(world, repository, 'lib')).toEqual(['1.0.0']);
      expect(await tagsOf(world, repository, 'lib')).toEqual({ latest: '1.0.0' });
      expect(await download(world, repository, 'lib', '1.1.0')).toBe(404);
    }
    await bring(world, 'store', 'lib', '1.1.0', 'Deleted');
    expect(await listed(world, 'team', 'lib')).toEqual(['1.0.0', '1.1.0']);
    expect(await download(world, 'team', 'lib', '1.1.0')).toBe(200);
    expect(await statusOf(world, 'store', 'lib', '1.1.0')).toBe('Published');
  });

  it('of a public package can be deleted downstream, and comes in again from where it is kept', async () => {
    const world = await given({ store: 'public:npmjs', team: ['store'] });
    await world.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await download(world, 'team', 'lib', '1.0.0');
    await world.aws.send(new DeletePackageCommand(place(world, 'team', 'lib')));
    await world.publicRegistry.stop();
    expect(await download(world, 'team', 'lib', '1.0.0')).toBe(200);
    await expect(statusOf(world, 'team', 'lib', '1.0.0')).resolves.toBe('Published');
  });
});
