import { Random } from './random.ts';

const syllables = 'ab ac ad al an ar be ca ce co de di do el en er et fa fi ga go ha he id in is ka la le li lo ma me'
  .concat(' mi mo na ne ni no or pa pe po qu ra re ri ro sa se si so ta te ti to un ur va ve vi wa xi yo za')
  .split(' ');

/** A word of letters that nothing means anything by. */
export function word(random: Random): string {
  return Array.from({ length: random.integer(2, 4) }, () => random.pick(syllables)).join('');
}

/** Text that compresses about as source code does, to cut files and readmes from. */
export class TextPool {
  readonly #text: string;

  constructor(seed: string, length = 1024 * 1024) {
    const random = new Random(seed);
    const vocabulary = Array.from({ length: 3_000 }, () => word(random));
    const endings = [' ', ' ', ' ', '.', '(', ') => ', ';\n', ' = ', ', ', `: ${random.integer(0, 9_999)},\n  `];
    const parts: string[] = [];
    for (let size = 0; size < length; ) {
      const part = random.pick(vocabulary) + random.pick(endings);
      parts.push(part);
      size += part.length;
    }
    this.#text = parts.join('');
  }

  /** A piece of that length from a place that `random` chooses. */
  piece(random: Random, length: number): string {
    const start = random.integer(0, Math.max(0, this.#text.length - length - 1));
    return this.#text.slice(start, start + length).padEnd(length, this.#text);
  }
}
