import { Random } from '../packages/random.ts';
import { word } from '../packages/text.ts';
import type { PackageSketch, TarballSketch } from './sketch.ts';
import { caretRange, majorOf, newestOf, versionList } from './versions.ts';

/** Packages that depend on each other like those of a middle-sized web project, and what the project asks for. */
export interface InstallTree {
  readonly rootDependencies: Readonly<Record<string, string>>;
  readonly packages: readonly PackageSketch[];
}

/** How many packages are first needed so many steps away from the project, of 480. */
const perLevel = [30, 70, 110, 100, 80, 50, 25, 10, 5];
/** Direct dependencies that something deep in the tree needs in their former major too; npm installs them twice. */
const splitPackages = 20;

/** Packages whose listings are as large as those of compilers, bundlers and type definitions: their version counts. */
const largeListings = [600, 700, 800, 900, 1_000, 1_100, 1_300, 1_500];
/** Compressed sizes of the packages that are as large as those, in bytes. */
const largeTarballs = [1_000_000, 1_600_000, 2_500_000, 4_000_000];

/** The tree of 500 installed packages: 480 names, 20 of them twice. */
export function installTree(seed: string): InstallTree {
  const random = new Random(seed);
  const levels = perLevel.map((count, level) =>
    Array.from({ length: count }, (_, position) => newNode(random, level, position)),
  );
  connect(random, levels);
  split(random, levels);
  const nodes = levels.flat();
  const direct = levels[0] ?? [];
  return { rootDependencies: rangesOf(random, direct), packages: nodes.map((node) => sketchOf(random, node)) };
}

interface Node {
  readonly name: string;
  readonly versions: readonly string[];
  readonly needs: Set<Node>;
  /** A direct dependency that is needed in its former major. */
  needsFormer: Node | undefined;
  isSplit: boolean;
  readonly tarballBytes: number;
}

function newNode(random: Random, level: number, position: number): Node {
  const base = `${word(random)}-${word(random)}`;
  const name = random.next() < 0.15 ? `@${word(random)}/${base}` : base;
  // The first of a level may be large, spread over the levels as they come.
  const isLarge = position === 1;
  const count = isLarge ? (largeListings[level] ?? 40) : Math.min(250, Math.round(random.spread(12, 0.9)) + 2);
  const tarballBytes =
    position === 2 && level < largeTarballs.length
      ? (largeTarballs[level] ?? 0)
      : Math.min(600_000, Math.round(random.spread(10_000, 1.2)) + 500);
  const versions = versionList(random, count, 2 + random.integer(0, 3));
  return { name, versions, needs: new Set(), needsFormer: undefined, isSplit: false, tarballBytes };
}

/** Gives every package one that needs it a level above, and some more needs deeper down. */
function connect(random: Random, levels: readonly (readonly Node[])[]): void {
  for (const [level, nodes] of levels.entries()) {
    const above = levels[level - 1];
    const below = levels.slice(level + 1).flat();
    for (const node of nodes) {
      if (above !== undefined) random.pick(above).needs.add(node);
      for (let extra = random.integer(0, 4); extra > 0 && below.length > 0; extra -= 1)
        node.needs.add(random.pick(below));
    }
  }
}

function split(random: Random, levels: readonly (readonly Node[])[]): void {
  const deep = levels.slice(3).flat();
  for (const node of levels[0]?.slice(0, splitPackages) ?? []) {
    node.isSplit = true;
    let user = random.pick(deep);
    while (user.needsFormer !== undefined) user = random.pick(deep);
    user.needsFormer = node;
  }
}

function sketchOf(random: Random, node: Node): PackageSketch {
  const { name, versions, tarballBytes, needsFormer, isSplit } = node;
  const former = needsFormer && {
    [needsFormer.name]: caretRange(random, needsFormer.versions, formerMajor(needsFormer)),
  };
  const files = Math.min(400, Math.max(3, Math.round(random.spread(Math.sqrt(tarballBytes) / 10, 0.7))));
  const tarballs = new Map<string, TarballSketch>([
    [newestOf(versions, latestMajor(node)), { bytes: tarballBytes, files }],
  ]);
  if (isSplit) tarballs.set(newestOf(versions, formerMajor(node)), { bytes: tarballBytes, files, dependencies: {} });
  return {
    name,
    versions,
    dependencies: { ...rangesOf(random, [...node.needs]), ...former },
    tarballs,
    readmeBytes: Math.min(60_000, Math.round(random.spread(4_000, 0.8))),
  };
}

function rangesOf(random: Random, nodes: readonly Node[]): Record<string, string> {
  return Object.fromEntries(
    nodes.map((node) => [node.name, caretRange(random, node.versions, latestMajor(node))] as const),
  );
}

function latestMajor({ versions }: Node): number {
  return majorOf(versions.at(-1) ?? '');
}

function formerMajor(node: Node): number {
  return latestMajor(node) - 1;
}
