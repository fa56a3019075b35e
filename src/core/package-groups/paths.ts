import type { PackageCoordinate } from '../coordinates.ts';
import { variantKey, variantOf } from './variants.ts';

/**
 * A package's path is `/format/namespace/name`, and every pattern says what paths begin with: its stem, up to the
 * marker. `$` ends the path, `~` lets a word end there, `*` takes all that follows. So of two patterns that match one
 * path, the one with the longer stem lies within the other.
 */
export interface Pattern {
  readonly stem: string;
  /** `$`, `~` or `*`. */
  readonly marker: string;
}

export function splitPattern(pattern: string): Pattern {
  return { stem: pattern.slice(0, -1), marker: pattern.slice(-1) };
}

/** A pattern as it compares to the paths of variants. */
export function foldedPattern(pattern: string): Pattern {
  const { stem, marker } = splitPattern(pattern);
  return { stem: variantOf(stem), marker };
}

/** The path of the very package. */
export function pathOf({ format, namespace, name }: PackageCoordinate): string {
  return `/${format}/${namespace ?? ''}/${name}`;
}

/** The path that all variants of the package have. */
export function foldedPathOf(coordinate: PackageCoordinate): string {
  return `/${coordinate.format}/${variantKey(coordinate)}`;
}

const wordPart = /^[\p{L}\p{N}\p{M}]/u;

/** Whether a pattern stands for a path, character by character. */
export function matches({ stem, marker }: Pattern, path: string): boolean {
  if (!path.startsWith(stem)) return false;
  if (marker === '$') return path.length === stem.length;
  return marker === '*' || !wordPart.test(path.slice(stem.length));
}

/** Every pattern, as text, that matches a path, whatever groups there are: the most specific first. */
export function patternsOf(path: string): string[] {
  return [`${path}$`, ...prefixPatterns(path)];
}

/** Every other pattern, as text, that matches all that this one does: the most specific first. */
export function patternsAround({ stem, marker }: Pattern): string[] {
  const around = prefixPatterns(stem);
  return marker === '$' ? around : around.filter((pattern) => pattern.length <= stem.length);
}

/** A word, or one character that is part of none. Source: reference, semantics 5.2. */
const wordOrOther = /([\p{L}\p{N}][\p{L}\p{N}\p{M}]*)|./gsu;

/** `~` after each word, `*` after everything else, from the end of the path to its beginning. */
function prefixPatterns(path: string): string[] {
  const patterns = Array.from(path.matchAll(wordOrOther), ({ 0: token, 1: word, index }) => {
    return path.slice(0, index + token.length) + (word === undefined ? '*' : '~');
  });
  return patterns.reverse();
}
