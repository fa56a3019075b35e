/**
 * The smallest text, in byte order of UTF-8, that comes after everything starting with `prefix`; undefined when
 * nothing does. `>= prefix and < textAfterPrefix(prefix)` is a prefix match that uses an index and means the same on
 * every engine, which LIKE does not.
 */
export function textAfterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point >= 0x10ffff) continue;
    // Surrogates are not characters of UTF-8.
    const next = point === 0xd7ff ? 0xe000 : point + 1;
    return points.join('') + String.fromCodePoint(next);
  }
  return undefined;
}

/** A LIKE pattern for "contains `text`", to be used with `escape '!'`. */
export function containsPattern(text: string): string {
  return `%${text.replace(/[!%_]/g, '!$&')}%`;
}
