import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactMetadata, type MavenUser, MavenWorld } from '../support/maven-world.ts';

const logged: object[] = [];
let world: MavenWorld;
let maven: MavenUser;
beforeAll(async () => {
  const write = (fields: object, message: string) => void logged.push({ ...fields, message });
  world = await MavenWorld.with({ team: [] }, {}, { log: { info: () => undefined, warn: write, error: write } });
  maven = world.maven('team');
});
afterAll(() => world[Symbol.asyncDispose]());

/** Sends raw text with the user's credentials and gives the first line of the answer, if there is one. */
async function raw(request: string, body = '', headers = ''): Promise<string> {
  const { hostname, port, pathname } = new URL(maven.endpoint);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const [method, path] = request.split(' ');
  const basic = Buffer.from(`aws:${world.token}`).toString('base64');
  socket.write(
    `${method} ${pathname}${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic ${basic}\r\n${headers}Connection: close\r\n\r\n${body}`,
  );
  if (headers.includes('Content-Length') && body === 'half') {
    setTimeout(() => socket.destroy(), 200);
  }
  const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])]);
  socket.destroy();
  return String(chunk).split('\r\n', 1)[0] ?? '';
}

describe('A path', () => {
  it.each([
    'com/acme/../../../npm/team/lib',
    'com/acme/%2e%2e/%2e%2e/x/1.0/x-1.0.jar',
    'com/acme//x/1.0/x-1.0.jar',
    'com/acme/x;p=1/1.0/x-1.0.jar',
    'com/acme/x%5Cy/1.0/x-1.0.jar',
    'com/acme/x%00/1.0/x%00-1.0.jar',
    'com/acme/x/1.0/%2e%2e%2fx-1.0.jar',
    'com/acme/./x/1.0/x-1.0.jar',
    'com.acme/x/1.0/x-1.0.jar',
    'com/acme/x/1.0/y-1.0.jar',
    'com/acme/x/1.0/x-2.0.jar',
    'x-1.0.jar',
    'maven-metadata.xml',
    'com/acme/x/LATEST/x-LATEST.jar',
    `com/acme/${'x'.repeat(300)}/1.0/${'x'.repeat(300)}-1.0.jar`,
    'com/acme/x/1.0/x-1.0.jar/',
    '',
  ])('like %s leads nowhere', async (path) => {
    expect(await raw(`PUT ${path}`, 'jar', 'Content-Length: 3\r\n')).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(await raw(`GET ${path}`)).toMatch(/^HTTP\/1\.1 40[04] /);
  });

  it('with a plus keeps it, however it is written', async () => {
    await maven.deploy({ groupId: 'com.acme', artifactId: 'plus', version: '1.0+build' });
    expect(await raw('GET com/acme/plus/1.0+build/plus-1.0+build.jar')).toBe('HTTP/1.1 200 OK');
    expect(await raw('GET com/acme/plus/1.0%2Bbuild/plus-1.0%2bbuild.jar')).toBe('HTTP/1.1 200 OK');
  });

  it('of a folder lists nothing', async () => {
    await maven.deploy({ groupId: 'com.acme', artifactId: 'folder', version: '1.0' });
    for (const path of ['', 'com/', 'com/acme/folder/', 'com/acme/folder', 'com/acme/folder/1.0/']) {
      expect((await maven.get(path)).status).toBe(404);
    }
  });

  it('with another method is nothing', async () => {
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'MKCOL', 'PROPFIND']) {
      expect(await raw(`${method} com/acme/folder/1.0/folder-1.0.jar`)).toMatch(/^HTTP\/1\.1 40[045] /);
    }
  });
});

describe('An upload', () => {
  it('that breaks off leaves nothing', async () => {
    expect(await raw('PUT com/acme/cut/1.0/cut-1.0.jar', 'half', 'Content-Length: 1000\r\n')).toBe('');
    expect(await world.held('team', { groupId: 'com.acme', artifactId: 'cut' })).toEqual({});
    expect(await maven.send('com/acme/cut/1.0/cut-1.0.jar', 'whole')).toBe(201);
  });

  it('that expects 100 is told the end when it may not', async () => {
    const headers = 'Content-Length: 1000000000\r\nExpect: 100-continue\r\n';
    expect(await raw('PUT com/acme/x/1.0/y.jar', '', headers)).toMatch(/^HTTP\/1\.1 (100|400) /);
  });

  it('of an empty file is a file', async () => {
    await maven.deploy({ groupId: 'com.acme', artifactId: 'empty', version: '1.0', files: { '.txt': '' } });
    expect(await maven.text('com/acme/empty/1.0/empty-1.0.txt')).toBe('');
    expect(await maven.send('com/acme/empty/1.0/empty-1.0-x.pom', '')).toBe(201);
  });

  it.each([
    ['Content-Encoding', 'gzip'],
    ['Content-Range', 'bytes 0-0/10'],
  ])('with %s: %s is refused', async (header, value) => {
    const headers = { [header]: value };
    const response = await maven.fetch('com/acme/z/1.0/z-1.0.jar', { method: 'PUT', headers, body: 'x' });
    expect(response.status).toBe(400);
  });

  it.each([
    [
      'entities that grow',
      `<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY a${n} "${'&a;'.repeat(10)}">`).join('')}]><project><name>&a19;</name></project>`,
    ],
    ['external entities', '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><project><name>&x;</name></project>'],
    ['unknown entities', '<project><name>S&oslash;ren</name></project>'],
    ['no XML at all', '\u0000\u0001\u0002'],
    ['a million elements', `<project>${'<a/>'.repeat(1_000_000)}</project>`],
    ['deep nesting', `<project>${'<a>'.repeat(100_000)}`],
    ['50 MB', `<project><name>${'x'.repeat(50 * 1024 * 1024)}</name></project>`],
  ])('of a POM with %s is stored as it is', async (what, pom) => {
    const artifactId = `pom-${what.replace(/\W/g, '-')}`;
    const file = `com/acme/${artifactId}/1.0/${artifactId}-1.0.pom`;
    expect(await maven.send(file, pom)).toBe(201);
    expect(
      await maven.send(`com/acme/${artifactId}/maven-metadata.xml`, artifactMetadata('com.acme', artifactId, ['1.0'])),
    ).toBe(201);
    expect((await maven.text(file)).length).toBe(pom.length);
    const described = await world.described('team', { groupId: 'com.acme', artifactId }, '1.0');
    expect(described?.displayName).not.toContain('root:');
    expect(described?.displayName?.length).toBeLessThan(100);
  });

  it.each([
    ['too large', 'x'.repeat(9 * 1024 * 1024), 413],
    ['too many elements', `<metadata>${'<a/>'.repeat(300_000)}</metadata>`, 400],
    ['nested too deep', `<metadata>${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}</metadata>`, 400],
  ])('of metadata that is %s is refused', async (_, body, status) => {
    expect(await maven.send('com/acme/plus/maven-metadata.xml', body)).toBe(status);
  });

  it('that was refused was no fault of the server', () => {
    expect(logged).toEqual([]);
  });
});
