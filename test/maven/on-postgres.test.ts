import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MavenWorld } from '../support/maven-world.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';

/** The whole way of a request over the other database; what the queries do on it is told in test/contract. */
describe.skipIf(!hasPostgres())('With --database postgres://…', () => {
  let postgres: TestPostgres;
  let world: MavenWorld;
  beforeAll(async () => {
    postgres = await startPostgres();
    const sketches = { store: 'public:maven-central', team: ['store'] } as const;
    world = await MavenWorld.with(sketches, { database: await postgres.newDatabase() });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await postgres.stop();
  });

  it('deploys, resolves and retains as with the embedded one', async () => {
    const maven = world.maven('team');
    world.publicRegistry.publish({ groupId: 'org.lib', artifactId: 'lib', version: '1.0' });
    await maven.deploy({ groupId: 'com.acme', artifactId: 'tool', version: '1.0' });
    expect(await maven.send('com/acme/tool/1.0/tool-1.0.jar', 'another')).toBe(409);
    expect(await maven.text('org/lib/lib/1.0/lib-1.0.jar')).toBe('the jar of lib 1.0');
    expect(await world.held('store', { groupId: 'org.lib', artifactId: 'lib' })).toEqual({ '1.0': 'Published' });
  });

  it('shows the newest of builds that are deployed at once', async () => {
    const builds = Array.from({ length: 6 }, (_, n) => `2021072${n}.194552-1`);
    const sketch = { groupId: 'com.acme', artifactId: 'race', version: '1.0-SNAPSHOT' };
    await Promise.all(builds.map((build) => world.maven('team').deploySnapshot(sketch, build)));
    const jar = await world.maven('team').text('com/acme/race/1.0-SNAPSHOT/race-1.0-SNAPSHOT.jar');
    expect(jar).toBe('the jar of 1.0-20210725.194552-1');
    expect(Object.keys(await world.held('team', sketch))).toHaveLength(7);
  });
});
