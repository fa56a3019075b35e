import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf } from '../support/user.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.with({ base: [], team: ['base'] });
  await world
    .npm('team')
    .publish({ name: '@acme/button', version: '1.0.0', manifest: { description: 'A button', keywords: ['ui'] } });
  await world.npm('base').publish({ name: 'button-base', version: '2.0.0' });
  await world.npm('team').publish({ name: 'unrelated', version: '1.0.0' });
});
afterAll(() => world[Symbol.asyncDispose]());

const npm = () => world.npm('team');

describe('dist-tags', () => {
  it('are listed, added and removed', async () => {
    expect(await npm().json('-/package/@acme%2fbutton/dist-tags')).toEqual({ latest: '1.0.0' });
    expect((await npm().put('-/package/@acme%2fbutton/dist-tags/beta', '"1.0.0"')).status).toBe(200);
    expect(await npm().json('-/package/@acme%2Fbutton/dist-tags')).toEqual({ latest: '1.0.0', beta: '1.0.0' });
    expect((await npm().fetch('-/package/@acme%2fbutton/dist-tags/beta', { method: 'DELETE' })).status).toBe(200);
    expect((await npm().fetch('-/package/@acme%2fbutton/dist-tags/beta', { method: 'DELETE' })).status).toBe(404);
  });

  it.each([
    ['beta', '"9.9.9"', 404],
    ['beta', '1.0.0', 400],
    ['beta', '{"version":"1.0.0"}', 400],
    ['1.x', '"1.0.0"', 400],
    ['sp%20ace', '"1.0.0"', 400],
  ])('refuse the tag %s with the body %s', async (tag, body, status) => {
    expect((await npm().put(`-/package/@acme%2fbutton/dist-tags/${tag}`, body)).status).toBe(status);
  });

  it('refuse a body that is too large', async () => {
    expect((await npm().put('-/package/@acme%2fbutton/dist-tags/beta', `"${'1'.repeat(100_000)}"`)).status).toBe(413);
  });
});

describe('ping, whoami, search and keys', () => {
  it('answer', async () => {
    expect(await npm().json('-/ping')).toEqual({});
    expect(await npm().json('-/ping?write=true')).toEqual({});
    expect(await npm().json('-/whoami')).toEqual({ username: 'arn:aws:iam::000000000000:user/test' });
    expect(await npm().json('-/npm/v1/keys')).toEqual({ keys: [] });
  });

  it('find packages by a part of their name, upstream ones too', async () => {
    const { objects, total } = await npm().json('-/v1/search?text=button&size=20');
    expect(total).toBe(2);
    const found = objects.map((object: { package: { name: string } }) => object.package.name);
    expect(found.toSorted()).toEqual(['@acme/button', 'button-base']);
    expect(objects[0].package.publisher).toEqual({ username: 'arn:aws:iam::000000000000:user/test' });
    const { objects: page } = await npm().json('-/v1/search?text=button&size=1&from=1');
    expect(page).toHaveLength(1);
    expect((await npm().json('-/v1/search?text=%25')).total).toBe(0);
  });

  it('are switched off by --strict, where AWS has no such thing', async () => {
    await using strict = await World.with({ team: [] }, { strict: true });
    const statuses = ['-/ping', '-/whoami', '-/v1/search?text=a', '-/npm/v1/keys'].map(
      async (path) => (await strict.npm('team').fetch(path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 404, 404, 404]);
  });
});

describe('npm unpublish', () => {
  it.each([
    ['PUT', '@acme%2fbutton/-rev/1-abc'],
    ['DELETE', '@acme%2fbutton/-rev/1-abc'],
    ['DELETE', '@acme%2fbutton/-/button-1.0.0.tgz/-rev/1-abc'],
  ])('is refused with 405: %s /%s', async (method, path) => {
    const response = await npm().fetch(path, { method });
    expect([response.status, (await jsonOf(response)).error]).toEqual([
      405,
      expect.stringContaining('DeletePackageVersions'),
    ]);
    expect((await npm().fetch('@acme%2fbutton')).status).toBe(200);
  });
});

describe('What AWS does not have', () => {
  it.each([
    ['POST', '-/npm/v1/security/advisories/bulk'],
    ['POST', '-/npm/v1/security/audits/quick'],
    ['PUT', '-/user/org.couchdb.user:me'],
    ['GET', '-/npm/v1/user'],
  ])('answers 404: %s /%s', async (method, path) => {
    const response = await npm().fetch(path, { method, ...(method !== 'GET' && { body: '{}' }) });
    expect([response.status, await jsonOf(response)]).toEqual([
      404,
      expect.objectContaining({ error: expect.any(String) }),
    ]);
  });
});
