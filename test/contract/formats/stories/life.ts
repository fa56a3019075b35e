import { expect, it } from 'vitest';
import type { Stories } from '../describe-format.ts';

/** What becomes of a version: statuses, copies, deletion, and what is told of it. */
export function life({ world }: Stories): void {
  const seen = {
    Published: { isListed: true, file: 200 },
    Unlisted: { isListed: false, file: 200 },
    Archived: { isListed: false, file: 404 },
  } as const;

  it.each(Object.entries(seen))('that is %s: as clients see it', async (status, { isListed, file }) => {
    const release = world().fresh();
    const shown = { ...release, version: '2.0.0' };
    for (const one of [release, shown]) await world().published('apart', one);
    expect(await world().listed('apart', release.name)).toEqual(['1.0.0', '2.0.0']);
    await world().setStatus('apart', release, status);
    expect(await world().listed('apart', release.name)).toEqual(isListed ? ['1.0.0', '2.0.0'] : ['2.0.0']);
    expect((await world().download('apart', release)).status).toBe(file);
    await world().expectBytes('apart', shown);
    if (status !== 'Published') expect(await world().publish('apart', release)).toBe(409);
    await world().setStatus('apart', release, 'Published');
    expect(await world().listed('apart', release.name)).toEqual(['1.0.0', '2.0.0']);
    await world().expectBytes('apart', release);
  });

  it('that is disposed of: its files are gone, its number stays taken', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    await world().change('DisposePackageVersions', 'apart', release);
    expect(await world().listed('apart', release.name)).toEqual([]);
    expect((await world().download('apart', release)).status).toBe(404);
    expect([(await world().describe('apart', release))['status'], await world().assets('apart', release)]).toEqual([
      'Disposed',
      [],
    ]);
    expect(await world().publish('apart', release)).toBe(409);
  });

  it('that is deleted: as if it had never been, and its number is free', async () => {
    const release = world().fresh();
    const anew = { ...release, text: 'anew' };
    await world().published('apart', release);
    await world().change('DeletePackageVersions', 'apart', release);
    expect(await world().listed('apart', release.name)).toEqual([]);
    expect((await world().download('apart', release)).status).toBe(404);
    await world().published('apart', anew);
    await world().expectBytes('apart', anew);
    await world().call('DeletePackage', world().where('apart', release.name));
    expect(await world().listed('apart', release.name)).toEqual([]);
    await world().published('apart', release);
    await world().expectBytes('apart', release);
  });

  it('that is copied: the same bytes at both places, each on its own', async () => {
    const release = world().fresh();
    await world().published('base', release);
    const input = { sourceRepository: 'base', destinationRepository: 'apart', versions: [release.version] };
    const copied = await world().call('CopyPackageVersions', { ...world().coordinate(release.name), ...input });
    expect(copied['failedVersions'] ?? {}).toEqual({});
    expect(await world().listed('apart', release.name)).toEqual(['1.0.0']);
    await world().expectBytes('apart', release);
    expect(await world().assets('apart', release)).toEqual(await world().assets('base', release));
    await world().setStatus('apart', release, 'Archived');
    await world().expectBytes('base', release);
    await world().setStatus('apart', release, 'Published');
    await world().call('DeletePackage', world().where('base', release.name));
    await world().expectBytes('apart', release);
    expect(await world().restrictions('apart', release.name)).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
  });

  it('that is copied over another one: from then on it is the copy', async () => {
    const before = world().fresh({ text: 'before' });
    const after = { ...before, text: 'after' };
    await world().published('apart', before);
    await world().published('base', after);
    await world().expectBytes('apart', before);
    const input = {
      ...world().coordinate(before.name),
      sourceRepository: 'base',
      destinationRepository: 'apart',
      versions: [before.version],
    };
    const refused = await world().call('CopyPackageVersions', input);
    expect(Object.keys(refused['failedVersions'])).toEqual([before.version]);
    await world().expectBytes('apart', before);
    await world().call('CopyPackageVersions', { ...input, allowOverwrite: true });
    expect(await world().listed('apart', before.name)).toEqual(['1.0.0']);
    await world().expectBytes('apart', after);
  });

  it('whose bytes are there twice: counted once', async () => {
    const release = world().fresh();
    const before = await world().assetSizeBytes();
    await world().published('base', release);
    const sizes = (await world().assets('base', release)).map(({ size }) => size);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    expect([size > 0, (await world().assetSizeBytes()) - before]).toEqual([true, size]);
    await world().published('apart', release);
    expect((await world().assetSizeBytes()) - before).toBe(size);
    await world().call('DeletePackage', world().where('base', release.name));
    expect((await world().assetSizeBytes()) - before).toBe(size);
    await world().call('DeletePackage', world().where('apart', release.name));
    expect(await world().assetSizeBytes()).toBe(before);
  });

  it('that changes: each change is told, in order', async () => {
    const release = world().fresh();
    await world().published('apart', release);
    const published = await world().happenings(release.name);
    const assets = await world().assets('apart', release);
    expect(published[0]).toMatchObject({ repository: 'apart', version: '1.0.0', operation: 'Created' });
    expect(published.slice(1).every(({ operation }) => operation === 'Updated')).toBe(true);
    expect(published.at(-1)?.status).toBe('Published');
    expect(published.reduce((sum, { assetsAdded }) => sum + assetsAdded, 0)).toBe(assets.length);
    await world().setStatus('apart', release, 'Unlisted');
    await world().change('DisposePackageVersions', 'apart', release);
    await world().change('DeletePackageVersions', 'apart', release);
    expect(await world().happenings(release.name)).toMatchObject([
      { operation: 'Updated', status: 'Unlisted' },
      { operation: 'Updated', status: 'Disposed' },
      { operation: 'Deleted' },
    ]);
    expect((await world().download('apart', release)).status).toBe(404);
    expect(await world().happenings(release.name)).toEqual([]);
  });
}
