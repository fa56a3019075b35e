import { DeletePackageVersionsCommand } from '@aws-sdk/client-codeartifact';
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

const wrong = { md5: '0'.repeat(32), sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) };
const algorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;

describe('A checksum that is sent', () => {
  it.each(algorithms)('as %s is held against the file', async (algorithm) => {
    const file = `com/acme/sums-${algorithm}/1.0/sums-${algorithm}-1.0.jar`;
    await maven.send(file, 'jar');
    expect(await maven.send(`${file}.${algorithm}`, sumOf(algorithm, 'jar'))).toBe(201);
    expect(await maven.send(`${file}.${algorithm}`, `${sumOf(algorithm, 'jar')}  a.jar\n`)).toBe(201);
    expect(await maven.send(`${file}.${algorithm}`, sumOf(algorithm, 'other'))).toBe(400);
    expect(await maven.send(`${file}.${algorithm}`, sumOf(algorithm, 'jar').toUpperCase())).toBe(400);
    for (const body of ['', 'no sum', 'x'.repeat(100_000)]) {
      expect(await maven.send(`${file}.${algorithm}`, body)).toBe(400);
    }
  });

  it('for a file that is not there is 404', async () => {
    await maven.send('com/acme/some/1.0/some-1.0.jar', 'jar');
    for (const file of ['some/1.0/some-1.0.pom', 'some/2.0/some-2.0.jar', 'none/1.0/none-1.0.jar']) {
      expect(await maven.send(`com/acme/${file}.sha1`, sumOf('sha1', 'jar'))).toBe(404);
    }
  });

  it('when it is wrong keeps the version from being published, until the right one comes', async () => {
    const metadata = artifactMetadata('com.acme', 'kept', ['1.0']);
    await maven.send('com/acme/kept/1.0/kept-1.0.jar', 'jar');
    await maven.send('com/acme/kept/1.0/kept-1.0.pom', '<project/>');
    await maven.send('com/acme/kept/1.0/kept-1.0.jar.sha1', wrong.sha1);
    await maven.send('com/acme/kept/1.0/kept-1.0.jar.md5', wrong.md5);
    const refused = await maven.fetch('com/acme/kept/maven-metadata.xml', { method: 'PUT', body: metadata });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { message: expect.stringContaining("the sha1 and md5 sent for 'kept-1.0.jar'") },
    ]);
    expect((await maven.get('com/acme/kept/1.0/kept-1.0.jar')).status).toBe(404);
    expect(await maven.send('com/acme/kept/1.0/kept-1.0.jar.sha1', sumOf('sha1', 'jar'))).toBe(201);
    expect(await maven.send('com/acme/kept/maven-metadata.xml', metadata)).toBe(400);
    expect(await maven.send('com/acme/kept/1.0/kept-1.0.jar.md5', sumOf('md5', 'jar'))).toBe(201);
    expect(await maven.send('com/acme/kept/maven-metadata.xml', metadata)).toBe(201);
    expect(await maven.text('com/acme/kept/1.0/kept-1.0.jar')).toBe('jar');
  });

  it('when it is wrong is forgotten with the version', async () => {
    const artifact = { groupId: 'com.acme', artifactId: 'again' };
    await maven.send('com/acme/again/1.0/again-1.0.jar', 'broken');
    await maven.send('com/acme/again/1.0/again-1.0.jar.sha1', wrong.sha1);
    await world.aws.send(
      new DeletePackageVersionsCommand({
        domain: 'acme',
        repository: 'team',
        format: 'maven',
        namespace: 'com.acme',
        package: 'again',
        versions: ['1.0'],
      }),
    );
    await maven.deploy({ ...artifact, version: '1.0' });
    expect(await world.held('team', artifact)).toEqual({ '1.0': 'Published' });
  });

  it('when it is wrong changes nothing for a published version, which has its own', async () => {
    await maven.deploy({ groupId: 'com.acme', artifactId: 'done', version: '1.0' });
    expect(await maven.send('com/acme/done/1.0/done-1.0.jar.sha1', wrong.sha1)).toBe(400);
    expect(await maven.send('com/acme/done/maven-metadata.xml', artifactMetadata('com.acme', 'done', ['1.0']))).toBe(
      201,
    );
    expect(await maven.text('com/acme/done/1.0/done-1.0.jar.sha1')).toBe(sumOf('sha1', 'the jar of done 1.0'));
  });

  it('is no asset', async () => {
    const artifact = { groupId: 'com.acme', artifactId: 'bare' };
    await maven.deploy({ ...artifact, version: '1.0' });
    expect(await world.assets('team', artifact, '1.0')).toEqual(['bare-1.0.jar', 'bare-1.0.pom']);
    expect((await maven.get('com/acme/bare/1.0/bare-1.0.jar.sha1.md5')).status).toBe(404);
    expect(await maven.send('com/acme/bare/1.0/bare-1.0.jar.sha1.md5', wrong.md5)).toBe(400);
  });
});
