import {
  GetPackageVersionReadmeCommand,
  ListPackageVersionDependenciesCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sumOf } from '../support/maven-registry.ts';
import { artifactMetadata, type MavenUser, MavenWorld } from '../support/maven-world.ts';

let world: MavenWorld;
let maven: MavenUser;
beforeAll(async () => {
  world = await MavenWorld.with({ team: [] });
  maven = world.maven('team');
});
afterAll(() => world[Symbol.asyncDispose]());

const groupId = 'com.acme';
/** Each story has an artifact of its own. */
let stories = 0;
const story = () => {
  stories += 1;
  const artifactId = `tool-${stories}`;
  const folder = `com/acme/${artifactId}/`;
  return { artifact: { groupId, artifactId }, folder, file: `${folder}1.0/${artifactId}-1.0` };
};

describe('A deploy', () => {
  it('gives everyone the files, their sums and the list of versions', async () => {
    const { artifact, folder, file } = story();
    await maven.deploy({ ...artifact, version: '1.0', files: { '-sources.jar': 'sources' } });
    const jar = await maven.fetch(`${file}.jar`);
    const bytes = Buffer.from(await jar.arrayBuffer());
    expect(bytes.toString()).toBe(`the jar of ${artifact.artifactId} 1.0`);
    expect(Object.fromEntries(jar.headers)).toMatchObject({
      'content-type': 'application/java-archive',
      'content-length': String(bytes.length),
      'cache-control': 'private, max-age=31536000, immutable',
      'x-checksum-sha1': sumOf('sha1', bytes),
      'x-checksum-md5': sumOf('md5', bytes),
      etag: `"${sumOf('sha256', bytes)}"`,
    });
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      expect(await maven.text(`${file}.jar.${algorithm}`)).toBe(sumOf(algorithm, bytes));
    }
    expect((await maven.fetch(`${file}.pom`)).headers.get('content-type')).toBe('application/xml');
    expect(await maven.text(`${file}-sources.jar`)).toBe('sources');
    const { artifactId } = artifact;
    expect(await world.assets('team', artifact, '1.0')).toEqual([
      `${artifactId}-1.0-sources.jar`,
      `${artifactId}-1.0.jar`,
      `${artifactId}-1.0.pom`,
    ]);
    expect(await maven.text(`${folder}maven-metadata.xml`)).toMatch(
      new RegExp(`<metadata>
  <groupId>com.acme</groupId>
  <artifactId>${artifactId}</artifactId>
  <versioning>
    <latest>1.0</latest>
    <release>1.0</release>
    <versions>
      <version>1.0</version>
    </versions>
    <lastUpdated>\\d{14}</lastUpdated>
  </versioning>
</metadata>\n$`),
    );
  });

  it('is invisible until the metadata names the version', async () => {
    const { artifact, folder, file } = story();
    await maven.upload(`${file}.jar`, 'jar');
    await maven.upload(`${file}.pom`, '<project/>');
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Unfinished' });
    expect([(await maven.get(`${file}.jar`)).status, (await maven.get(`${file}.jar.sha1`)).status]).toEqual([404, 404]);
    expect((await maven.get(`${folder}maven-metadata.xml`)).status).toBe(404);
    expect(
      await maven.send(`${folder}maven-metadata.xml`, artifactMetadata(groupId, artifact.artifactId, ['0.9'])),
    ).toBe(201);
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Unfinished' });
    const named = artifactMetadata(groupId, artifact.artifactId, ['0.9', '1.0']);
    expect(await maven.send(`${folder}maven-metadata.xml`, named)).toBe(201);
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Published' });
    expect(await maven.text(`${file}.jar`)).toBe('jar');
    const metadata = await maven.text(`${folder}maven-metadata.xml`);
    expect(metadata).toContain('<version>1.0</version>');
    expect(metadata).not.toContain('0.9');
  });

  it('without metadata, as by sbt and curl, is published by the API', async () => {
    const { artifact, file } = story();
    await maven.upload(`${file}.jar`, 'jar');
    await world.aws.send(
      new UpdatePackageVersionsStatusCommand({
        domain: 'acme',
        repository: 'team',
        format: 'maven',
        namespace: groupId,
        package: artifact.artifactId,
        versions: ['1.0'],
        targetStatus: 'Published',
      }),
    );
    expect(await maven.text(`${file}.jar`)).toBe('jar');
  });

  it('of the same file again is a success with the same bytes, and a conflict with others', async () => {
    const { artifact, file } = story();
    await maven.deploy({ ...artifact, version: '1.0' });
    expect(await maven.send(`${file}.jar`, `the jar of ${artifact.artifactId} 1.0`)).toBe(201);
    expect(await maven.send(`${file}.jar`, 'another')).toBe(409);
    expect(await maven.text(`${file}.jar`)).toBe(`the jar of ${artifact.artifactId} 1.0`);
  });

  it('of another file later joins the version', async () => {
    const { artifact, file } = story();
    await maven.deploy({ ...artifact, version: '1.0' });
    await maven.upload(`${file}-javadoc.jar`, 'javadoc');
    expect(await maven.text(`${file}-javadoc.jar`)).toBe('javadoc');
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Published' });
  });

  it('in the order of Gradle, with four sums for each file, its metadata after a look at what is there', async () => {
    const { artifact, folder, file } = story();
    for (const version of ['1.0', '1.1']) {
      for (const end of ['.jar', '.pom', '-sources.jar', '.module']) {
        const path = file.replaceAll('1.0', version) + end;
        expect((await maven.fetch(path, { method: 'HEAD' })).status).toBe(404);
        expect(await maven.send(path, end)).toBe(201);
        for (const algorithm of ['sha1', 'md5', 'sha256', 'sha512']) {
          expect(await maven.send(`${path}.${algorithm}`, sumOf(algorithm, end))).toBe(201);
        }
      }
      const path = `${folder}maven-metadata.xml`;
      const { status, text } = await maven.get(path);
      expect(status).toBe(version === '1.0' ? 404 : 200);
      const known = [...text.matchAll(/<version>(.*)<\/version>/g)].map(([, each = '']) => each);
      const sent = artifactMetadata(groupId, artifact.artifactId, [...known, version]);
      for (const [at, body] of [
        [path, sent],
        [`${path}.sha1`, sumOf('sha1', sent)],
        [`${path}.sha512`, sumOf('sha512', sent)],
      ] as const) {
        expect(await maven.send(at, body)).toBe(201);
      }
    }
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Published', '1.1': 'Published' });
    const head = await maven.fetch(`${file}.module`, { method: 'HEAD' });
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': '7',
      etag: `"${sumOf('sha256', '.module')}"`,
      'x-checksum-sha1': sumOf('sha1', '.module'),
      'last-modified': expect.stringContaining('GMT'),
    });
  });

  it('in parallel, as Maven 3.9 does it, makes one version with all files', async () => {
    const { artifact, folder, file } = story();
    const ends = ['.pom', '.jar', '-sources.jar', '-javadoc.jar', '-tests.jar', '.module', '.jar.asc', '.pom.asc'];
    const statuses = await Promise.all(ends.map((end) => maven.send(file + end, `content of ${end}`)));
    expect(new Set(statuses)).toEqual(new Set([201]));
    await maven.send(`${folder}maven-metadata.xml`, artifactMetadata(groupId, artifact.artifactId, ['1.0']));
    expect(await Promise.all(ends.map((end) => maven.text(file + end)))).toEqual(
      ends.map((end) => `content of ${end}`),
    );
  });

  it('lets one of many racing uploads of a file win', async () => {
    const { file } = story();
    const statuses = await Promise.all(Array.from({ length: 8 }, (_, n) => maven.send(`${file}.jar`, `jar ${n}`)));
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('of several versions lists them in the order of Maven', async () => {
    const { artifact, folder } = story();
    for (const version of ['1.10', '1.9', '2.0-rc1', '1.10.1']) await maven.deploy({ ...artifact, version });
    const metadata = await maven.text(`${folder}maven-metadata.xml`);
    expect([...metadata.matchAll(/<version>(.*)<\/version>/g)].map(([, version]) => version)).toEqual([
      '1.9',
      '1.10',
      '1.10.1',
      '2.0-rc1',
    ]);
    expect(metadata).toContain('<release>2.0-rc1</release>');
  });

  it('tells what the POM says', async () => {
    const { artifact } = story();
    const pom = `<name>Tool</name><description>does it</description><url>https://acme.example</url>
      <licenses><license><name>MIT</name></license></licenses><scm><url>https://acme.example/git</url></scm>
      <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>7</version></parent>
      <properties><v>1.2</v></properties>
      <dependencies>
        <dependency><groupId>org.lib</groupId><artifactId>lib</artifactId><version>\${v}</version></dependency>
        <dependency><groupId>org.t</groupId><artifactId>t</artifactId><version>3</version><scope>test</scope></dependency>
        <dependency><groupId>org.o</groupId><artifactId>o</artifactId><version>4</version><optional>true</optional></dependency>
      </dependencies>`;
    await maven.deploy({ ...artifact, version: '1.0', pom });
    expect(await world.described('team', artifact, '1.0')).toMatchObject({
      format: 'maven',
      namespace: groupId,
      displayName: 'Tool',
      summary: 'does it',
      homePage: 'https://acme.example',
      sourceCodeRepository: 'https://acme.example/git',
      licenses: [{ name: 'MIT' }],
      origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'team' } },
    });
    const version = {
      domain: 'acme',
      repository: 'team',
      format: 'maven',
      namespace: groupId,
      package: artifact.artifactId,
      packageVersion: '1.0',
    } as const;
    const readme = world.aws.send(new GetPackageVersionReadmeCommand(version));
    await expect(readme).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const { dependencies } = await world.aws.send(new ListPackageVersionDependenciesCommand(version));
    expect(dependencies).toEqual([
      { namespace: 'com.acme', package: 'parent', dependencyType: 'parent', versionRequirement: '7' },
      { namespace: 'org.lib', package: 'lib', dependencyType: 'compile', versionRequirement: '1.2' },
      { namespace: 'org.t', package: 't', dependencyType: 'test', versionRequirement: '3' },
      { namespace: 'org.o', package: 'o', dependencyType: 'optional', versionRequirement: '4' },
    ]);
  });
});
