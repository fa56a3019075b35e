import { CopyPackageVersionsCommand, DeletePackageVersionsCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactMetadata, type MavenUser, MavenWorld, snapshotMetadata } from '../support/maven-world.ts';

let world: MavenWorld;
let maven: MavenUser;
beforeAll(async () => {
  world = await MavenWorld.with({ base: [], team: ['base'], other: [] });
  maven = world.maven('team');
});
afterAll(() => world[Symbol.asyncDispose]());

const groupId = 'com.acme';
const [first, second, third] = ['20210728.194552-1', '20210729.080000-2', '20210730.120000-3'] as const;

describe('A SNAPSHOT', () => {
  it('shows its newest build; the others stay where they were', async () => {
    const artifact = { groupId, artifactId: 'app' };
    for (const build of [first, second]) await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, build);
    expect(await world.held('team', artifact)).toEqual({
      [`1.0-${first}`]: 'Unlisted',
      [`1.0-${second}`]: 'Unlisted',
      '1.0-SNAPSHOT': 'Published',
    });
    const folder = 'com/acme/app/1.0-SNAPSHOT';
    expect(await maven.text(`${folder}/maven-metadata.xml`)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>com.acme</groupId>
  <artifactId>app</artifactId>
  <version>1.0-SNAPSHOT</version>
  <versioning>
    <snapshot>
      <timestamp>20210729.080000</timestamp>
      <buildNumber>2</buildNumber>
    </snapshot>
    <lastUpdated>20210729080000</lastUpdated>
    <snapshotVersions>
      <snapshotVersion>
        <extension>jar</extension>
        <value>1.0-20210729.080000-2</value>
        <updated>20210729080000</updated>
      </snapshotVersion>
      <snapshotVersion>
        <extension>pom</extension>
        <value>1.0-20210729.080000-2</value>
        <updated>20210729080000</updated>
      </snapshotVersion>
    </snapshotVersions>
  </versioning>
</metadata>
`);
    expect(await maven.text(`${folder}/app-1.0-${first}.jar`)).toBe(`the jar of 1.0-${first}`);
    expect(await maven.text(`${folder}/app-1.0-${second}.jar`)).toBe(`the jar of 1.0-${second}`);
    expect(await maven.text(`${folder}/app-1.0-SNAPSHOT.jar`)).toBe(`the jar of 1.0-${second}`);
    const plain = await maven.fetch(`${folder}/app-1.0-SNAPSHOT.pom`);
    expect(plain.headers.get('cache-control')).toBe('private, no-cache');
    expect((await maven.get(`${folder}/app-1.0-SNAPSHOT-sources.jar`)).status).toBe(404);
    const metadata = await maven.text('com/acme/app/maven-metadata.xml');
    expect([...metadata.matchAll(/<version>(.*)<\//g)].map(([, version]) => version)).toEqual(['1.0-SNAPSHOT']);
    expect(metadata).toContain('<latest>1.0-SNAPSHOT</latest>');
    expect(metadata).not.toContain('<release>');
  });

  it('has the assets of the build, which are stored once', async () => {
    const artifact = { groupId, artifactId: 'once' };
    await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT', pom: '<name>Once</name>' }, first);
    expect(await world.assets('team', artifact, '1.0-SNAPSHOT')).toEqual(
      await world.assets('team', artifact, `1.0-${first}`),
    );
    expect(await world.described('team', artifact, '1.0-SNAPSHOT')).toMatchObject({ displayName: 'Once' });
  });

  it('is the newest by its timestamp, whichever comes last, and builds of the same number are both kept', async () => {
    const artifact = { groupId, artifactId: 'race' };
    const [early, late] = ['20210728.194552-1', '20210728.194553-1'];
    for (const build of [late, early])
      await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, build ?? '');
    expect(await maven.text('com/acme/race/1.0-SNAPSHOT/race-1.0-SNAPSHOT.jar')).toBe(`the jar of 1.0-${late}`);
    expect(await maven.text(`com/acme/race/1.0-SNAPSHOT/race-1.0-${early}.jar`)).toBe(`the jar of 1.0-${early}`);
  });

  it('does not show a build before its metadata has come', async () => {
    const artifact = { groupId, artifactId: 'slow' };
    await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, first);
    const folder = 'com/acme/slow/1.0-SNAPSHOT';
    await maven.send(`${folder}/slow-1.0-${second}.jar`, 'next');
    expect((await maven.get(`${folder}/slow-1.0-${second}.jar`)).status).toBe(404);
    expect(await maven.text(`${folder}/slow-1.0-SNAPSHOT.jar`)).toBe(`the jar of 1.0-${first}`);
    await maven.send(`${folder}/maven-metadata.xml`, snapshotMetadata(groupId, 'slow', '1.0-SNAPSHOT', second));
    expect(await maven.text(`${folder}/slow-1.0-SNAPSHOT.jar`)).toBe('next');
  });

  it('takes files of a build after its metadata, as Maven 3.8 attaches sources, and shows them', async () => {
    const artifact = { groupId, artifactId: 'attached' };
    await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, first);
    const folder = 'com/acme/attached/1.0-SNAPSHOT';
    for (const _ of [1, 2]) {
      await maven.upload(`${folder}/attached-1.0-${first}-sources.jar`, 'sources');
      await maven.upload(`${folder}/maven-metadata.xml`, snapshotMetadata(groupId, 'attached', '1.0-SNAPSHOT', first));
    }
    expect(await maven.text(`${folder}/attached-1.0-SNAPSHOT-sources.jar`)).toBe('sources');
    expect(await maven.text(`${folder}/maven-metadata.xml`)).toContain('<classifier>sources</classifier>');
    expect(await world.assets('team', artifact, '1.0-SNAPSHOT')).toHaveLength(3);
    expect(await maven.send(`${folder}/attached-1.0-${first}-sources.jar`, 'others')).toBe(409);
    expect(await world.held('team', artifact)).toEqual({ [`1.0-${first}`]: 'Unlisted', '1.0-SNAPSHOT': 'Published' });
  });

  it('shows files of kinds that its newest build lacks as those of the newest that has them', async () => {
    const artifact = { groupId, artifactId: 'native' };
    const folder = 'com/acme/native/1.0-SNAPSHOT';
    await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, first);
    await maven.upload(`${folder}/native-1.0-${second}-linux.jar`, 'for linux');
    await maven.upload(`${folder}/maven-metadata.xml`, snapshotMetadata(groupId, 'native', '1.0-SNAPSHOT', second));
    const metadata = await maven.text(`${folder}/maven-metadata.xml`);
    expect([...metadata.matchAll(/<value>(.*)<\//g)].map(([, value]) => value)).toEqual([
      `1.0-${first}`,
      `1.0-${second}`,
      `1.0-${first}`,
    ]);
    expect(metadata).toContain('<buildNumber>2</buildNumber>');
    expect(await maven.text(`${folder}/native-1.0-SNAPSHOT.jar`)).toBe(`the jar of 1.0-${first}`);
    expect(await maven.text(`${folder}/native-1.0-SNAPSHOT-linux.jar`)).toBe('for linux');
  });

  it('is refused without timestamps, and metadata that names no build here', async () => {
    const folder = 'com/acme/strict/1.0-SNAPSHOT';
    expect(await maven.send(`${folder}/strict-1.0-SNAPSHOT.jar`, 'jar')).toBe(400);
    expect(await maven.send(`${folder}/strict-1.0-${first}.jar`, 'jar')).toBe(201);
    const metadata = (build: string) => snapshotMetadata(groupId, 'strict', '1.0-SNAPSHOT', build);
    for (const body of [
      metadata(second),
      metadata(first).replace(/<timestamp>.*<\/timestamp>/, ''),
      metadata(first).replace('1.0-SNAPSHOT', '1.1-SNAPSHOT'),
      artifactMetadata(groupId, 'strict', ['1.0-SNAPSHOT']),
    ]) {
      expect(await maven.send(`${folder}/maven-metadata.xml`, body)).toBe(400);
    }
    expect(await maven.send(`${folder}/strict-1.0-${first}.jar.sha1`, '0'.repeat(40))).toBe(400);
    expect(await maven.send(`${folder}/maven-metadata.xml`, metadata(first))).toBe(400);
    expect(await world.held('team', { groupId, artifactId: 'strict' })).toEqual({ [`1.0-${first}`]: 'Unfinished' });
  });

  it('loses builds that are deleted, and keeps what it shows', async () => {
    const artifact = { groupId, artifactId: 'tidy' };
    for (const build of [first, second, third]) {
      await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, build);
    }
    await world.aws.send(
      new DeletePackageVersionsCommand({
        domain: 'acme',
        repository: 'team',
        format: 'maven',
        namespace: groupId,
        package: 'tidy',
        versions: [`1.0-${first}`, `1.0-${third}`],
        expectedStatus: 'Unlisted',
      }),
    );
    const folder = 'com/acme/tidy/1.0-SNAPSHOT';
    expect((await maven.get(`${folder}/tidy-1.0-${first}.jar`)).status).toBe(404);
    expect(await maven.text(`${folder}/tidy-1.0-SNAPSHOT.jar`)).toBe(`the jar of 1.0-${third}`);
    expect(await maven.text(`${folder}/tidy-1.0-${third}.jar`)).toBe(`the jar of 1.0-${third}`);
  });

  it('can be copied to another repository, with or without its builds', async () => {
    const artifact = { groupId, artifactId: 'copied' };
    await maven.deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, first);
    await world.aws.send(
      new CopyPackageVersionsCommand({
        domain: 'acme',
        sourceRepository: 'team',
        destinationRepository: 'other',
        format: 'maven',
        namespace: groupId,
        package: 'copied',
        versions: ['1.0-SNAPSHOT'],
      }),
    );
    const other = world.maven('other');
    expect(await other.text('com/acme/copied/1.0-SNAPSHOT/maven-metadata.xml')).toContain(`1.0-${first}`);
    expect(await other.text(`com/acme/copied/1.0-SNAPSHOT/copied-1.0-${first}.jar`)).toBe(`the jar of 1.0-${first}`);
  });

  it('of an upstream repository is shown downstream, and its builds are kept there', async () => {
    const artifact = { groupId, artifactId: 'shared' };
    const folder = 'com/acme/shared/1.0-SNAPSHOT';
    for (const build of [first, second]) {
      await world.maven('base').deploySnapshot({ ...artifact, version: '1.0-SNAPSHOT' }, build);
      expect(await maven.text(`${folder}/maven-metadata.xml`)).toContain(`<value>1.0-${build}</value>`);
      expect(await maven.text(`${folder}/shared-1.0-SNAPSHOT.jar`)).toBe(`the jar of 1.0-${build}`);
    }
    expect(await world.held('team', artifact)).toEqual({ [`1.0-${first}`]: 'Unlisted', [`1.0-${second}`]: 'Unlisted' });
  });
});
