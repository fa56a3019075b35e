import type { PackageCoordinate } from '../../../src/core/coordinates.ts';
import { groupTree } from '../../../src/core/package-groups/tree.ts';
import { variantOf } from '../../../src/core/package-groups/variants.ts';
import type { AllowedRepository, GroupMode, GroupRestriction, PackageGroup } from '../../../src/ports/storage.ts';

type Modes = Partial<Record<GroupRestriction, GroupMode>>;

/** A group of a domain; the root group allows everything, others inherit what is not said. */
export function aGroup(pattern: string, modes: Modes = {}): PackageGroup {
  const mode = pattern === '/*' ? 'ALLOW' : 'INHERIT';
  return {
    id: `id of ${pattern}`,
    domainId: 'id of /*',
    pattern,
    contactInfo: null,
    description: null,
    createdAt: 0,
    modes: { PUBLISH: mode, EXTERNAL_UPSTREAM: mode, INTERNAL_UPSTREAM: mode, ...modes },
  };
}

/** A tree of the root group and groups of these patterns. */
export function treeOf(patterns: readonly (string | PackageGroup)[], allowed: readonly AllowedRepository[] = []) {
  const given = patterns.map((item) => (typeof item === 'string' ? aGroup(item) : item));
  const all = given.some(({ pattern }) => pattern === '/*') ? given : [aGroup('/*'), ...given];
  return groupTree(
    all.toSorted((a, b) => (a.pattern < b.pattern ? -1 : 1)),
    allowed,
  );
}

/** `npm/space/name` or `npm//name` as a coordinate. */
export function coordinate(text: string): PackageCoordinate {
  const [format = '', namespace = '', name = ''] = text.split('/');
  return { format, namespace: namespace === '' ? null : namespace, name };
}

/** What a pattern says of each part of a package, read as the manual puts it. */
interface Naive {
  readonly format?: string;
  readonly namespace?: { readonly text: string; readonly is: 'equal' | 'word' };
  readonly name?: { readonly text: string; readonly is: 'equal' | 'word' | 'prefix' };
}

function readNaively(pattern: string): Naive {
  if (pattern === '/*') return {};
  const [, format = '', second = '', third] = pattern.split('/');
  if (third === undefined) {
    return second === '*' ? { format } : { format, namespace: { text: second.slice(0, -1), is: 'word' } };
  }
  const namespace = { text: second, is: 'equal' } as const;
  if (third === '*') return { format, namespace };
  const is = ({ $: 'equal', '~': 'word', '*': 'prefix' } as const)[third.slice(-1)];
  if (is === undefined) throw new Error(`${pattern} is no pattern`);
  return { format, namespace, name: { text: third.slice(0, -1), is } };
}

/** Whether a text is what is asked for, both put through `same` first. */
function naivelyIs(
  asked: { readonly text: string; readonly is: 'equal' | 'word' | 'prefix' } | undefined,
  text: string,
  same: (text: string) => string,
): boolean {
  if (asked === undefined) return true;
  const [whole, begin] = [same(text), same(asked.text)];
  if (whole === begin) return true;
  if (asked.is === 'equal' || !whole.startsWith(begin)) return false;
  return asked.is === 'prefix' || !/^[\p{L}\p{N}\p{M}]/u.test(whole.slice(begin.length));
}

function matchesNaively(pattern: string, to: PackageCoordinate, same: (text: string) => string): boolean {
  const { format, namespace, name } = readNaively(pattern);
  return (
    (format === undefined || format === to.format) &&
    naivelyIs(namespace, to.namespace ?? '', same) &&
    naivelyIs(name, to.name, same)
  );
}

const itself = (text: string) => text;

export const isExactly = (pattern: string, to: PackageCoordinate) => matchesNaively(pattern, to, itself);
const isVariant = (pattern: string, to: PackageCoordinate) => matchesNaively(pattern, to, variantOf);

/** How specific a pattern is among those that match the same package: compare item by item. */
function rank(pattern: string): readonly number[] {
  const { format, namespace, name } = readNaively(pattern);
  const levels = { equal: 2, word: 1, prefix: 1 };
  return [
    format === undefined ? 0 : 1,
    namespace === undefined ? 0 : levels[namespace.is],
    namespace?.is === 'word' ? variantOf(namespace.text).length : 0,
    name === undefined ? 0 : levels[name.is],
    name === undefined ? 0 : variantOf(name.text).length,
  ];
}

/** The patterns that match a package or its variants, the one it belongs to first. */
export function matchingNaively(patterns: readonly string[], to: PackageCoordinate): string[] {
  return patterns
    .filter((pattern) => isVariant(pattern, to))
    .toSorted(
      (a, b) =>
        compareItems(rank(b), rank(a)) ||
        Number(isExactly(b, to)) - Number(isExactly(a, to)) ||
        b.length - a.length ||
        (a < b ? -1 : 1),
    );
}

function compareItems(a: readonly number[], b: readonly number[]): number {
  for (const [index, item] of a.entries()) {
    const difference = item - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
