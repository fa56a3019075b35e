/**
 * The segments of a raw path below the endpoint: split on raw `/` first, each decoded once; `+` stays what it is. The last
 * one is empty where the path ends in `/`, since a page's links are relative to that.
 *
 * Undefined for what cannot be decoded, for empty segments inside, and for anything that tries to leave its place: `..`,
 * `.`, encoded slashes, backslashes, control characters.
 */
export function pypiSegments(rawPath: string): string[] | undefined {
  const segments = rawPath.split('/').map(decode);
  const isFine = segments.every((segment, at) => isHarmless(segment) || (segment === '' && at === segments.length - 1));
  return isFine ? segments.map((segment) => segment ?? '') : undefined;
}

function decode(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function isHarmless(segment: string | undefined): boolean {
  return segment !== undefined && segment !== '' && !/^\.\.?$/.test(segment) && !/[/\\\p{Cc}]/u.test(segment);
}
