import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupTree } from '../../../src/core/package-groups/tree.ts';
import { variantOf } from '../../../src/core/package-groups/variants.ts';
import type { GroupMode, GroupRestriction } from '../../../src/ports/storage.ts';
import { aGroup, coordinate, isExactly, matchingNaively, treeOf } from './groups.ts';

/** Names of few parts, so that they meet: as a word, as a variant, as a prefix. */
const name = fc
  .array(fc.constantFrom('foo', 'Foo', 'bar', 'b', 'é', 'e\u0301', '0', '1', '-', '-', '.', '_', '+'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''));
const namespace = fc.oneof(
  fc.constant(''),
  fc.constantFrom('com.any', 'com.any.thing', 'Com-Any', 'com.anything', 'foo'),
);
const format = fc.constantFrom('npm', 'maven');
const packages = fc
  .record({ format, namespace, name })
  .map(({ format, namespace, name }) => coordinate(`${format}/${namespace}/${name}`));

const endsInWord = /[\p{L}\p{N}]\p{M}*$/u;
const prefixMarker = (text: string) => (endsInWord.test(text) ? '~' : '*');
const pattern = fc.oneof(
  format.map((format) => `/${format}/*`),
  fc.tuple(format, namespace).map(([format, namespace]) => `/${format}/${namespace}/*`),
  fc
    .tuple(format, fc.constantFrom('com', 'com.any', 'Com.any', 'foo'))
    .map(([format, namespace]) => `/${format}/${namespace}~`),
  fc.tuple(format, namespace, name).map(([format, namespace, name]) => `/${format}/${namespace}/${name}$`),
  fc
    .tuple(format, namespace, name)
    .map(([format, namespace, name]) => `/${format}/${namespace}/${name}${prefixMarker(name)}`),
);
const patterns = fc.uniqueArray(pattern, { maxLength: 30 }).map((some) => ['/*', ...some].toSorted());

const modes = fc.constantFrom<GroupMode>('ALLOW', 'BLOCK', 'ALLOW_SPECIFIC_REPOSITORIES', 'INHERIT');

describe('a package', () => {
  it.each([
    ['npm/space/foo', '/npm/space/foo$', 'STRONG'],
    ['npm/space/Foo', '/npm/space/foo$', 'WEAK'],
    ['npm/Space/foo', '/npm/space/foo$', 'WEAK'],
    ['npm/space/foo-bar', '/npm/space/foo~', 'STRONG'],
    ['npm/space/foo.x', '/npm/space/foo~', 'STRONG'],
    ['npm/space/FOO.x', '/npm/space/foo~', 'WEAK'],
    ['npm/space/foo-tool-x', '/npm/space/foo-tool-*', 'STRONG'],
    ['npm/space/foo.tool.x', '/npm/space/foo-tool-*', 'WEAK'],
    ['npm/space/foo-toolx', '/npm/space/foo~', 'STRONG'],
    ['npm/space/food', '/npm/space/*', 'STRONG'],
    ['npm/space/fooBar', '/npm/space/*', 'STRONG'],
    ['npm/sPace/food', '/npm/space/*', 'WEAK'],
    ['npm//food', '/npm//*', 'STRONG'],
    ['npm/other/food', '/npm/*', 'STRONG'],
    ['npm//f00-bar', '/npm//f00-bar$', 'STRONG'],
    ['npm//foo..bar', '/npm//f00-bar$', 'WEAK'],
    ['maven/com.anycompany/lib', '/maven/com.anycompany~', 'STRONG'],
    ['maven/com.anycompany.team/lib', '/maven/com.anycompany~', 'STRONG'],
    ['maven/com-anycompany/lib', '/maven/com.anycompany~', 'WEAK'],
    ['maven/com.anycompanyx/lib', '/*', 'STRONG'],
    ['pypi//requests', '/*', 'STRONG'],
  ])('%s belongs to %s, %s', (text, group, association) => {
    const tree = treeOf([
      '/npm/*',
      '/npm//*',
      '/npm//f00-bar$',
      '/npm/space/*',
      '/npm/space/foo~',
      '/npm/space/foo$',
      '/npm/space/foo-tool-*',
      '/maven/com.anycompany~',
    ]);
    expect(tree.associate(coordinate(text))).toMatchObject({ group: { pattern: group }, association });
  });

  it('that is a variant is set free by a group for exactly it', () => {
    const tree = treeOf(['/npm//foo-bar$', '/npm//foo_bar$']);
    for (const [name, group, association] of [
      ['foo-bar', '/npm//foo-bar$', 'STRONG'],
      ['foo_bar', '/npm//foo_bar$', 'STRONG'],
      ['foo.bar', '/npm//foo-bar$', 'WEAK'],
    ]) {
      expect(tree.associate(coordinate(`npm//${name}`))).toMatchObject({ group: { pattern: group }, association });
    }
  });

  it('belongs to one group, the most specific that matches it or its variants', () => {
    fc.assert(
      fc.property(patterns, packages, (patterns, to) => {
        const [expected = ''] = matchingNaively(patterns, to);
        const { group, association } = treeOf(patterns).associate(to);
        expect({ pattern: group.pattern, association }).toEqual({
          pattern: expected,
          association: isExactly(expected, to) ? 'STRONG' : 'WEAK',
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the tree of groups', () => {
  it('has each group below the most specific one around it', () => {
    const tree = treeOf([
      '/npm/*',
      '/npm/space/*',
      '/npm/space/foo~',
      '/npm/space/foo-*',
      '/npm/space/foo--*',
      '/npm/space/foo$',
      '/npm/space/foo-x$',
      '/npm/Space/other$',
      '/maven/com~',
      '/maven/com.any/*',
      '/maven/com.any/lib$',
    ]);
    const parents = Object.fromEntries(tree.groups.map((group) => [group.pattern, tree.parentOf(group)?.pattern]));
    expect(parents).toEqual({
      '/*': undefined,
      '/npm/*': '/*',
      '/npm/space/*': '/npm/*',
      '/npm/space/foo~': '/npm/space/*',
      '/npm/space/foo-*': '/npm/space/foo~',
      '/npm/space/foo--*': '/npm/space/foo-*',
      '/npm/space/foo$': '/npm/space/foo~',
      '/npm/space/foo-x$': '/npm/space/foo-*',
      '/npm/Space/other$': '/npm/space/*',
      '/maven/com~': '/*',
      '/maven/com.any/*': '/maven/com~',
      '/maven/com.any/lib$': '/maven/com.any/*',
    });
    const children = tree.childrenOf(tree.find('/npm/space/*') ?? tree.root);
    expect(children.map(({ pattern }) => pattern)).toEqual(['/npm/Space/other$', '/npm/space/foo~']);
  });

  it('leads from the group of a package through all others that match it', () => {
    fc.assert(
      fc.property(patterns, packages, (patterns, to) => {
        const tree = treeOf(patterns);
        const { group } = tree.associate(to);
        const above = new Set<string>();
        for (let at = tree.parentOf(group); at !== undefined; at = tree.parentOf(at)) {
          // Nobody is its own ancestor.
          expect(above.has(at.pattern)).toBe(false);
          above.add(at.pattern);
        }
        const matching = matchingNaively(patterns, to);
        for (const pattern of above) expect(matching).toContain(pattern);
        // Of groups whose patterns are variants of each other, one is on the way.
        const folded = (some: Iterable<string>) => new Set(Array.from(some, variantOf));
        expect(folded([group.pattern, ...above])).toEqual(folded(matching));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the packages of a group that is deleted to its parent', () => {
    fc.assert(
      fc.property(patterns, packages, (patterns, to) => {
        const tree = treeOf(patterns);
        const { group, association } = tree.associate(to);
        const hasVariants = patterns.some(
          (other) => other !== group.pattern && variantOf(other) === variantOf(group.pattern),
        );
        fc.pre(group !== tree.root && association === 'STRONG' && !hasVariants);
        const without = treeOf(patterns.filter((pattern) => pattern !== group.pattern));
        expect(without.associate(to).group.pattern).toBe(tree.parentOf(group)?.pattern);
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers among thousands of groups without looking at each', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => `/npm/team-${n % 50}/package-${n}$`);
    const tree = treeOf(['/npm/*', ...many]);
    const start = performance.now();
    for (let n = 0; n < 5_000; n++) {
      const to = coordinate(`npm/team-${n % 50}/package-${n}`);
      expect(tree.associate(to).group.pattern).toBe(many[n]);
    }
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('needs its root', () => {
    expect(() => groupTree([aGroup('/npm/*')], [])).toThrow('root');
  });
});

describe('what a group allows', () => {
  const allowed = (pattern: string, restriction: GroupRestriction, repositoryId: string) => ({
    groupId: aGroup(pattern).id,
    restriction,
    repositoryId,
  });

  it('is its own mode, or that of the nearest group above that has one, with that group’s allow list', () => {
    const tree = treeOf(
      [
        aGroup('/*', { PUBLISH: 'BLOCK' }),
        aGroup('/npm/*', { PUBLISH: 'ALLOW_SPECIFIC_REPOSITORIES' }),
        '/npm/space/*',
        '/npm/space/foo$',
        aGroup('/npm/open/*', { PUBLISH: 'ALLOW' }),
      ],
      [allowed('/npm/*', 'PUBLISH', 'releases'), allowed('/npm/space/foo$', 'PUBLISH', 'own')],
    );
    const foo = tree.find('/npm/space/foo$') ?? tree.root;
    expect(tree.effective(foo, 'PUBLISH')).toEqual({
      mode: 'ALLOW_SPECIFIC_REPOSITORIES',
      from: tree.find('/npm/*'),
      allowed: new Set(['releases']),
    });
    expect(tree.allowList(foo, 'PUBLISH')).toEqual(new Set(['own']));
    expect(tree.effective(foo, 'EXTERNAL_UPSTREAM')).toMatchObject({ mode: 'ALLOW', from: { pattern: '/*' } });
    for (const [to, repositoryId, isAllowed] of [
      ['npm/space/foo', 'releases', true],
      ['npm/space/foo', 'own', false],
      ['npm/space/FOO', 'releases', false],
      ['npm//anything', 'releases', true],
      ['npm/open/anything', 'own', true],
      ['npm/0pen/anything', 'own', false],
      ['pypi//anything', 'releases', false],
    ] as const) {
      expect(tree.allows(coordinate(to), 'PUBLISH', repositoryId), to).toBe(isAllowed);
    }
    expect(tree.allows(coordinate('npm/space/foo'), 'EXTERNAL_UPSTREAM', 'own')).toBe(true);
  });

  it('is everything while nothing is restricted, but never for a variant', () => {
    const tree = treeOf(['/npm//foo$', aGroup('/npm//bar$', { INTERNAL_UPSTREAM: 'ALLOW_SPECIFIC_REPOSITORIES' })]);
    for (const [to, isEverything] of [
      ['npm//foo', true],
      ['npm//FOO', false],
      ['npm//bar', false],
      ['npm//other', true],
      ['pypi//foo', true],
    ] as const) {
      expect(tree.allowsEverything(coordinate(to)), to).toBe(isEverything);
    }
    expect(treeOf([]).allowsEverything(coordinate('npm//foo'))).toBe(true);
    expect(treeOf([aGroup('/*', { PUBLISH: 'BLOCK' })]).allowsEverything(coordinate('npm//foo'))).toBe(false);
  });

  it('is found by walking up', () => {
    fc.assert(
      fc.property(patterns, fc.array(modes, { minLength: 31, maxLength: 31 }), packages, (patterns, modes, to) => {
        const groups = patterns.map((pattern, index) => {
          const mode = modes[index] ?? 'ALLOW';
          return aGroup(pattern, { PUBLISH: pattern === '/*' && mode === 'INHERIT' ? 'BLOCK' : mode });
        });
        const tree = treeOf(
          groups,
          groups.filter((_, index) => index % 2 === 0).map(({ pattern }) => allowed(pattern, 'PUBLISH', 'releases')),
        );
        for (const group of groups) {
          let from = group;
          while (from.modes.PUBLISH === 'INHERIT') from = tree.parentOf(from) ?? tree.root;
          expect(tree.effective(group, 'PUBLISH')).toMatchObject({ mode: from.modes.PUBLISH, from });
        }
        const { group, association } = tree.associate(to);
        const { mode, from } = tree.effective(group, 'PUBLISH');
        const isOnList = groups.indexOf(from) % 2 === 0;
        expect(tree.allows(to, 'PUBLISH', 'releases')).toBe(
          association === 'STRONG' && (mode === 'ALLOW' || (mode === 'ALLOW_SPECIFIC_REPOSITORIES' && isOnList)),
        );
      }),
    );
  });
});
