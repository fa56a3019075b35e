/** A text that grows by more characters than these stays as it was written: properties may double each other. */
const maxGrowth = 1000;
/** Of properties that stand in properties. */
const maxNesting = 30;

/**
 * Makes a function that replaces `${name}` by what `values` has under that name, in the values themselves too. What is
 * not there, stands for itself, or would grow too long stays as it is written.
 */
export function interpolation(values: ReadonlyMap<string, string>): (text: string) => string {
  // Each property is worked out once, also in vain: otherwise a chain of doubled ones would take forever.
  const known = new Map<string, string | undefined>();
  return (text) => replaceIn(text, 0) ?? text;

  function replaceIn(text: string, nesting: number): string | undefined {
    if (!text.includes('${')) return text;
    let result = '';
    for (const piece of text.split(/(\$\{[^${}]{1,200}\})/)) {
      const isReference = piece.startsWith('${') && piece.endsWith('}');
      result += (isReference ? expanded(piece.slice(2, -1), nesting + 1) : undefined) ?? piece;
      if (result.length > text.length + maxGrowth) return undefined;
    }
    return result;
  }

  function expanded(name: string, nesting: number): string | undefined {
    if (known.has(name)) return known.get(name);
    const value = values.get(name);
    if (value === undefined || nesting > maxNesting) return undefined;
    known.set(name, undefined);
    const replaced = replaceIn(value, nesting);
    known.set(name, replaced);
    return replaced;
  }
}
