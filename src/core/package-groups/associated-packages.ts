import type { PackageGroup } from '../../ports/storage.ts';
import { type DomainName, findDomain } from '../control/find.ts';
import { packageGroupNotFound } from '../control/find-package-group.ts';
import type { PackageCoordinate } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { namespaceRules } from '../namespace-rules.ts';
import { foldedPathOf, foldedPattern, matches } from './paths.ts';
import { checkPattern } from './pattern.ts';
import { rootGroup } from './root-group.ts';
import { type Association, type GroupTree, groupTree } from './tree.ts';
import { variantKey } from './variants.ts';

export interface AssociatedPackage {
  readonly coordinate: PackageCoordinate;
  readonly association: Association;
}

/** How many packages are read at a time. */
const batchSize = 500;

/** Comes after all other characters. */
const lastCharacter = '\u{10FFFF}';

/**
 * Packages of a domain whose group is the one of this pattern, by format and then by what their variants have in
 * common. With `isPreview` there need not be such a group yet: the answer is what it would get.
 *
 * Only what can match is read, a batch at a time, and what lies within the groups below is passed over.
 *
 * Throws 404 for the domain or the group; in a preview ValidationException for what is no pattern.
 */
export async function listAssociatedPackages(
  ports: Pick<Ports, 'storage' | 'formats'>,
  name: DomainName,
  pattern: string,
  isPreview: boolean,
  { after, limit }: { readonly after?: PackageCoordinate; readonly limit: number },
): Promise<AssociatedPackage[]> {
  if (isPreview) checkPattern(ports, pattern);
  const { storage } = ports;
  const domain = await findDomain(storage, name);
  const { groups, allowed } = await storage.packageGroups.all(domain.id);
  const isThere = groups.some((group) => group.pattern === pattern);
  if (!isThere && !isPreview) throw packageGroupNotFound(pattern, name);
  const preview = { ...rootGroup(domain), id: 'preview', pattern };
  const tree = groupTree(isThere ? groups : [...groups, preview], allowed);
  const target = tree.find(pattern) ?? preview;

  const found: AssociatedPackage[] = [];
  const [, only = ''] = pattern.split('/');
  const formats = only === '*' ? Object.keys(namespaceRules).toSorted() : [only];
  for (const format of formats) {
    if (after !== undefined && format < after.format) continue;
    const inFormat = associatedIn(ports, tree, target, format, after?.format === format ? after : undefined);
    for await (const associated of inFormat) {
      found.push(associated);
      if (found.length === limit) return found;
    }
  }
  return found;
}

async function* associatedIn(
  { storage }: Pick<Ports, 'storage'>,
  tree: GroupTree,
  target: PackageGroup,
  format: string,
  after: PackageCoordinate | undefined,
): AsyncGenerator<AssociatedPackage> {
  const start = `/${format}/`;
  const prefix = foldedPattern(target.pattern).stem.slice(start.length);
  let place = after && placeOf(after);
  for (;;) {
    const batch = await storage.packageGroups.packages(target.domainId, format, prefix, {
      ...(place && { after: place }),
      limit: batchSize,
    });
    let passedOver: string | undefined;
    for (const coordinate of batch) {
      const path = foldedPathOf(coordinate);
      if (passedOver !== undefined && path.startsWith(passedOver)) continue;
      const { group, association } = tree.associate(coordinate);
      passedOver = group === target ? undefined : notOf(tree, target, group, path);
      if (group === target) yield { coordinate, association };
    }
    const last = batch.at(-1);
    if (last === undefined) return;
    place = passedOver === undefined ? placeOf(last) : placeAfter(passedOver.slice(start.length));
  }
}

interface Place {
  readonly variant: string;
  readonly namespace: string | null;
  readonly name: string;
}

function placeOf({ namespace, name }: PackageCoordinate): Place {
  return { variant: variantKey({ namespace, name }), namespace, name };
}

/** After all whose variant begins so. */
function placeAfter(prefix: string): Place {
  return { variant: prefix + lastCharacter, namespace: null, name: '' };
}

/** A beginning of this path with which no path from here on belongs to the target; undefined when none is known. */
function notOf(tree: GroupTree, target: PackageGroup, group: PackageGroup, path: string): string | undefined {
  const pattern = foldedPattern(target.pattern);
  if (!matches(pattern, path)) return pattern.marker === '$' ? pattern.stem : beyond(pattern.stem, path);
  const child = childTowards(tree, target, group);
  if (child === undefined) return undefined;
  const { stem, marker } = foldedPattern(child.pattern);
  if (marker === '$' || stem === pattern.stem) return undefined;
  return marker === '*' ? stem : beyond(stem, path);
}

/** The target's direct child that `group` is or lies within; undefined when it does not lie within the target. */
function childTowards(tree: GroupTree, target: PackageGroup, group: PackageGroup): PackageGroup | undefined {
  for (let at: PackageGroup | undefined = group; at !== undefined; at = tree.parentOf(at)) {
    if (tree.parentOf(at) === target) return at;
  }
  return undefined;
}

/** The stem and the one character that follows it in the path. */
function beyond(stem: string, path: string): string | undefined {
  const [next] = path.slice(stem.length);
  return next === undefined ? undefined : stem + next;
}
