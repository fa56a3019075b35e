/**
 * The segments of a raw path below the endpoint. It is split on raw `/` first and each segment decoded once; a scope
 * and its name become one segment, however the client wrote them: `@s/n`, `@s%2fn` (npm, yarn, bun), `@s%2Fn` (pnpm).
 *
 * Undefined for what cannot be decoded, for empty segments inside, and for anything that tries to leave its place:
 * `..`, `.`, backslashes, control characters, and slashes other than a scope's.
 */
export function npmSegments(rawPath: string): string[] | undefined {
  const segments: string[] = [];
  const trimmed = rawPath.endsWith('/') ? rawPath.slice(0, -1) : rawPath;
  if (trimmed === '') return segments;
  for (const raw of trimmed.split('/')) {
    const segment = decode(raw);
    if (segment === undefined || segment === '') return undefined;
    const previous = segments.at(-1);
    if (previous !== undefined && /^@[^/]+$/.test(previous)) segments[segments.length - 1] = `${previous}/${segment}`;
    else segments.push(segment);
  }
  return segments.every(isHarmless) ? segments : undefined;
}

function decode(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function isHarmless(segment: string): boolean {
  const parts = segment.split('/');
  if (parts.length > (segment.startsWith('@') ? 2 : 1)) return false;
  return parts.every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\p{Cc}]/u.test(segment);
}
