import type { AllowedRepository, GroupMode, GroupRestriction, PackageGroup } from '../../ports/storage.ts';
import type { PackageCoordinate } from '../coordinates.ts';
import { foldedPathOf, foldedPattern, matches, pathOf, patternsAround, patternsOf, splitPattern } from './paths.ts';

/** How a package belongs to its group: by its very name, or only as a variant of what the pattern names. */
export type Association = 'STRONG' | 'WEAK';

/** What counts for a restriction of a group once inheritance is resolved. */
export interface EffectiveMode {
  readonly mode: Exclude<GroupMode, 'INHERIT'>;
  /** The group whose own mode and allow list count. */
  readonly from: PackageGroup;
  /** Ids of the repositories on that group's allow list. */
  readonly allowed: ReadonlySet<string>;
}

/** The groups of a domain, by what they match. Built once per change of them. */
export interface GroupTree {
  readonly root: PackageGroup;
  /** By pattern. */
  readonly groups: readonly PackageGroup[];
  find(pattern: string): PackageGroup | undefined;
  /** The one group a package belongs to: the most specific that matches. */
  associate(coordinate: PackageCoordinate): { readonly group: PackageGroup; readonly association: Association };
  parentOf(group: PackageGroup): PackageGroup | undefined;
  /** Direct children, by pattern. */
  childrenOf(group: PackageGroup): readonly PackageGroup[];
  /** Ids of the repositories on a group's own allow list, whether or not its mode makes it count. */
  allowList(group: PackageGroup, restriction: GroupRestriction): ReadonlySet<string>;
  effective(group: PackageGroup, restriction: GroupRestriction): EffectiveMode;
  /** Whether the package's group lets a repository take in new versions this way; never for a weak association. */
  allows(coordinate: PackageCoordinate, restriction: GroupRestriction, repositoryId: string): boolean;
  /** Whether the package's group restricts nothing: then a package's own first restrictions follow its arrival. */
  allowsEverything(coordinate: PackageCoordinate): boolean;
}

export const groupRestrictions = ['PUBLISH', 'EXTERNAL_UPSTREAM', 'INTERNAL_UPSTREAM'] as const;

export const rootPattern = '/*';

const nobody: ReadonlySet<string> = new Set();

/**
 * Puts a domain's groups in order. A look-up asks for each pattern that the package's folded path can match, longest
 * stem first: its cost hangs on the length of the name, not on the number of groups.
 *
 * A parent, like the group of a package, is found among variants too: a package whose group is deleted then belongs to
 * what was the group's parent (unverified).
 */
export function groupTree(groups: readonly PackageGroup[], allowed: readonly AllowedRepository[]): GroupTree {
  const byPattern = new Map(groups.map((group) => [group.pattern, group]));
  const root = byPattern.get(rootPattern);
  if (root === undefined) throw new Error('A domain has lost its root package group.');
  const byFolded = Map.groupBy(groups, ({ pattern }) => foldedText(pattern));
  for (const variants of byFolded.values()) variants.sort(byPrecedence);
  const parents = new Map(groups.map((group) => [group.id, parentAmong(byFolded, group)]));
  const children = Map.groupBy(groups, ({ id }) => parents.get(id)?.id);
  const allowLists = Map.groupBy(allowed, ({ groupId, restriction }) => `${groupId} ${restriction}`);
  const allowSets = new Map(
    Array.from(allowLists, ([key, entries]) => [key, new Set(entries.map(({ repositoryId }) => repositoryId))]),
  );

  const tree: GroupTree = {
    root,
    groups,
    find: (pattern) => byPattern.get(pattern),
    parentOf: ({ id }) => parents.get(id),
    childrenOf: ({ id }) => children.get(id) ?? [],
    allowList: ({ id }, restriction) => allowSets.get(`${id} ${restriction}`) ?? nobody,

    associate(coordinate) {
      if (groups.length === 1) return { group: root, association: 'STRONG' };
      const path = pathOf(coordinate);
      const group = nearest(byFolded, patternsOf(foldedPathOf(coordinate)), path) ?? root;
      return { group, association: matches(splitPattern(group.pattern), path) ? 'STRONG' : 'WEAK' };
    },

    effective(group, restriction) {
      const mode = group.modes[restriction];
      if (mode !== 'INHERIT') return { mode, from: group, allowed: tree.allowList(group, restriction) };
      const parent = parents.get(group.id);
      if (parent === undefined) throw new Error('A root package group inherits from nobody.');
      return tree.effective(parent, restriction);
    },

    allows(coordinate, restriction, repositoryId) {
      const { group, association } = tree.associate(coordinate);
      if (association === 'WEAK') return false;
      const { mode, allowed } = tree.effective(group, restriction);
      return mode === 'ALLOW' || (mode === 'ALLOW_SPECIFIC_REPOSITORIES' && allowed.has(repositoryId));
    },

    allowsEverything(coordinate) {
      const { group, association } = tree.associate(coordinate);
      return (
        association === 'STRONG' &&
        groupRestrictions.every((restriction) => tree.effective(group, restriction).mode === 'ALLOW')
      );
    },
  };
  return tree;
}

type Folded = ReadonlyMap<string, readonly PackageGroup[]>;

/** Of patterns that fold to the same: the longest, as `a--*` lies within `a-*`, then the first as plain text. */
function byPrecedence(a: PackageGroup, b: PackageGroup): number {
  return b.pattern.length - a.pattern.length || (a.pattern < b.pattern ? -1 : 1);
}

function foldedText(pattern: string): string {
  const { stem, marker } = foldedPattern(pattern);
  return stem + marker;
}

/** The group of the first of these folded patterns that has one; of several, the one that matches the very path. */
function nearest(byFolded: Folded, folded: readonly string[], path: string): PackageGroup | undefined {
  for (const pattern of folded) {
    const variants = byFolded.get(pattern);
    if (variants !== undefined)
      return variants.find((group) => matches(splitPattern(group.pattern), path)) ?? variants[0];
  }
  return undefined;
}

function parentAmong(byFolded: Folded, group: PackageGroup): PackageGroup | undefined {
  const { stem } = splitPattern(group.pattern);
  const variants = byFolded.get(foldedText(group.pattern)) ?? [];
  const around = variants.find((other) => other !== group && matches(splitPattern(other.pattern), stem));
  return around ?? nearest(byFolded, patternsAround(foldedPattern(group.pattern)), stem);
}
