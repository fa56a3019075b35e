import { expect, it } from 'vitest';
import type { Stories } from '../describe-format.ts';
import type { Release } from '../format-user.ts';

/** A package of the world outside, and an attacker who knows the names of ours. */
export function publicRegistry({ world, user }: Stories): void {
  async function publicly(more: Partial<Release> = {}): Promise<Release> {
    const release = world().fresh(more);
    await world().registry.publish(release);
    // Whatever is remembered of the registry is old by then.
    world().clock.ahead += 10 * 60_000;
    return release;
  }

  it('is found, kept where it was asked for and where the connection is, and not between', async () => {
    const release = await publicly();
    expect(await world().listed('team', release.name)).toEqual(['1.0.0']);
    await world().expectBytes('team', release);
    expect(await world().versions('team', release.name)).toEqual(['1.0.0']);
    expect(await world().versions('store', release.name)).toEqual(['1.0.0']);
    expect(await world().versions('shared', release.name)).toEqual([]);
    for (const repository of ['team', 'store'] as const) {
      expect(await world().describe(repository, release)).toMatchObject({
        status: 'Published',
        origin: {
          originType: 'EXTERNAL',
          domainEntryPoint: { externalConnectionName: user.registry?.connection },
        },
      });
      expect(await world().restrictions(repository, release.name)).toEqual({ publish: 'BLOCK', upstream: 'ALLOW' });
    }
  });

  it('that was kept is there while the registry is away, and comes from it no more', async () => {
    const release = await publicly();
    await world().expectBytes('team', release);
    const asked = () => world().registry.requests.filter((request) => request.includes(release.name)).length;
    const before = asked();
    await world().expectBytes('team', release);
    await world().expectBytes('store', release);
    expect(asked()).toBe(before);
    await world().registry.goAway();
    try {
      world().clock.ahead += 10 * 60_000;
      await world().expectBytes('team', release);
      expect(await world().listed('team', release.name)).toEqual(['1.0.0']);
    } finally {
      await world().registry.comeBack();
    }
  });

  it('is fetched once, however many want it at once', async () => {
    const release = await publicly();
    const { bytes } = await world().mainFile(release);
    await world().listed('team', release.name);
    world().registry.requests.length = 0;
    const replies = await Promise.all(
      (['team', 'store', 'team', 'shared', 'team', 'store'] as const).map((at) => world().download(at, release)),
    );
    for (const reply of replies) expect([reply.status, reply.bytes.equals(bytes)]).toEqual([200, true]);
    const fileName = user.pathOf(release, (await world().mainFile(release)).name).replace(/^.*\//, '');
    expect(world().registry.requests.filter((request) => request.endsWith(fileName))).toHaveLength(1);
  });

  it('with other bytes than the registry says is given to nobody as whole, and not kept', async () => {
    const release = await publicly();
    world().registry.sendOtherBytes(true);
    try {
      // What was begun is broken off before its end.
      const status = await world()
        .download('team', release)
        .then(
          (reply) => reply.status,
          () => 'broken off',
        );
      expect(status).toBeOneOf([502, 'broken off']);
      for (const repository of ['team', 'store'] as const) {
        expect(await world().versions(repository, release.name)).toEqual([]);
      }
    } finally {
      world().registry.sendOtherBytes(false);
    }
    await world().expectBytes('team', release);
  });

  it('is read by the API as if it had been published here', async () => {
    const says = { summary: 'Drills holes', dependency: 'drill-bits', readme: '# Drill\n' };
    const release = await publicly({ says });
    await world().expectBytes('team', release);
    const input = { ...world().where('team', release.name), packageVersion: release.version };
    if (user.cannot.summary === undefined) {
      expect((await world().describe('team', release))['summary']).toBe(says.summary);
    }
    const { dependencies } = await world().call('ListPackageVersionDependencies', input);
    const expected = user.cannot.dependencies === undefined ? [user.dependency?.(says.dependency)] : [];
    expect(dependencies).toEqual(expected);
  });

  it('has a name that nobody publishes to by mistake', async () => {
    const release = await publicly();
    expect(await world().publish('store', { ...release, text: 'ours' })).toBe(409);
    await world().expectBytes('store', release);
    expect(await world().publish('store', { ...release, version: '2.0.0' })).toBe(403);
  });

  it('takes over no name that was published here, with nothing set up for it', async () => {
    const ours = world().fresh();
    await world().published('shared', ours);
    for (const version of ['1.0.0', '1.0.1', '99.0.0']) {
      await world().registry.publish({ ...ours, version, text: 'evil' });
    }
    world().clock.ahead += 10 * 60_000;
    world().registry.requests.length = 0;
    for (const repository of ['shared', 'team'] as const) {
      expect(await world().listed(repository, ours.name)).toEqual(['1.0.0']);
      await world().expectBytes(repository, ours);
      const evil = { ...ours, version: '99.0.0' };
      expect((await world().download(repository, evil)).status).toBe(404);
    }
    expect(world().registry.requests).toEqual([]);
    await world().change('DeletePackageVersions', 'shared', ours);
    expect(await world().listed('shared', ours.name)).toEqual([]);
  });

  it.each(['origin configuration', 'package group'] as const)('is kept out by its %s', async (by) => {
    const release = await publicly();
    const place = world().where('team', release.name);
    if (by === 'package group') await world().restrictGroup(release.name, { EXTERNAL_UPSTREAM: 'BLOCK' });
    else {
      const restrictions = { publish: 'ALLOW', upstream: 'BLOCK' };
      await world().call('PutPackageOriginConfiguration', { ...place, restrictions });
    }
    expect(await world().listed('team', release.name)).toEqual([]);
    expect((await world().download('team', release)).status).toBe(404);
    expect(await world().versions('team', release.name)).toEqual([]);
    if (by === 'package group') await world().restrictGroup(release.name, { EXTERNAL_UPSTREAM: 'ALLOW' });
    else {
      const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };
      await world().call('PutPackageOriginConfiguration', { ...place, restrictions });
    }
    await world().expectBytes('team', release);
  });
}
