import {
  CopyPackageVersionsCommand,
  PutPackageOriginConfigurationCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { describe, expect, it } from 'vitest';
import { sdistFile, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

const demo = { domain: 'acme', format: 'pypi', package: 'demo' } as const;

async function chain(): Promise<PypiWorld> {
  const world = await PypiWorld.with({ base: [], middle: ['base'], app: ['middle'] });
  await world.pypi('base').upload('demo', '1.0', wheelFile('demo', '1.0'));
  return world;
}

const get = async (world: PypiWorld, repository: string, fileName: string) => {
  const response = await world.pypi(repository).download('demo', fileName);
  await response.arrayBuffer();
  return response.status;
};

describe('A version of an upstream', () => {
  const wheel = wheelFile('demo', '1.0');

  it('is listed, and kept in the repository that was asked when it is downloaded, not in between', async () => {
    await using world = await chain();
    expect(await world.pypi('app').files('demo')).toEqual([wheel.fileName]);
    expect(await world.held('app', 'demo')).toEqual([]);
    expect(await get(world, 'app', wheel.fileName)).toBe(200);
    expect([await world.held('app', 'demo'), await world.held('middle', 'demo')]).toEqual([['1.0'], []]);
  });

  it('shows files that joined it later, which are kept when they are downloaded', async () => {
    await using world = await chain();
    await get(world, 'app', wheel.fileName);
    const sdist = await sdistFile('demo', '1.0');
    await world.pypi('base').upload('demo', '1.0', sdist);
    expect(await world.pypi('app').files('demo')).toEqual([sdist.fileName, wheel.fileName].sort());
    expect(await get(world, 'app', sdist.fileName)).toBe(200);
    expect(await world.assets('app', 'demo', '1.0')).toEqual([sdist.fileName, wheel.fileName].sort());
  });

  it('has the same page from near and from far', async () => {
    await using world = await chain();
    const sdist = await sdistFile('demo', '1.0');
    await world.pypi('base').upload('demo', '1.0', sdist);
    const before = await world.pypi('app').page('demo');
    await get(world, 'app', wheel.fileName);
    expect(await world.pypi('app').page('demo')).toEqual(before);
  });

  it('cannot be published again', async () => {
    await using world = await chain();
    for (const spelling of ['1.0', '1.0.0']) {
      const response = await world.pypi('app').upload('demo', spelling, await sdistFile('demo', spelling));
      expect(response.status).toBe(409);
    }
  });

  it('is hidden by a copy nearer that is Unlisted, and lost by one that is Archived', async () => {
    await using world = await chain();
    await get(world, 'app', wheel.fileName);
    for (const [status, served] of [
      ['Unlisted', 200],
      ['Archived', 404],
    ] as const) {
      const change = { ...demo, repository: 'app', versions: ['1.0'], targetStatus: status };
      await world.aws.send(new UpdatePackageVersionsStatusCommand(change));
      expect(await world.pypi('app').files('demo')).toEqual([]);
      expect((await world.pypi('app').fetch(`simple/demo/1.0/${wheel.fileName}`)).status).toBe(served);
    }
  });

  it('does not come where the package takes nothing from upstreams', async () => {
    await using world = await chain();
    const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' } as const;
    await world.aws.send(new PutPackageOriginConfigurationCommand({ ...demo, repository: 'app', restrictions }));
    expect((await world.pypi('app').fetch('simple/demo/')).status).toBe(404);
    expect((await world.pypi('app').fetch(`simple/demo/1.0/${wheel.fileName}`)).status).toBe(404);
    expect((await world.pypi('app').fetch(`simple/demo/1.0/${wheel.fileName}.metadata`)).status).toBe(404);
    expect((await world.pypi('app').upload('demo', '1.0', wheelFile('demo', '1.0', [], '7'))).status).toBe(200);
    expect(await world.pypi('app').files('demo')).toEqual(['demo-1.0-7-py3-none-any.whl']);
  });

  it('never shows a file name twice: the nearest one counts', async () => {
    await using world = await PypiWorld.with({ one: [], two: [], app: ['one', 'two'] });
    const [near, far] = [wheelFile('demo', '1.0', ['Summary: near']), wheelFile('demo', '1.0', ['Summary: far away'])];
    await world.pypi('one').upload('demo', '1.0', near);
    await world.pypi('two').upload('demo', '1.0', far);
    const { files } = await world.pypi('app').page('demo');
    expect(files.map(({ size }: { size: number }) => size)).toEqual([near.bytes.length]);
    const bytes = Buffer.from(await (await world.pypi('app').download('demo', near.fileName)).arrayBuffer());
    expect(bytes.equals(near.bytes)).toBe(true);
  });

  it('never shows a file name twice, even where places spell the version differently', async () => {
    await using world = await PypiWorld.with({ one: [], app: ['one'] });
    await world.pypi('one').upload('demo', '1.0.0', await sdistFile('demo', '1.0.0'));
    await world.pypi('one').upload('demo', '1.0', wheelFile('demo', '1.0', ['Summary: far away']));
    const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' } as const;
    await world.aws.send(new PutPackageOriginConfigurationCommand({ ...demo, repository: 'app', restrictions }));
    const near = wheelFile('demo', '1.0', ['Summary: near']);
    await world.pypi('app').upload('demo', '1.0', near);
    const open = { ...restrictions, upstream: 'ALLOW' } as const;
    await world.aws.send(new PutPackageOriginConfigurationCommand({ ...demo, repository: 'app', restrictions: open }));
    const { files } = await world.pypi('app').page('demo');
    expect(files.map(({ filename, size }: { filename: string; size: number }) => [filename, size])).toEqual([
      [near.fileName, near.bytes.length],
    ]);
  });

  it('is not copied beside another spelling of it', async () => {
    await using world = await PypiWorld.with({ one: [], two: [] });
    const other = wheelFile('demo', '1.0.0', ['Summary: another']);
    await world.pypi('one').upload('demo', '1.0.0', other);
    await world.pypi('two').upload('demo', '1.0', wheel);
    const copy = { ...demo, sourceRepository: 'one', destinationRepository: 'two', versions: ['1.0.0'] };
    const { failedVersions } = await world.aws.send(new CopyPackageVersionsCommand(copy));
    expect(failedVersions).toMatchObject({ '1.0.0': { errorCode: 'ALREADY_EXISTS' } });
    await world.aws.send(new CopyPackageVersionsCommand({ ...copy, allowOverwrite: true }));
    expect(await world.held('two', 'demo')).toEqual(['1.0']);
    expect(await world.pypi('two').files('demo')).toEqual([other.fileName]);
  });

  it('is not copied twice when it is asked for in two spellings of two places', async () => {
    await using world = await PypiWorld.with({ far: [], near: ['far'], other: [] });
    await world.pypi('far').upload('demo', '1.0.0', await sdistFile('demo', '1.0.0'));
    const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' } as const;
    const near = { ...demo, repository: 'near' };
    await world.aws.send(new PutPackageOriginConfigurationCommand({ ...near, restrictions }));
    await world.pypi('near').upload('demo', '1.0', wheel);
    const open = { publish: 'ALLOW', upstream: 'ALLOW' } as const;
    await world.aws.send(new PutPackageOriginConfigurationCommand({ ...near, restrictions: open }));
    const copy = { ...demo, sourceRepository: 'near', destinationRepository: 'other', includeFromUpstream: true };
    const both = new CopyPackageVersionsCommand({ ...copy, versions: ['1.0', '1.0.0'] });
    expect((await world.aws.send(both)).failedVersions).toMatchObject({
      '1.0': { errorCode: 'SKIPPED' },
      '1.0.0': { errorCode: 'ALREADY_EXISTS' },
    });
    expect(await world.held('other', 'demo')).toEqual([]);
  });

  it('is copied with all its files, and the copy does not follow', async () => {
    await using world = await PypiWorld.with({ base: [], other: [] });
    await world.pypi('base').upload('demo', '1.0', wheel);
    const copy = { ...demo, versions: ['1.0'] };
    await world.aws.send(
      new CopyPackageVersionsCommand({ ...copy, sourceRepository: 'base', destinationRepository: 'other' }),
    );
    await world.pypi('base').upload('demo', '1.0', await sdistFile('demo', '1.0'));
    expect(await world.pypi('other').files('demo')).toEqual([wheel.fileName]);
  });
});
