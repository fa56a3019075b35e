import { Random } from '../packages/random.ts';
import type { PackageSketch, TarballSketch } from './sketch.ts';
import { versionList } from './versions.ts';

/** The packages that single reads are measured on. */
export const fixtures = {
  /** Six versions; the abbreviated packument has about 5 KB. */
  smallPackument: 'bench-packument-5k',
  /** So many versions that the full packument has about 8 MB. */
  largePackument: 'bench-packument-8m',
  tarball10k: 'bench-tarball-10k',
  tarball1m: 'bench-tarball-1m',
  tarball20m: 'bench-tarball-20m',
} as const;

/** The only version of the packages that are there for their tarballs. */
export const fixtureVersion = '1.0.0';

export function fixtureSketches(): PackageSketch[] {
  return [
    listing(fixtures.smallPackument, 6, 6),
    listing(fixtures.largePackument, 3_700, 12),
    randomTarball(fixtures.tarball10k, 10_000),
    randomTarball(fixtures.tarball1m, 1_000_000),
    randomTarball(fixtures.tarball20m, 20_000_000),
  ];
}

function listing(name: string, count: number, dependencyCount: number): PackageSketch {
  const dependencies = Array.from({ length: dependencyCount }, (_, position) => [`dependency-${position}`, '^1.2.0']);
  return {
    name,
    versions: versionList(new Random(name), count, 2),
    dependencies: Object.fromEntries(dependencies),
    tarballs: new Map(),
    readmeBytes: 6_000,
  };
}

function randomTarball(name: string, bytes: number): PackageSketch {
  const tarball: TarballSketch = { bytes, files: 1, isRandom: true };
  return {
    name,
    versions: [fixtureVersion],
    dependencies: {},
    tarballs: new Map([[fixtureVersion, tarball]]),
    readmeBytes: 1_000,
  };
}
