/**
 * The segments of a raw path below the endpoint: split on raw `/` first, each decoded once.
 *
 * Undefined for what cannot be decoded, for empty segments, and for anything that tries to leave its place: `..`, `.`,
 * encoded slashes, backslashes, control characters.
 */
export function genericSegments(rawPath: string): string[] | undefined {
  if (rawPath === '') return [];
  const segments = rawPath.split('/').map(decode);
  return segments.every(isHarmless) ? segments : undefined;
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return '';
  }
}

function isHarmless(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\p{Cc}]/u.test(segment);
}
