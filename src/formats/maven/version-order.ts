/**
 * One part of a version. Maven's order knows qualifiers (`rc2`), numbers after a hyphen and numbers after a dot; where
 * one version is shorter, it has a release qualifier.
 */
interface Part {
  readonly kind: (typeof kinds)['qualifier' | 'hyphenNumber' | 'dotNumber'];
  /** Place among the known qualifiers. */
  readonly rank: number;
  /** The word of a qualifier that is not a known one. */
  readonly word: string;
  /** Digits without leading zeros; of a qualifier those after it, `` where there are none. */
  readonly digits: string;
}

const kinds = { qualifier: 0, hyphenNumber: 1, dotNumber: 2 } as const;

const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const otherWord = qualifiers.length;

/** Words for a release: `1.0.Final` is `1.0`. */
const releaseWords: ReadonlySet<string> = new Set(['ga', 'final', 'release']);

/** Short for a known qualifier when digits follow: `1a1` is `1-alpha-1`, while `1a` is the word `a`. */
const shortQualifiers = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

const release: Part = { kind: kinds.qualifier, rank: qualifiers.indexOf(''), word: '', digits: '' };

/** A word with the number after it, `rc2` or `rc-2`, or a number; then what parts it from the next. */
const partPattern = /(?:([^.\-0-9]+)(?:-?([0-9]+))?|([0-9]*))([.-]?)/y;

/**
 * Compares two versions as Maven does: negative, 0 or positive. Different texts may be equal (`1`, `1.0`, `1-ga`).
 * Source: "Version Order Specification" of Maven's POM reference, and `ComparableVersion` of Maven 4, whose test vectors
 * are this file's.
 */
export function compareVersions(one: string, other: string): number {
  return compareParts(partsOf(one), partsOf(other));
}

/** The versions in Maven's order, oldest first; those that are equal to Maven by their text. */
export function sortVersions(versions: Iterable<string>): string[] {
  return [...versions]
    .map((version) => ({ version, parts: partsOf(version) }))
    .sort((one, other) => compareParts(one.parts, other.parts) || compareText(one.version, other.version))
    .map(({ version }) => version);
}

function partsOf(version: string): Part[] {
  const text = version.toLowerCase();
  const parts: Part[] = [];
  let numberKind: Part['kind'] = kinds.dotNumber;
  partPattern.lastIndex = 0;
  while (partPattern.lastIndex < text.length) {
    const [, word, wordDigits, digits = '', separator] = partPattern.exec(text) ?? [];
    if (word !== undefined) parts.push(qualifier(word, wordDigits));
    // An empty number stands for 0: `1..2` is `1.0.2`.
    else parts.push({ kind: numberKind, rank: 0, word: '', digits: withoutZeros(digits) });
    numberKind = separator === '-' ? kinds.hyphenNumber : kinds.dotNumber;
  }
  return withoutVoidZeros(parts);
}

function qualifier(word: string, digits: string | undefined): Part {
  const known = (digits === undefined ? undefined : shortQualifiers.get(word)) ?? (word === 'cr' ? 'rc' : word);
  const isRelease = releaseWords.has(known);
  const rank = qualifiers.indexOf(isRelease ? '' : known);
  const number = digits === undefined ? '' : withoutZeros(digits);
  if (rank === -1) return { kind: kinds.qualifier, rank: otherWord, word: known, digits: number };
  // `1-ga0` is `1-ga`, but `1-rc0` comes after `1-rc`.
  return { kind: kinds.qualifier, rank, word: '', digits: isRelease && number === '0' ? '' : number };
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '') || '0';
}

/** Zeros at the end and before a qualifier say nothing: `1.0.0-rc1` is `1-rc1`. */
function withoutVoidZeros(parts: readonly Part[]): Part[] {
  const kept: Part[] = [];
  for (const part of parts.toReversed()) {
    const next = kept.at(-1);
    const isZero = part.kind !== kinds.qualifier && part.digits === '0';
    if (!isZero || (next !== undefined && next.kind !== kinds.qualifier)) kept.push(part);
  }
  return kept.reverse();
}

/** Part by part, the shorter one filled up with releases: an order of parts makes an order of versions. */
function compareParts(one: readonly Part[], other: readonly Part[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const result = comparePart(one[at] ?? release, other[at] ?? release);
    if (result !== 0) return result;
  }
  return 0;
}

function comparePart(one: Part, other: Part): number {
  return (
    one.kind - other.kind ||
    one.rank - other.rank ||
    compareText(one.word, other.word) ||
    one.digits.length - other.digits.length ||
    compareText(one.digits, other.digits)
  );
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
