import { describe, expect, it } from 'vitest';
import type { FormatRules } from '../../../src/core/format.ts';
import { checkPattern } from '../../../src/core/package-groups/pattern.ts';

/** A format that writes names in lower case, as several do. */
const lowerCased = {
  normalize: ({ format, namespace, name }) => ({
    format,
    namespace: namespace?.toLowerCase() ?? null,
    name: name.toLowerCase(),
  }),
} as Partial<FormatRules> as FormatRules;

const formats = new Map(['pypi', 'nuget', 'swift'].map((format) => [format, lowerCased]));

describe('the pattern of a package group', () => {
  it.each([
    '/*',
    '/npm/*',
    '/maven/com.any~',
    '/npm/space~',
    '/npm/space/*',
    '/npm/space/name~',
    '/npm/space/name$',
    '/npm//*',
    '/npm//react$',
    '/npm//react~',
    '/npm//react-*',
    '/npm/space/@*',
    '/npm/space/na~me$',
    '/npm/space/**',
    '/npm/Space/Name$',
    '/npm//é~',
    '/npm//cafe\u0301~',
    '/npm//字~',
    '/pypi/*',
    '/pypi//*',
    '/pypi//requests~',
    '/nuget//newtonsoft.json$',
    '/cargo//serde$',
    '/ruby//rails-*',
    '/generic/space/*',
    '/swift/scope/package$',
  ])('%s is one', (pattern) => {
    expect(() => checkPattern({ formats }, pattern)).not.toThrow();
  });

  it.each([
    ['', 'it must be'],
    ['npm/*', 'it must be'],
    ['/', 'it must be'],
    ['/npm', 'it must be'],
    ['/npm~', 'it must be'],
    ['/npm/space', 'it must be'],
    ['/npm/space/', 'it must be'],
    ['/npm/space/name', 'it must be'],
    ['/npm/space$', 'it must be'],
    ['/npm/space-*', 'it must be'],
    ['/npm/space/$', 'it must be'],
    ['/npm//~', 'it must be'],
    ['/npm/~', 'it must be'],
    ['/npm/*/name$', 'a name is told within one namespace'],
    ['/npm/a/b/c$', 'it must be'],
    ['/*/space/name$', 'the format is one of npm, '],
    ['/python//requests$', 'the format is one of npm, '],
    ['/toString/a/b$', 'the format is one of npm, '],
    ['/NPM/*', 'the format is one of npm, '],
    ['/pypi/space/requests$', 'packages of format pypi have no namespace'],
    ['/pypi/space~', 'packages of format pypi have no namespace'],
    ['/maven//name$', 'packages of format maven have a namespace'],
    ['/swift//*', 'packages of format swift have a namespace'],
    ['/npm//a#b$', 'has at most 255 characters, none of them'],
    [`/npm//${'a'.repeat(256)}$`, 'has at most 255 characters'],
    ['/npm//foo-~', '~ follows a letter or a digit'],
    ['/npm/space-~', '~ follows a letter or a digit'],
    ['/npm//foo*', '* follows no letter or digit'],
    ['/npm//cafe\u0301*', '* follows no letter or digit'],
    ['/pypi//Requests$', "format pypi writes its name 'requests'"],
    ['/nuget//Newtonsoft~', "format nuget writes its name 'newtonsoft'"],
    ['/swift/Scope/*', "format swift writes its namespace 'scope'"],
    ['/swift/Scope~', "format swift writes its namespace 'scope'"],
  ])('%s is none: %s', (pattern, reason) => {
    const check = () => checkPattern({ formats }, pattern);
    expect(check).toThrow(
      expect.objectContaining({ code: 'ValidationException', message: expect.stringContaining(reason) }),
    );
  });
});
