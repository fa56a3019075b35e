import {
  CopyPackageVersionsCommand,
  CreatePackageGroupCommand,
  DeletePackageCommand,
  DeletePackageVersionsCommand,
  UpdatePackageGroupOriginConfigurationCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sumOf } from '../support/maven-registry.ts';
import { artifactMetadata, type MavenUser, MavenWorld } from '../support/maven-world.ts';

let world: MavenWorld;
let maven: MavenUser;
beforeAll(async () => {
  world = await MavenWorld.with({ base: [], team: ['base'], far: ['team'], aside: [] });
  maven = world.maven('team');
});
afterAll(() => world[Symbol.asyncDispose]());

const plugins = (...entries: string[]) =>
  `<metadata><plugins>${entries
    .map((entry) => {
      const [prefix, artifactId] = entry.split('=');
      return `<plugin><name>x</name><prefix>${prefix}</prefix><artifactId>${artifactId}</artifactId></plugin>`;
    })
    .join('')}</plugins></metadata>`;

describe('The metadata of an artifact', () => {
  it('comes with its sums, in headers and at addresses of their own', async () => {
    await maven.deploy({ groupId: 'com.acme', artifactId: 'summed', version: '1.0' });
    const path = 'com/acme/summed/maven-metadata.xml';
    const response = await maven.fetch(path);
    const text = await response.text();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/xml',
      'cache-control': 'private, no-cache',
      'x-checksum-sha1': sumOf('sha1', text),
      'x-checksum-sha512': sumOf('sha512', text),
    });
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      expect(await maven.text(`${path}.${algorithm}`)).toBe(sumOf(algorithm, text));
    }
    const headers = { 'if-none-match': response.headers.get('etag') ?? '' };
    expect((await maven.fetch(path, { headers })).status).toBe(304);
    const head = await maven.fetch(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('x-checksum-md5')]).toEqual([200, sumOf('md5', text)]);
  });

  it('that is sent takes no version away', async () => {
    for (const version of ['1.0', '1.1']) await maven.deploy({ groupId: 'com.acme', artifactId: 'both', version });
    const text = await maven.text('com/acme/both/maven-metadata.xml');
    expect(text).toContain('<version>1.0</version>\n      <version>1.1</version>');
    expect(text).toContain('<latest>1.1</latest>\n    <release>1.1</release>');
  });

  it('lists no version that is not Published', async () => {
    for (const version of ['1.0', '1.1']) await maven.deploy({ groupId: 'com.acme', artifactId: 'shy', version });
    const at = { domain: 'acme', repository: 'team', format: 'maven', namespace: 'com.acme', package: 'shy' } as const;
    for (const [targetStatus, status] of [
      ['Unlisted', 200],
      ['Archived', 404],
      ['Published', 200],
    ] as const) {
      await world.aws.send(new UpdatePackageVersionsStatusCommand({ ...at, versions: ['1.1'], targetStatus }));
      const isListed = (await maven.text('com/acme/shy/maven-metadata.xml')).includes('<version>1.1</version>');
      expect(isListed).toBe(targetStatus === 'Published');
      expect((await maven.get('com/acme/shy/1.1/shy-1.1.jar')).status).toBe(status);
    }
  });

  it('names the versions of all repositories on the way', async () => {
    await world.maven('base').deploy({ groupId: 'com.acme', artifactId: 'wide', version: '1.0' });
    await world.maven('far').deploy({ groupId: 'com.acme', artifactId: 'wide', version: '1.1' });
    const far = await world.maven('far').text('com/acme/wide/maven-metadata.xml');
    // What is first published in a repository takes nothing from upstreams.
    expect(far).not.toContain('<version>1.0</version>');
    expect(await world.maven('team').text('com/acme/wide/maven-metadata.xml')).toContain('<version>1.0</version>');
  });

  it.each([
    ['of another artifact', artifactMetadata('com.acme', 'other', ['1.0'])],
    ['of another group', artifactMetadata('com.other', 'strict', ['1.0'])],
    ['that is no XML', 'versions: [1.0]'],
    ['that is cut off', artifactMetadata('com.acme', 'strict', ['1.0']).slice(0, -20)],
    ['with a DOCTYPE', `<!DOCTYPE metadata [<!ENTITY a "1.0">]>${artifactMetadata('com.acme', 'strict', ['&a;'])}`],
    ['that is empty', ''],
  ])('is refused when it is one %s', async (_, body) => {
    await maven.send('com/acme/strict/1.0/strict-1.0.jar', 'jar');
    expect(await maven.send('com/acme/strict/maven-metadata.xml', body)).toBe(400);
    expect(await world.held('team', { groupId: 'com.acme', artifactId: 'strict' })).toEqual({ '1.0': 'Unfinished' });
  });

  it('takes its own sums', async () => {
    const path = 'com/acme/strict/maven-metadata.xml';
    expect(await maven.send(`${path}.sha1`, sumOf('sha1', 'what was sent'))).toBe(201);
    expect(await maven.send(`${path}.sha1`, 'no sum')).toBe(400);
  });
});

describe('The metadata of a group', () => {
  it('tells the prefixes of its plugins, those of all repositories on the way', async () => {
    const group = 'com/acme/build';
    await world.maven('base').deploy({ groupId: 'com.acme.build', artifactId: 'deep-plugin', version: '1.0' });
    expect(await world.maven('base').send(`${group}/maven-metadata.xml`, plugins('deep=deep-plugin'))).toBe(201);
    await maven.deploy({ groupId: 'com.acme.build', artifactId: 'shallow-plugin', version: '1.0' });
    expect((await world.maven('far').get(`${group}/maven-metadata.xml`)).status).toBe(200);
    const all = plugins('deep=deep-plugin', 'shallow=shallow-plugin', 'none=not-there');
    expect(await maven.send(`${group}/maven-metadata.xml`, all)).toBe(201);
    const text = await world.maven('far').text(`${group}/maven-metadata.xml`);
    expect([...text.matchAll(/<prefix>(.*)<\/prefix>\s*<artifactId>(.*)<\//g)].map(([, ...entry]) => entry)).toEqual([
      ['deep', 'deep-plugin'],
      ['shallow', 'shallow-plugin'],
    ]);
    expect(await world.maven('far').text(`${group}/maven-metadata.xml.sha1`)).toBe(sumOf('sha1', text));
  });

  it('tells a prefix as long as the plugin is there, whatever becomes of its versions, and where it is copied', async () => {
    const tool = { groupId: 'com.lasting', artifactId: 'tool-maven-plugin' };
    await maven.deploy({ ...tool, version: '1.0' });
    expect(await maven.send('com/lasting/maven-metadata.xml', plugins('tool=tool-maven-plugin'))).toBe(201);
    await maven.deploy({ ...tool, version: '1.1' });
    const named = { domain: 'acme', format: 'maven', namespace: 'com.lasting', package: 'tool-maven-plugin' } as const;
    await world.aws.send(new DeletePackageVersionsCommand({ ...named, repository: 'team', versions: ['1.0'] }));
    expect(await maven.text('com/lasting/maven-metadata.xml')).toContain('<prefix>tool</prefix>');
    const copy = { ...named, sourceRepository: 'team', destinationRepository: 'aside', versions: ['1.1'] };
    await world.aws.send(new CopyPackageVersionsCommand(copy));
    expect(await world.maven('aside').text('com/lasting/maven-metadata.xml')).toContain('<prefix>tool</prefix>');
    await world.aws.send(new DeletePackageCommand({ ...named, repository: 'team' }));
    expect((await maven.get('com/lasting/maven-metadata.xml')).status).toBe(404);
  });

  it('stands with the versions of an artifact that is at the same path', async () => {
    await maven.deploy({ groupId: 'com.both.plugins', artifactId: 'hello-maven-plugin', version: '1.0' });
    const path = 'com/both/plugins/maven-metadata.xml';
    expect(await maven.send(path, plugins('hello=hello-maven-plugin'))).toBe(201);
    await maven.deploy({ groupId: 'com.both', artifactId: 'plugins', version: '1', files: { '.jar': '' } });
    const text = await maven.text(path);
    for (const part of ['<version>1</version>', '<prefix>hello</prefix>']) expect(text).toContain(part);
    // A client sends both back with what is new.
    await maven.deploy({ groupId: 'com.both.plugins', artifactId: 'bye-maven-plugin', version: '1.0' });
    const more = plugins('hello=hello-maven-plugin', 'bye=bye-maven-plugin').replace('</metadata>', '');
    const versioning = '<versioning><versions><version>1</version></versions></versioning>';
    expect(await maven.send(path, `${more}${versioning}</metadata>`)).toBe(201);
    const merged = await maven.text(path);
    for (const part of ['<version>1</version>', '<prefix>hello<', '<prefix>bye<']) expect(merged).toContain(part);
    expect(await maven.text(`${path}.sha1`)).toBe(sumOf('sha1', merged));
  });

  it('leaves out plugins that a package group keeps from here', async () => {
    await world.maven('base').deploy({ groupId: 'com.cut', artifactId: 'cut-maven-plugin', version: '1.0' });
    expect(await world.maven('base').send('com/cut/maven-metadata.xml', plugins('cut=cut-maven-plugin'))).toBe(201);
    expect((await maven.get('com/cut/maven-metadata.xml')).status).toBe(200);
    const packageGroup = '/maven/com.cut/*';
    await world.aws.send(new CreatePackageGroupCommand({ domain: 'acme', packageGroup }));
    const restrictions = { INTERNAL_UPSTREAM: 'BLOCK' } as const;
    const cut = { domain: 'acme', packageGroup, restrictions };
    await world.aws.send(new UpdatePackageGroupOriginConfigurationCommand(cut));
    expect((await maven.get('com/cut/maven-metadata.xml')).status).toBe(404);
    expect((await world.maven('base').get('com/cut/maven-metadata.xml')).status).toBe(200);
  });

  it('is not there where there are none', async () => {
    expect((await maven.get('com/maven-metadata.xml')).status).toBe(404);
    expect((await maven.get('com/acme/maven-metadata.xml.sha1')).status).toBe(404);
  });
});
