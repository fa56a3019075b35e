/**
 * Writes src/core/package-groups/confusables.generated.ts from Unicode's confusables.txt (UTS #39, in the folder
 * Public/security of Unicode's site): which characters look like which, as far as variants of package names need it.
 *
 * Packages are stored with what their names fold to, so a newer table needs a migration that folds them anew.
 *
 * node scripts/generate-confusables.ts PATH-OF-CONFUSABLES.TXT
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { caseFold } from '../src/core/package-groups/case-fold.ts';

const target = new URL('../src/core/package-groups/confusables.generated.ts', import.meta.url);
const word = /^[\p{L}\p{N}\p{M}]$/u;

type Prototypes = ReadonlyMap<string, string>;

function readPrototypes(text: string): Prototypes {
  const lines = text.matchAll(/^([0-9A-F]+) ;\t([0-9A-F ]+?) ;\tMA/gm);
  return new Map(Array.from(lines, ([, source, prototype]) => [characters(source), characters(prototype)]));
}

function characters(hex = ''): string {
  return hex
    .split(' ')
    .map((point) => String.fromCodePoint(Number.parseInt(point, 16)))
    .join('');
}

/**
 * The one character that a character is taken for: its prototype, or, where that is several (`m` looks like `rn`), the
 * ASCII character of the same prototype. Undefined when there is none, or when it would move the end of a word.
 */
function lookAlike(prototypes: Prototypes, ascii: Prototypes, source: string): string | undefined {
  const prototype = prototypes.get(source);
  if (prototype === undefined) return undefined;
  const single = Array.from(prototype).length === 1 ? prototype : ascii.get(prototype);
  if (single === undefined) return undefined;
  if (word.test(source)) return word.test(single) ? single : undefined;
  return !word.test(single) && '-._'.includes(single) ? single : undefined;
}

/**
 * Folds and replaces until nothing changes, so that what is folded once stays as it is. Some go in a circle: a small
 * letter is taken for its capital. There the small one stays.
 */
function settle(next: (character: string) => string, source: string): string {
  const seen = new Set<string>();
  let text = source;
  while (!seen.has(text)) {
    seen.add(text);
    text = Array.from(text, next).join('').normalize('NFD');
  }
  return Array.from(text, caseFold).join('');
}

function table(prototypes: Prototypes): Map<string, string[]> {
  const ascii = new Map([...prototypes].filter(([source]) => source < '\x80').map(([source, to]) => [to, source]));
  const next = (character: string) => {
    const folded = caseFold(character);
    return folded === character ? (lookAlike(prototypes, ascii, character) ?? character) : folded;
  };
  const bySettled = new Map<string, string[]>();
  for (const source of prototypes.keys()) {
    // The others never get as far as the table: names are decomposed and case folded before.
    if (source.normalize('NFD') !== source || caseFold(source) !== source) continue;
    const settled = settle(next, source);
    if (settled === source) continue;
    bySettled.set(settled, [...(bySettled.get(settled) ?? []), source]);
  }
  return bySettled;
}

function hex(text: string): string {
  return Array.from(text, (character) => character.codePointAt(0)?.toString(16)).join('+');
}

const [, , path] = process.argv;
if (path === undefined) throw new Error('Give the path of confusables.txt.');
const text = readFileSync(path, 'utf8');
const version = /^# Version: (\S+)/m.exec(text)?.[1];
const lines = [...table(readPrototypes(text))].map(([to, sources]) => `${hex(to)}:${sources.map(hex).join(' ')}`);
writeFileSync(
  target,
  `// Written by scripts/generate-confusables.ts from Unicode's confusables.txt, version ${version}; do not edit.
// The data is © Unicode, Inc., under the Unicode License (https://www.unicode.org/terms_of_use.html).

/** A line per character: its code point, a colon, and the code points of those that are taken for it. */
export const confusables = \`
${lines.join('\n')}
\`;
`,
);
