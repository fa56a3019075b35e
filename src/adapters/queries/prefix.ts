import { type Expression, expressionBuilder, type SqlBool } from 'kysely';

/**
 * A condition that `column` starts with `prefix`, meaning the same on every engine and served by an index; LIKE is
 * neither. A listing that goes on after a name with that prefix gives it as `after`, and asks for the lower bound by
 * itself: engines seek to one lower bound only, and would otherwise read all that lies between the two.
 */
export function hasPrefix(column: Expression<string>, prefix: string, after?: string): Expression<SqlBool> {
  const eb = expressionBuilder<never, never>();
  const conditions: Expression<SqlBool>[] = [];
  if (!after?.startsWith(prefix)) conditions.push(eb(column, '>=', prefix));
  const end = textAfterPrefix(prefix);
  if (end !== undefined) conditions.push(eb(column, '<', end));
  return eb.and(conditions);
}

/**
 * The smallest text, in byte order of UTF-8, that comes after everything starting with `prefix`; undefined when
 * nothing does.
 */
function textAfterPrefix(prefix: string): string | undefined {
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
  // SQLite takes NUL for the pattern's end; no stored name has one.
  return `%${text.replace(/[!%_]/g, '!$&').replaceAll('\0', '\uFFFD')}%`;
}
