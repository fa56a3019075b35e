import type { Random } from '../packages/random.ts';

/** `count` versions in semver's order, spread over `majors` major numbers from 1 on, mostly patches. */
export function versionList(random: Random, count: number, majors: number): string[] {
  const versions: string[] = [];
  for (let major = 1; major <= majors; major += 1) {
    const share = Math.max(1, Math.round((count * major) / majors) - versions.length);
    let minor = 0;
    let patch = 0;
    for (let each = 0; each < share; each += 1) {
      versions.push(`${major}.${minor}.${patch}`);
      if (random.next() < 0.3) {
        minor += 1;
        patch = 0;
      } else {
        patch += 1;
      }
    }
  }
  return versions;
}

/** The newest version of a major number. Throws when there is none. */
export function newestOf(versions: readonly string[], major: number): string {
  const newest = versions.findLast((version) => majorOf(version) === major);
  if (newest === undefined) throw new Error(`There is no version ${major}.x.`);
  return newest;
}

/** A range as package.json has it: `^` and some version of that major number. */
export function caretRange(random: Random, versions: readonly string[], major: number): string {
  return `^${random.pick(versions.filter((version) => majorOf(version) === major))}`;
}

export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
