import {
  DeleteRepositoryCommand,
  DescribePackageCommand,
  DescribePackageVersionCommand,
  DisassociateExternalConnectionCommand,
  ListPackageVersionsCommand,
  UpdateRepositoryCommand,
} from '@aws-sdk/client-codeartifact';
import { afterEach, describe, expect, it } from 'vitest';
import type { RepositorySketches } from '../support/world.ts';
import { World } from '../support/world.ts';

let world: World | undefined;
afterEach(() => world?.[Symbol.asyncDispose]());

async function given(repositories: RepositorySketches): Promise<World> {
  world = await World.with(repositories);
  return world;
}

/** The versions of a package that a repository itself holds, as the API tells. */
async function held({ aws, domain }: World, repository: string, packageName: string): Promise<string[]> {
  const input = { domain, repository, format: 'npm' as const, package: packageName };
  const answer = await aws.send(new ListPackageVersionsCommand(input)).catch(() => ({ versions: [] }));
  return (answer.versions ?? []).map(({ version }) => version ?? '');
}

const versionsOf = async (world: World, repository: string, name: string) =>
  Object.keys((await world.npm(repository).json(name)).versions);

const download = async (world: World, repository: string, name: string, version: string) => {
  const response = await world.npm(repository).fetch(`${name}/-/${name}-${version}.tgz`);
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
};

describe('A repository with upstreams', () => {
  it('lists the union of all versions, its own and those behind it', async () => {
    const w = await given({ store: 'public:npmjs', base: ['store'], team: ['base'] });
    await w.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await w.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    expect(await versionsOf(w, 'team', 'lib')).toEqual(['1.0.0', '1.1.0']);
  });

  it('searches depth first in list order, and the first repository that has a version wins', async () => {
    const w = await given({ deep: [], first: ['deep'], second: [], team: ['first', 'second'] });
    await w.npm('deep').publish({ name: 'lib', version: '1.0.0', manifest: { description: 'deep' } });
    await w.npm('second').publish({ name: 'lib', version: '1.0.0', manifest: { description: 'second' } });
    await w.npm('second').publish({ name: 'lib', version: '2.0.0', manifest: { description: 'second' } });
    const { versions } = await w.npm('team').json('lib');
    expect([versions['1.0.0'].description, versions['2.0.0'].description]).toEqual(['deep', 'second']);
  });

  it('keeps what is downloaded in the asked repository and in the one with the connection, not between', async () => {
    const w = await given({ store: 'public:npmjs', base: ['store'], team: ['base'] });
    await w.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await w.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    await versionsOf(w, 'team', 'lib');
    expect(await held(w, 'team', 'lib')).toEqual([]);
    expect((await download(w, 'team', 'lib', '1.0.0')).status).toBe(200);
    expect([await held(w, 'team', 'lib'), await held(w, 'base', 'lib'), await held(w, 'store', 'lib')]).toEqual([
      ['1.0.0'],
      [],
      ['1.0.0'],
    ]);
    const { packageVersion } = await w.aws.send(
      new DescribePackageVersionCommand({
        domain: w.domain,
        repository: 'team',
        format: 'npm',
        package: 'lib',
        packageVersion: '1.0.0',
      }),
    );
    expect(packageVersion?.origin).toEqual({
      originType: 'EXTERNAL',
      domainEntryPoint: { externalConnectionName: 'public:npmjs' },
    });
  });

  it('shows the same packument after a download as before: clients keep what they have cached', async () => {
    const w = await given({ store: 'public:npmjs', team: ['store'] });
    await w.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await w.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    const etag = (await w.npm('team').fetch('lib')).headers.get('etag') ?? '';
    await download(w, 'team', 'lib', '1.0.0');
    expect((await w.npm('team').fetch('lib', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('makes a package that came from outside one that is not published directly', async () => {
    const w = await given({ team: 'public:npmjs' });
    await w.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await download(w, 'team', 'lib', '1.0.0');
    const described = await w.aws.send(
      new DescribePackageCommand({ domain: w.domain, repository: 'team', format: 'npm', package: 'lib' }),
    );
    expect(described.package?.originConfiguration?.restrictions).toEqual({ publish: 'BLOCK', upstream: 'ALLOW' });
    expect((await w.npm('team').publish({ name: 'lib', version: '9.0.0' })).status).toBe(403);
  });

  it('hides public versions of a package that was first published here', async () => {
    const w = await given({ team: 'public:npmjs' });
    await w.npm('team').publish({ name: 'ours', version: '1.0.0' });
    await w.publicRegistry.publish({ name: 'ours', version: '99.0.0' });
    expect(await versionsOf(w, 'team', 'ours')).toEqual(['1.0.0']);
    expect((await download(w, 'team', 'ours', '99.0.0')).status).toBe(404);
  });

  it('does not take a version number that can be reached upstream', async () => {
    const w = await given({ store: 'public:npmjs', base: [], team: ['base', 'store'] });
    await w.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await w.npm('base').publish({ name: 'own', version: '1.0.0' });
    expect((await w.npm('team').publish({ name: 'lib', version: '1.0.0' })).status).toBe(409);
    expect((await w.npm('team').publish({ name: 'own', version: '1.0.0' })).status).toBe(409);
    expect((await w.npm('team').publish({ name: 'own', version: '1.0.1' })).status).toBe(200);
  });

  it('merges dist-tags: the value from further upstream wins, tags of hidden versions fall away', async () => {
    const w = await given({ base: [], team: ['base'] });
    await w.npm('base').publish({ name: 'lib', version: '1.0.1' });
    await download(w, 'team', 'lib', '1.0.1');
    await w.npm('team').put('-/package/lib/dist-tags/stable', '"1.0.1"');
    await w.npm('base').publish({ name: 'lib', version: '1.0.2' }, 'stable');
    expect((await w.npm('team').json('lib'))['dist-tags']).toEqual({ latest: '1.0.1', stable: '1.0.2' });
    expect(await w.npm('team').json('-/package/lib/dist-tags')).toEqual({ latest: '1.0.1', stable: '1.0.2' });
  });

  it('between two upstreams takes the tag of the first listed one, however deep', async () => {
    const w = await given({ deep: [], first: [], second: ['deep'], team: ['first', 'second'] });
    for (const [repository, version] of [
      ['first', '1.0.0'],
      ['second', '2.0.0'],
      ['deep', '3.0.0'],
    ] as const) {
      await w.npm(repository).publish({ name: 'lib', version });
    }
    // second took 2.0.0 directly, so what lies behind it is closed to it.
    expect((await w.npm('team').json('lib'))['dist-tags'].latest).toBe('1.0.0');
    expect(await versionsOf(w, 'team', 'lib')).toEqual(['1.0.0', '2.0.0']);
  });

  it('keeps serving what it retained when the upstream is taken away', async () => {
    const w = await given({ store: 'public:npmjs', team: ['store'] });
    await w.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    await w.publicRegistry.publish({ name: 'lib', version: '1.1.0' });
    const { bytes } = await download(w, 'team', 'lib', '1.0.0');
    await w.aws.send(new UpdateRepositoryCommand({ domain: w.domain, repository: 'team', upstreams: [] }));
    expect(await versionsOf(w, 'team', 'lib')).toEqual(['1.0.0']);
    expect((await download(w, 'team', 'lib', '1.0.0')).bytes.equals(bytes)).toBe(true);
    const connection = { domain: w.domain, repository: 'store', externalConnection: 'public:npmjs' };
    await w.aws.send(new DisassociateExternalConnectionCommand(connection));
    expect(await versionsOf(w, 'store', 'lib')).toEqual(['1.0.0']);
  });

  it('keeps what it retained when an upstream is deleted, and says for the rest that UpdateRepository is due', async () => {
    const w = await given({ gone: [], base: [], team: ['gone', 'base'] });
    await w.npm('base').publish({ name: 'lib', version: '1.0.0' });
    await w.npm('base').publish({ name: 'other', version: '1.0.0' });
    await download(w, 'team', 'lib', '1.0.0');
    await w.aws.send(new DeleteRepositoryCommand({ domain: w.domain, repository: 'gone' }));
    expect(await versionsOf(w, 'team', 'lib')).toEqual(['1.0.0']);
    expect((await download(w, 'team', 'lib', '1.0.0')).status).toBe(200);
    expect((await w.npm('team').publish({ name: 'new', version: '1.0.0' })).status).toBe(200);
    const refusal = await w.npm('team').fetch('nowhere');
    expect([refusal.status, await refusal.text()]).toEqual([404, expect.stringContaining('UpdateRepository')]);
    await w.aws.send(new UpdateRepositoryCommand({ domain: w.domain, repository: 'team' }));
    expect(await (await w.npm('team').fetch('nowhere')).text()).not.toContain('UpdateRepository');
  });

  it('searches 25 repositories and no more', async () => {
    const chain: Record<string, readonly string[]> = { 'r-26': [] };
    for (let n = 25; n >= 1; n -= 1) chain[`r-${n}`] = [`r-${n + 1}`];
    const w = await given(chain);
    await w.npm('r-25').publish({ name: 'near', version: '1.0.0' });
    await w.npm('r-26').publish({ name: 'far', version: '1.0.0' });
    expect(await versionsOf(w, 'r-1', 'near')).toEqual(['1.0.0']);
    expect((await w.npm('r-1').fetch('far')).status).toBe(404);
    expect(await versionsOf(w, 'r-2', 'far')).toEqual(['1.0.0']);
  });

  it('sees at once what a repository at the limit has retained from behind it', async () => {
    const chain: Record<string, readonly string[]> = { 'r-26': [] };
    for (let n = 25; n >= 1; n -= 1) chain[`r-${n}`] = [`r-${n + 1}`];
    const w = await given(chain);
    for (const version of ['1.0.0', '2.0.0']) {
      await w.npm('r-26').publish({ name: 'lib', version });
      await download(w, 'r-2', 'lib', version);
      expect((await versionsOf(w, 'r-1', 'lib')).at(-1)).toBe(version);
    }
  });

  it('sees a repository once that can be reached on two ways', async () => {
    const w = await given({ base: [], left: ['base'], right: ['base'], team: ['left', 'right'] });
    await w.npm('base').publish({ name: 'lib', version: '1.0.0' });
    expect(await versionsOf(w, 'team', 'lib')).toEqual(['1.0.0']);
  });
});
