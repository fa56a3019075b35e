import { type Document, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

/** Keys and indexes that lead to a value in the file. */
export type Path = readonly PropertyKey[];

/** What is wrong with the file: one line with the file, the place and what to do. */
export class PrincipalsError extends Error {}

/** What is wrong at a place of the file, before the place is put into words. */
export class PlacedError extends Error {
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

/** A place as a person looks for it: `7: accounts.111122223333.users.alice.policies[0]`. */
export function placeOf(document: Document, lines: LineCounter, path: Path): string {
  const offset = offsetOf(document.contents as Node | null, path);
  const words = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${lines.linePos(offset).line}${words === '' ? '' : `: ${words.slice(1)}`}`;
}

/** Where the value at the path begins, or the nearest that is there around it. */
function offsetOf(node: Node | null, path: Path): number {
  const [part, ...rest] = path;
  const here = node?.range?.[0] ?? 0;
  if (part === undefined) return here;
  if (isSeq(node)) return Math.max(here, offsetOf((node.items[Number(part)] ?? null) as Node | null, rest));
  if (!isMap(node)) return here;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  const keyOffset = (pair?.key as Node | undefined)?.range?.[0] ?? here;
  // What is wrong with a whole entry is shown at its name.
  return rest.length === 0 ? keyOffset : Math.max(keyOffset, offsetOf((pair?.value ?? null) as Node | null, rest));
}
