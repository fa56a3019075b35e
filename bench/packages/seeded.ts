/** What `seed.ts` writes and the scenarios ask for: the packages of a repository with so many versions. */
export interface SeededPackage {
  readonly name: string;
  /** They are 1.0.0, 1.0.1 and so on. */
  readonly versionCount: number;
}

/** The repository that they are in, of the benchmark's domain. */
export const seededRepository = 'seeded';
/** The package with many versions: a tenth of all, up to as many as the most published packages have. */
export const largePackage = 'seeded-large';

const versionsPerPackage = 10;
const mostVersions = 10_000;

export function* seededPackages(versions: number): Generator<SeededPackage> {
  const large = Math.min(mostVersions, Math.floor(versions / versionsPerPackage));
  yield { name: largePackage, versionCount: large };
  for (let left = versions - large, number = 0; left > 0; left -= versionsPerPackage, number += 1)
    yield { name: smallPackage(number), versionCount: Math.min(versionsPerPackage, left) };
}

/** How many packages there are besides the large one. */
export function smallPackageCount(versions: number): number {
  return [...seededPackages(versions)].length - 1;
}

export function smallPackage(number: number): string {
  return `seeded-${number}`;
}
