import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Stories } from '../describe-format.ts';
import type { Release } from '../format-user.ts';

const says = {
  summary: 'Drills holes of any size',
  dependency: 'drill-bits',
  readme: '# Drill\n\nDrills holes.\n',
};

/** What the API tells of a version that was published in the format's own protocol. */
export function reading({ world, user, needs }: Stories): void {
  async function given(): Promise<Release> {
    const release = world().fresh({ says });
    await world().published('apart', release);
    return release;
  }

  const versionOf = ({ name, version }: Release) => ({ ...world().where('apart', name), packageVersion: version });

  it('is described, with its files and their hashes', async () => {
    const release = await given();
    const { format, namespace, package: packageName } = world().coordinate(release.name);
    const described = await world().describe('apart', release);
    expect(described).toMatchObject({
      format,
      ...(namespace !== undefined && { namespace }),
      packageName,
      version: release.version,
      status: 'Published',
      displayName: expect.stringContaining(release.name),
      origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'apart' } },
    });
    const assets = new Map((await world().assets('apart', release)).map((asset) => [asset['name'], asset]));
    for (const { name, bytes } of await user.files(release)) {
      expect(assets.get(name), name).toMatchObject({
        size: bytes.length,
        hashes: {
          MD5: createHash('md5').update(bytes).digest('hex'),
          'SHA-1': createHash('sha1').update(bytes).digest('hex'),
          'SHA-256': createHash('sha256').update(bytes).digest('hex'),
          'SHA-512': createHash('sha512').update(bytes).digest('hex'),
        },
      });
      const read = await world().call('GetPackageVersionAsset', { ...versionOf(release), asset: name });
      expect(bytes.equals(Buffer.from(await read['asset'].transformToByteArray())), name).toBe(true);
    }
  });

  it('is found in lists, under the coordinate it was published with', async () => {
    const release = await given();
    const { format, namespace, package: packageName } = world().coordinate(release.name);
    const { packages } = await world().call('ListPackages', {
      repository: 'apart',
      format,
      packagePrefix: packageName,
    });
    expect(packages).toContainEqual(
      expect.objectContaining({ format, package: packageName, ...(namespace !== undefined && { namespace }) }),
    );
    expect(await world().versions('apart', release.name)).toEqual(['1.0.0']);
    expect(await world().restrictions('apart', release.name)).toEqual({ publish: 'ALLOW', upstream: 'BLOCK' });
  });

  needs('summary', {
    can: [
      'has the summary that it says it has',
      async () => expect((await world().describe('apart', await given()))['summary']).toBe(says.summary),
    ],
    cannot: [
      'has no summary',
      async () => expect((await world().describe('apart', await given()))['summary']).toBeUndefined(),
    ],
  });

  const dependencies = async () =>
    (await world().call('ListPackageVersionDependencies', versionOf(await given())))['dependencies'];

  needs('dependencies', {
    can: [
      'has the dependencies that it says it has',
      async () => expect(await dependencies()).toEqual([user.dependency?.(says.dependency)]),
    ],
    cannot: ['has no dependencies', async () => expect(await dependencies()).toEqual([])],
  });

  needs('readme', {
    can: [
      'has its readme',
      async () =>
        expect(await world().call('GetPackageVersionReadme', versionOf(await given()))).toMatchObject({
          readme: expect.stringContaining('Drills holes.'),
        }),
    ],
    cannot: [
      'has no readme',
      async () =>
        expect(await world().word('GetPackageVersionReadme', versionOf(await given()))).toBe(
          'ResourceNotFoundException',
        ),
    ],
  });
}
