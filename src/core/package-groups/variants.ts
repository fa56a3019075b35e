import type { PackageCoordinate } from '../coordinates.ts';
import { caseFold } from './case-fold.ts';
import { confusables } from './confusables.generated.ts';

/**
 * What variants of a text have in common: case folded, characters that look alike (UTS #39) as one of them, runs of
 * `-`, `.` and `_` as one dot. Folding again changes nothing, and no end of a word moves.
 * Source: AWS user guide, "Package group definition syntax and matching behavior".
 *
 * Packages are stored with it: a change of the answer needs a migration.
 */
export function variantOf(text: string): string {
  return foldCharacters(text).replace(/[-._]+/g, '.');
}

/** What variants of a package's namespace and name have in common, `namespace/name`; the format is told apart. */
export function variantKey({ namespace, name }: Omit<PackageCoordinate, 'format'>): string {
  return `${variantOf(namespace ?? '')}/${variantOf(name)}`;
}

const asciiOnly = /^\p{ASCII}*$/u;

function foldCharacters(text: string): string {
  // What the table below says of ASCII.
  if (asciiOnly.test(text)) return text.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
  const folded = Array.from(text.normalize('NFD'), (character) =>
    Array.from(caseFold(character), (part) => lookAlikes.get(part) ?? part).join(''),
  );
  return folded.join('').normalize('NFD');
}

const lookAlikes: ReadonlyMap<string, string> = new Map(confusables.trim().split('\n').flatMap(readLine));

function readLine(line: string): [string, string][] {
  const [to = '', sources = ''] = line.split(':');
  return sources.split(' ').map((source) => [characters(source), characters(to)]);
}

function characters(hex: string): string {
  return String.fromCodePoint(...hex.split('+').map((point) => Number.parseInt(point, 16)));
}
