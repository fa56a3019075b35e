import { afterAll, beforeAll, expect, it } from 'vitest';
import { MavenWorld } from '../support/maven-world.ts';

let world: MavenWorld;
beforeAll(async () => {
  world = await MavenWorld.with({ team: [] });
  await world.maven('team').deploy({ groupId: 'com.acme', artifactId: 'tool', version: '1.0' });
});
afterAll(() => world[Symbol.asyncDispose]());

const jar = 'com/acme/tool/1.0/tool-1.0.jar';

it('Who sends no credentials is asked for them as Maven, Gradle and Ivy expect it', async () => {
  const response = await fetch(world.maven('team').endpoint + jar);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toContain('Basic realm="acme/team"');
});

it('Who is refused is told why where Maven shows it', async () => {
  const response = await world.maven('team').fetch(jar, { method: 'PUT', body: 'another' });
  expect([response.status, response.statusText]).toEqual([
    409,
    "Version '1.0' of 'com.acme:tool' cannot be published: it is already in the repository with other content; publish a new version number.",
  ]);
  const path = encodeURI('com/acme/tool/1.0/werkzeug-ö-1.0.jar');
  const strange = await world.maven('team').fetch(path, { method: 'PUT', body: 'x' });
  expect([strange.status, strange.statusText]).toEqual([400, expect.stringContaining("'werkzeug-?-1.0.jar'")]);
});

it('Who sends others gets nothing and leaves nothing', async () => {
  const stranger = world.maven('team', 'not-a-token');
  expect((await stranger.get(jar)).status).toBe(401);
  expect(await stranger.send('com/acme/other/1.0/other-1.0.jar', 'jar')).toBe(401);
  expect(await world.held('team', { groupId: 'com.acme', artifactId: 'other' })).toEqual({});
});

it('A token may be sent as Bearer too', async () => {
  const headers = { authorization: `Bearer ${world.token}` };
  expect((await fetch(world.maven('team').endpoint + jar, { headers })).status).toBe(200);
});

it('A file is sent in parts to those who ask for one', async () => {
  const response = await world.maven('team').fetch(jar, { headers: { range: 'bytes=4-6' } });
  expect([response.status, await response.text()]).toEqual([206, 'jar']);
});
