import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer } from '../support/server.ts';
import { NpmUser, npmEndpoint } from '../support/user.ts';
import { World } from '../support/world.ts';

/** The whole way of a request over the other database; what the queries do on it is told in test/contract. */
describe.skipIf(!hasPostgres())('With --database postgres://…', () => {
  let postgres: TestPostgres;
  let world: World;
  beforeAll(async () => {
    postgres = await startPostgres();
    world = await World.with({ store: 'public:npmjs', team: ['store'] }, { database: await postgres.newDatabase() });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await postgres.stop();
  });

  it('publishes, installs and retains as with the embedded one', async () => {
    const npm = world.npm('team');
    await world.publicRegistry.publish({ name: 'lib', version: '1.0.0' });
    expect((await npm.publish({ name: '@acme/hello', version: '1.0.0' })).status).toBe(200);
    expect((await npm.publish({ name: '@acme/hello', version: '1.0.0', files: { x: '' } })).status).toBe(409);
    expect((await (await npm.fetch('lib/-/lib-1.0.0.tgz')).arrayBuffer()).byteLength).toBeGreaterThan(100);
    await world.publicRegistry.stop();
    expect(Object.keys((await world.npm('store').json('lib')).versions)).toEqual(['1.0.0']);
    expect((await npm.json('@acme/hello'))['dist-tags']).toEqual({ latest: '1.0.0' });
  });

  it('keeps what is only cached: who comes later asks no registry again', async () => {
    const database = await postgres.newDatabase();
    await using first = await World.with({ store: 'public:npmjs' }, { database });
    expect((await first.npm('store').fetch('nowhere')).status).toBe(404);
    await first.server.close();

    const registry = { 'public:npmjs': first.publicRegistry.url };
    await using later = await startServer({ database, registry });
    const npm = new NpmUser(npmEndpoint(later.url, first.domain, 'store'), first.token);
    expect((await npm.fetch('nowhere')).status).toBe(404);
    expect(first.publicRegistry.count('GET /nowhere')).toBe(1);
  });

  it('lets exactly one of many racing publishers of a version win', async () => {
    const racers = Array.from({ length: 12 }, (_, n) =>
      world.npm('team').publish({ name: 'raced', version: '1.0.0', files: { 'who.txt': `${n}` } }),
    );
    const statuses = (await Promise.all(racers)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, ...Array(11).fill(409)]);
  });
});
