import { afterAll, beforeAll, expect, it } from 'vitest';
import { MavenWorld } from '../support/maven-world.ts';

let world: MavenWorld;
beforeAll(async () => {
  world = await MavenWorld.with({ team: [] });
});
afterAll(() => world[Symbol.asyncDispose]());

/** What is told of an artifact, in order. */
async function told(artifactId: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${world.token}` };
  const text = await (await fetch(`${world.server.url}/_packyard/events`, { headers })).text();
  const events = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).detail]));
  return events
    .filter(({ packageName }) => packageName === artifactId)
    .map(({ operationType, packageVersion, packageVersionState, changes }) => {
      const { assetsAdded, assetsRemoved, statusChanged } = changes;
      const status = statusChanged ? ', now ' : ', still ';
      return `${operationType} ${packageVersion}: +${assetsAdded} -${assetsRemoved}${status}${packageVersionState}`;
    });
}

it('A release is told of with each file, and when it is finished', async () => {
  await world.maven('team').deploy({ groupId: 'com.acme', artifactId: 'release', version: '1.0' });
  expect(await told('release')).toEqual([
    'Created 1.0: +1 -0, now Unfinished',
    'Updated 1.0: +1 -0, still Unfinished',
    'Updated 1.0: +0 -0, now Published',
  ]);
});

it('A SNAPSHOT is told of with each build', async () => {
  const sketch = { groupId: 'com.acme', artifactId: 'snapshot', version: '1.0-SNAPSHOT' };
  for (const build of ['20210728.194552-1', '20210729.194552-2']) {
    await world.maven('team').deploySnapshot(sketch, build);
  }
  expect(await told('snapshot')).toEqual([
    'Created 1.0-20210728.194552-1: +1 -0, now Unfinished',
    'Updated 1.0-20210728.194552-1: +1 -0, still Unfinished',
    'Updated 1.0-20210728.194552-1: +0 -0, now Unlisted',
    'Created 1.0-SNAPSHOT: +2 -0, now Published',
    'Created 1.0-20210729.194552-2: +1 -0, now Unfinished',
    'Updated 1.0-20210729.194552-2: +1 -0, still Unfinished',
    'Updated 1.0-20210729.194552-2: +0 -0, now Unlisted',
    'Updated 1.0-SNAPSHOT: +2 -2, still Published',
  ]);
});
