import { expect, it } from 'vitest';
import type { FormatRules } from '../../../../src/core/format.ts';
import type { Stories } from '../describe-format.ts';

/** What comes from other repositories and from the public registry, and who may bring what in. */
export function upstream({ world, user, needs }: Stories, rules: FormatRules): void {
  it('says what it cannot, neither more nor less than its rules make it', () => {
    expect(user.cannot.upstreams !== undefined).toBe(rules.isIsolated === true);
    expect(user.cannot['public registry'] !== undefined).toBe(rules.remote === undefined);
    expect(user.registry === undefined).toBe(rules.remote === undefined);
    if (user.registry !== undefined) expect(rules.remote?.connections).toContain(user.registry.connection);
  });

  needs('upstreams', {
    can: [
      'is found upstream, and kept where it was asked for and not between',
      async () => {
        const release = world().fresh();
        await world().published('base', release);
        expect(await world().listed('team', release.name)).toEqual(['1.0.0']);
        expect(await world().versions('team', release.name)).toEqual([]);
        await world().happenings(release.name);
        await world().expectBytes('team', release);
        expect(await world().versions('team', release.name)).toEqual(['1.0.0']);
        expect(await world().versions('shared', release.name)).toEqual([]);
        const told = await world().happenings(release.name);
        expect(told[0]).toMatchObject({ repository: 'team', operation: 'Created', status: 'Published' });
        expect(told.every(({ repository }) => repository === 'team')).toBe(true);
        expect((await world().describe('team', release))['origin']).toEqual(
          (await world().describe('base', release))['origin'],
        );
      },
    ],
    cannot: [
      'is not looked for upstream',
      async () => {
        const release = world().fresh();
        await world().published('base', release);
        expect(await world().listed('team', release.name)).toEqual([]);
        expect((await world().download('team', release)).status).toBe(404);
        expect(await world().versions('team', release.name)).toEqual([]);
        const ours = { ...release, text: 'ours' };
        await world().published('team', ours);
        await world().expectBytes('team', ours);
        await world().expectBytes('base', release);
      },
    ],
  });

  if (user.cannot.upstreams !== undefined) return;

  it('that was kept outlives its deletion upstream; what was not is gone with it', async () => {
    const release = world().fresh();
    const second = { ...release, version: '2.0.0' };
    for (const one of [release, second]) await world().published('base', one);
    await world().expectBytes('team', release);
    await world().call('DeletePackage', world().where('base', release.name));
    expect(await world().listed('team', release.name)).toEqual(['1.0.0']);
    await world().expectBytes('team', release);
    expect((await world().download('team', second)).status).toBe(404);
  });

  if (user.cannot['more files'] === undefined) {
    it('gets a file that its version got upstream later, when it is asked for', async () => {
      const release = world().fresh();
      await world().published('base', release);
      await world().expectBytes('team', release);
      const extra = await user.extraFile?.(release, 'later');
      if (extra === undefined) throw new Error('a format that takes more files has one');
      expect(await world().add('base', release, extra)).toBeOneOf([200, 201, 202, 204]);
      const reply = await world().download('team', release, extra.name);
      expect([reply.status, reply.bytes.equals(extra.bytes)]).toEqual([200, true]);
      expect((await world().assets('team', release)).map(({ name }) => name)).toContain(extra.name);
      await world().call('DeletePackage', world().where('base', release.name));
      expect((await world().download('team', release, extra.name)).status).toBe(200);
      await world().expectBytes('team', release);
    });
  }

  it('is kept out by a package group that takes in nothing from upstream', async () => {
    const release = world().fresh();
    await world().published('base', release);
    await world().restrictGroup(release.name, { INTERNAL_UPSTREAM: 'BLOCK' });
    expect(await world().listed('team', release.name)).toEqual([]);
    expect((await world().download('team', release)).status).toBe(404);
    expect(await world().versions('team', release.name)).toEqual([]);
    await world().restrictGroup(release.name, { INTERNAL_UPSTREAM: 'ALLOW' });
    expect(await world().listed('team', release.name)).toEqual(['1.0.0']);
    await world().expectBytes('team', release);
  });

  it('shows at once what was deleted, changed and published anew upstream', async () => {
    const release = world().fresh();
    for (const text of ['first', 'second']) {
      await world().published('base', { ...release, text });
      expect(await world().listed('team', release.name)).toEqual(['1.0.0']);
      await world().setStatus('base', release, 'Unlisted');
      expect(await world().listed('team', release.name)).toEqual([]);
      await world().call('DeletePackage', world().where('base', release.name));
      expect((await world().download('team', release)).status).toBe(404);
    }
    await world().published('base', { ...release, text: 'third' });
    await world().expectBytes('team', { ...release, text: 'third' });
  });

  it.each([
    ['Published', ['1.0.0', '2.0.0'], 200],
    ['Unlisted', ['2.0.0'], 200],
    ['Archived', ['2.0.0'], 404],
    ['Disposed', ['2.0.0'], 404],
  ] as const)('that is %s upstream: as clients see it downstream', async (status, listed, file) => {
    const release = world().fresh();
    for (const version of ['1.0.0', '2.0.0']) await world().published('base', { ...release, version });
    if (status === 'Disposed') await world().change('DisposePackageVersions', 'base', release);
    else await world().setStatus('base', release, status);
    expect(await world().listed('team', release.name)).toEqual(listed);
    expect((await world().download('team', release)).status).toBe(file);
  });

  it('cannot be published where it can be had from upstream', async () => {
    const release = world().fresh();
    await world().published('base', release);
    expect(await world().publish('team', { ...release, text: 'ours' })).toBe(409);
    await world().expectBytes('team', release);
    expect(await world().restrictions('team', release.name)).toEqual({ publish: 'BLOCK', upstream: 'ALLOW' });
    expect(await world().publish('team', { ...release, version: '2.0.0' })).toBe(403);
  });

  it('is published in a repository before and found after it in search order: the nearest one counts', async () => {
    const release = world().fresh();
    await world().published('base', release);
    await world().published('base', { ...release, version: '2.0.0' });
    const input = { sourceRepository: 'base', destinationRepository: 'shared', versions: ['1.0.0'] };
    await world().call('CopyPackageVersions', { ...world().coordinate(release.name), ...input });
    await world().setStatus('shared', release, 'Archived');
    const restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };
    await world().call('PutPackageOriginConfiguration', { ...world().where('shared', release.name), restrictions });
    expect(await world().listed('team', release.name)).toEqual(['2.0.0']);
    expect((await world().download('team', release)).status).toBe(404);
  });
}
