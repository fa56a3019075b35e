import { expect, it } from 'vitest';
import { jsonType, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

const versions = 400;
const filesOfEach = 50;

it('lists 20,000 public files at once, and again without reading any of them', async () => {
  await using world = await PypiWorld.with({ store: 'public:pypi', team: ['store'] });
  world.publicRegistry.hasMetadata = false;
  const { bytes } = wheelFile('nightly', '1.0');
  for (let version = 0; version < versions; version += 1) {
    const names = Array.from(
      { length: filesOfEach },
      (_, n) => `nightly-1.${version}-cp3${n}-cp3${n}-linux_x86_64.whl`,
    );
    world.publicRegistry.publish(
      'nightly',
      `1.${version}`,
      names.map((fileName) => ({ fileName, bytes })),
    );
  }
  const page = await world.pypi('team').page('nightly');
  expect([page['versions'].length, page['files'].length]).toEqual([versions, versions * filesOfEach]);

  const first = await world.pypi('team').fetch('simple/nightly/', { headers: { accept: jsonType } });
  await first.arrayBuffer();
  const start = performance.now();
  const headers = { accept: jsonType, 'if-none-match': first.headers.get('etag') ?? '' };
  for (let times = 0; times < 20; times += 1) {
    expect((await world.pypi('team').fetch('simple/nightly/', { headers })).status).toBe(304);
  }
  expect(performance.now() - start).toBeLessThan(2_000);
});
