import { PutPackageOriginConfigurationCommand, UpdatePackageVersionsStatusCommand } from '@aws-sdk/client-codeartifact';
import { afterEach, describe, expect, it } from 'vitest';
import { sumOf } from '../support/maven-registry.ts';
import { MavenWorld } from '../support/maven-world.ts';
import type { RepositorySketches } from '../support/world.ts';

let world: MavenWorld | undefined;
afterEach(() => world?.[Symbol.asyncDispose]());

async function given(repositories: RepositorySketches): Promise<MavenWorld> {
  world = await MavenWorld.with(repositories);
  return world;
}

const lib = { groupId: 'org.lib', artifactId: 'lib' };
const folder = 'org/lib/lib';
const chain = { store: 'public:maven-central', base: ['store'], team: ['base'] } as const;

describe('Through public:maven-central', () => {
  it('versions are listed, and files are kept in the asked repository and in the one with the connection', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0', pom: '<name>Lib</name>' });
    w.publicRegistry.publish({ ...lib, version: '1.1' });
    const metadata = await w.maven('team').text(`${folder}/maven-metadata.xml`);
    expect(metadata).toContain('<version>1.0</version>\n      <version>1.1</version>');
    expect(metadata).toContain('<lastUpdated>20200102030405</lastUpdated>');
    expect(await w.held('team', lib)).toEqual({});

    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.pom`)).toContain('<name>Lib</name>');
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`)).toBe('the jar of lib 1.0');
    for (const [repository, held] of [
      ['team', { '1.0': 'Published' }],
      ['base', {}],
      ['store', { '1.0': 'Published' }],
    ] as const) {
      expect(await w.held(repository, lib)).toEqual(held);
    }
    for (const repository of ['team', 'store']) {
      expect(await w.assets(repository, lib, '1.0')).toEqual(['lib-1.0.jar', 'lib-1.0.pom']);
      expect(await w.described(repository, lib, '1.0')).toMatchObject({
        displayName: 'Lib',
        origin: { originType: 'EXTERNAL', domainEntryPoint: { externalConnectionName: 'public:maven-central' } },
      });
    }
    expect(await w.maven('team').text(`${folder}/maven-metadata.xml`)).toBe(metadata);
  });

  it('what is kept is served without the registry', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    for (const end of ['pom', 'jar']) await w.maven('team').text(`${folder}/1.0/lib-1.0.${end}`);
    await w.publicRegistry.stop();
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`)).toBe('the jar of lib 1.0');
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar.sha256`)).toBe(sumOf('sha256', 'the jar of lib 1.0'));
    expect(await w.maven('team').text(`${folder}/maven-metadata.xml`)).toContain('<version>1.0</version>');
    expect((await w.maven('team').get('org/other/other/maven-metadata.xml')).status).toBe(502);
  });

  it('a classifier that is asked for later joins the version, in both repositories', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0', files: { '-sources.jar': 'sources' } });
    await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`);
    expect(await w.assets('team', lib, '1.0')).toEqual(['lib-1.0.jar']);
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0-sources.jar`)).toBe('sources');
    for (const repository of ['team', 'store']) {
      expect(await w.assets(repository, lib, '1.0')).toEqual(['lib-1.0-sources.jar', 'lib-1.0.jar']);
    }
    expect((await w.maven('team').get(`${folder}/1.0/lib-1.0-javadoc.jar`)).status).toBe(404);
    expect((await w.maven('team').get(`${folder}/1.0/lib-1.0-javadoc.jar.sha1`)).status).toBe(404);
  });

  it('many clients at once cost one look at its sum and one fetch, a missing file one of each in five minutes', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    const ask = (file: string) => w.maven('team').get(`${folder}/1.0/${file}`);
    await ask('lib-1.0.pom');
    w.publicRegistry.requests.length = 0;
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await ask('lib-1.0.jar')).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(w.publicRegistry.requests.filter((request) => request.endsWith('.jar.sha1'))).toHaveLength(1);
    expect(w.publicRegistry.requests.filter((request) => request.endsWith('.jar'))).toHaveLength(1);
    expect((await ask('lib-1.0-sources.jar')).status).toBe(404);
    w.publicRegistry.requests.length = 0;
    expect((await ask('lib-1.0-sources.jar')).status).toBe(404);
    expect(w.publicRegistry.requests).toEqual([]);
  });

  it('the sum of a file that nobody fetched yet is that of the file', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    const sum = sumOf('sha512', 'the jar of lib 1.0');
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar.sha512`)).toBe(sum);
    expect(await w.assets('team', lib, '1.0')).toEqual(['lib-1.0.jar']);
  });

  it('HEAD of a file that nobody fetched yet tells its length', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    const head = await w.maven('team').fetch(`${folder}/1.0/lib-1.0.jar`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '18']);
    expect((await w.maven('team').fetch(`${folder}/2.0/lib-2.0.jar`, { method: 'HEAD' })).status).toBe(404);
  });

  it('a file that is kept tells since when the registry has it', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`);
    const again = await w.maven('team').fetch(`${folder}/1.0/lib-1.0.jar`);
    expect(again.headers.get('last-modified')).toBe('Thu, 02 Jan 2020 03:04:05 GMT');
    // So does what another repository takes from it later.
    await w.maven('base').text(`${folder}/1.0/lib-1.0.jar`);
    const other = await w.maven('base').fetch(`${folder}/1.0/lib-1.0.jar`);
    expect(other.headers.get('last-modified')).toBe(again.headers.get('last-modified'));
  });

  it('a file with other bytes than its sum says is not given out, nor kept', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    w.publicRegistry.corrupts = '.jar';
    const broken = w.maven('team').text(`${folder}/1.0/lib-1.0.jar`);
    await expect(broken).rejects.toThrow();
    expect(await w.held('team', lib)).toEqual({});
    w.publicRegistry.corrupts = undefined;
    w.publicRegistry.cuts = '.jar';
    await expect(w.maven('team').text(`${folder}/1.0/lib-1.0.jar`)).rejects.toThrow();
    w.publicRegistry.cuts = undefined;
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`)).toBe('the jar of lib 1.0');
  });

  it('a file without any sum is taken as it comes', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    w.publicRegistry.withoutSums = '.jar';
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`)).toBe('the jar of lib 1.0');
  });

  it('SNAPSHOTs never come', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    w.publicRegistry.publish({ ...lib, version: '1.1-SNAPSHOT' });
    expect(await w.maven('team').text(`${folder}/maven-metadata.xml`)).not.toContain('SNAPSHOT');
    expect((await w.maven('team').get(`${folder}/1.1-SNAPSHOT/lib-1.1-SNAPSHOT.jar`)).status).toBe(404);
    expect((await w.maven('team').get(`${folder}/1.1-SNAPSHOT/maven-metadata.xml`)).status).toBe(404);
  });

  it('the prefixes of plugins come', async () => {
    const w = await given(chain);
    const plugins = `<metadata><plugins><plugin><name>Apache Maven Help</name><prefix>help</prefix>
      <artifactId>maven-help-plugin</artifactId></plugin></plugins></metadata>`;
    w.publicRegistry.files.set('org/plugins/maven-metadata.xml', plugins);
    expect(await w.maven('team').text('org/plugins/maven-metadata.xml')).toContain('<prefix>help</prefix>');
  });

  it('a package that was first published here takes nothing', async () => {
    const w = await given(chain);
    await w.maven('team').deploy({ ...lib, version: '0.1' });
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    expect(await w.maven('team').text(`${folder}/maven-metadata.xml`)).not.toContain('<version>1.0</version>');
    expect((await w.maven('team').get(`${folder}/1.0/lib-1.0.jar`)).status).toBe(404);
  });

  it('a package that first came from outside is not published to, unless that is allowed', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`);
    expect(await w.maven('team').send(`${folder}/1.1/lib-1.1.jar`, 'mine')).toBe(403);
    expect(await w.maven('team').send(`${folder}/1.0/lib-1.0-mine.jar`, 'mine')).toBe(403);
    await w.aws.send(
      new PutPackageOriginConfigurationCommand({
        domain: 'acme',
        repository: 'team',
        format: 'maven',
        namespace: 'org.lib',
        package: 'lib',
        restrictions: { publish: 'ALLOW', upstream: 'ALLOW' },
      }),
    );
    expect(await w.maven('team').send(`${folder}/1.1/lib-1.1.jar`, 'mine')).toBe(201);
    w.publicRegistry.publish({ ...lib, version: '1.2' });
  });

  it('the nearest repository that has a version decides, also by its status', async () => {
    const w = await given(chain);
    w.publicRegistry.publish({ ...lib, version: '1.0' });
    await w.maven('base').text(`${folder}/1.0/lib-1.0.jar`);
    await w.aws.send(
      new UpdatePackageVersionsStatusCommand({
        domain: 'acme',
        repository: 'base',
        format: 'maven',
        namespace: 'org.lib',
        package: 'lib',
        versions: ['1.0'],
        targetStatus: 'Archived',
      }),
    );
    expect((await w.maven('team').get(`${folder}/1.0/lib-1.0.jar`)).status).toBe(404);
    expect((await w.maven('team').get(`${folder}/1.0/lib-1.0.pom`)).status).toBe(404);
    expect(await w.held('team', lib)).toEqual({});
  });

  it('a registry that says what is no listing is told about', async () => {
    const w = await given(chain);
    w.publicRegistry.files.set(`${folder}/maven-metadata.xml`, '<!DOCTYPE html><html><body>Welcome</body></html>');
    expect((await w.maven('team').get(`${folder}/maven-metadata.xml`)).status).toBe(502);
    w.publicRegistry.failWith = 500;
    expect((await w.maven('team').get('org/other/other/maven-metadata.xml')).status).toBe(502);
  });
});

describe('Through upstream repositories', () => {
  it('what others of the domain published is found and kept, with classifiers asked for later', async () => {
    const w = await given({ base: [], team: ['base'] });
    await w.maven('base').deploy({ ...lib, version: '1.0', pom: '<name>Lib</name>' });
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0.jar`)).toBe('the jar of lib 1.0');
    await w.maven('base').upload(`${folder}/1.0/lib-1.0-sources.jar`, 'sources');
    expect(await w.assets('team', lib, '1.0')).toEqual(['lib-1.0.jar', 'lib-1.0.pom']);
    expect(await w.maven('team').text(`${folder}/1.0/lib-1.0-sources.jar`)).toBe('sources');
    expect(await w.assets('team', lib, '1.0')).toContain('lib-1.0-sources.jar');
    expect(await w.described('team', lib, '1.0')).toMatchObject({ displayName: 'Lib' });
  });

  it('what is Unfinished there is as good as absent, and a version there cannot be published again', async () => {
    const w = await given({ base: [], team: ['base'] });
    await w.maven('base').upload(`${folder}/1.0/lib-1.0.jar`, 'jar');
    expect((await w.maven('team').get(`${folder}/1.0/lib-1.0.jar`)).status).toBe(404);
    expect(await w.maven('team').send(`${folder}/1.0/lib-1.0.jar`, 'jar')).toBe(409);
  });

  it('of a SNAPSHOT that is in both, the build of the upstream is shown', async () => {
    const w = await given({ base: [], team: ['base'] });
    const sketch = { ...lib, version: '1.0-SNAPSHOT' };
    await w.maven('base').deploySnapshot(sketch, '20210101.000000-1');
    await w.maven('team').text(`${folder}/1.0-SNAPSHOT/lib-1.0-SNAPSHOT.jar`);
    await w.aws.send(
      new PutPackageOriginConfigurationCommand({
        domain: 'acme',
        repository: 'team',
        format: 'maven',
        namespace: 'org.lib',
        package: 'lib',
        restrictions: { publish: 'ALLOW', upstream: 'ALLOW' },
      }),
    );
    await w.maven('team').deploySnapshot(sketch, '20220101.000000-2');
    const metadata = `${folder}/1.0-SNAPSHOT/maven-metadata.xml`;
    expect(await w.maven('team').text(metadata)).toContain('1.0-20210101.000000-1');
    await w.maven('base').deploySnapshot(sketch, '20230101.000000-3');
    expect(await w.maven('team').text(metadata)).toContain('1.0-20230101.000000-3');
  });
});
