import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PackageCoordinate } from '../../../src/core/coordinates.ts';
import { listAssociatedPackages } from '../../../src/core/package-groups/associated-packages.ts';
import { variantKey } from '../../../src/core/package-groups/variants.ts';
import type { PackageGroup, Storage } from '../../../src/ports/storage.ts';
import { coordinate, isExactly, matchingNaively, treeOf } from './groups.ts';

const domain = { region: 'eu-west-1', owner: '111122223333', domain: 'acme' };

const place = ({ variant, namespace, name }: { variant: string; namespace: string | null; name: string }) =>
  Buffer.from([variant, namespace ?? '', name].join('\0'));

/** A storage with one domain of these groups and packages, of which it gives no more than three at a time. */
function storageOf(groups: PackageGroup[], packages: readonly PackageCoordinate[]): Storage {
  const placed = packages.map((item) => ({ ...item, variant: variantKey(item) }));
  const storage = {
    domains: { find: async () => ({ id: 'id of /*', createdAt: 0 }) },
    packageGroups: {
      all: async () => ({ groups, allowed: [] }),
      packages: async (_domainId, format, prefix, { after, limit }) =>
        placed
          .filter((item) => item.format === format && item.variant.startsWith(prefix))
          .filter((item) => after === undefined || Buffer.compare(place(item), place(after)) > 0)
          .toSorted((a, b) => Buffer.compare(place(a), place(b)))
          .slice(0, Math.min(limit, 3))
          .map(({ format, namespace, name }) => ({ format, namespace, name })),
    } satisfies Partial<Storage['packageGroups']>,
  };
  return storage as object as Storage;
}

const name = fc
  .array(fc.constantFrom('foo', 'Foo', 'b', '0', '-', '.', '+'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));
const namespace = fc.constantFrom('', 'team', 'Team', 'team.a', 'teams');
const space = fc.oneof(
  namespace.map((namespace) => `npm/${namespace}`),
  namespace.filter((namespace) => namespace !== '').map((namespace) => `maven/${namespace}`),
);
const packages = fc.uniqueArray(
  fc.tuple(space, name).map((parts) => parts.join('/')),
  { minLength: 1, maxLength: 40 },
);
const pattern = fc.oneof(
  fc.constantFrom('/*', '/npm/*', '/maven/*', '/npm/team~', '/npm/Team~', '/npm/team/*', '/npm/Team/*', '/npm//*'),
  fc.tuple(space, name).map((parts) => `/${parts.join('/')}$`),
  fc.tuple(space, name).map((parts) => `/${parts.join('/')}${/[\p{L}\p{N}]$/u.test(parts[1]) ? '~' : '*'}`),
);
const patterns = fc.uniqueArray(pattern, { maxLength: 20 }).map((some) => [...new Set(['/*', ...some])]);

it('lists just the packages whose group it is, page by page, or whose it would be', async () => {
  await fc.assert(
    fc.asyncProperty(
      patterns,
      packages,
      pattern,
      fc.integer({ min: 1, max: 5 }),
      async (patterns, names, asked, limit) => {
        const coordinates = names.map(coordinate);
        const { groups } = treeOf(patterns);
        const ports = { storage: storageOf([...groups], coordinates), formats: new Map() };
        const listed: string[] = [];
        let after: PackageCoordinate | undefined;
        do {
          const page = { ...(after && { after }), limit };
          const found = await listAssociatedPackages(ports, domain, asked, true, page);
          listed.push(...found.map(({ coordinate, association }) => `${association} ${JSON.stringify(coordinate)}`));
          after = found.at(-1)?.coordinate;
        } while (after !== undefined);
        const all = [...new Set([...patterns, asked])];
        const expected = coordinates
          .filter((to) => matchingNaively(all, to)[0] === asked)
          .map((to) => `${isExactly(asked, to) ? 'STRONG' : 'WEAK'} ${JSON.stringify(to)}`);
        expect(listed.toSorted()).toEqual(expected.toSorted());
      },
    ),
    {
      numRuns: 3_000,
      examples: [
        // Two groups, one within the other, that fold to the same.
        [['/*', '/npm//b--*'], ['npm//b--foo', 'npm//b-foo', 'npm//b.foo'], '/npm//b-*', 1],
        // Two groups that both match the package as a variant: the one that is not there yet would go first.
        [['/*', '/npm/team/foo-*'], ['npm/team/foo.foo'], '/npm/Team/foo.*', 1],
      ],
    },
  );
});
