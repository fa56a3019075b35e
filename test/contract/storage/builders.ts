import { createHash } from 'node:crypto';
import type { PackageCoordinate } from '../../../src/core/coordinates.ts';
import type {
  Asset,
  Domain,
  Origin,
  Queries,
  Repository,
  Restrictions,
  VersionContent,
  VersionReference,
} from '../../../src/ports/storage.ts';

export const owner = '111122223333';
export const region = 'eu-central-1';

let ids = 0;

/** A new id of the shape and order that the id source gives. */
export function newId(): string {
  return String(++ids).padStart(26, '0');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Adds a domain. */
export async function addDomain(q: Queries, name = 'acme', given: Partial<Domain> = {}): Promise<Domain> {
  const domain = {
    id: newId(),
    owner,
    region,
    name,
    encryptionKey: 'key',
    createdAt: 1_700_000_000_000,
    topologyRevision: 0,
    ...given,
  };
  await q.domains.insert(domain);
  return domain;
}

/** Adds a repository to a domain. */
export async function addRepository(
  q: Queries,
  domain: Domain,
  name = 'releases',
  given: Partial<Repository> = {},
): Promise<Repository> {
  const repository = {
    id: newId(),
    domainId: domain.id,
    name,
    administratorAccount: owner,
    description: null,
    createdAt: 1_700_000_000_001,
    ...given,
  };
  await q.repositories.insert(repository);
  return repository;
}

/** `left-pad` or `@scope/left-pad` as an npm coordinate. */
export function npm(name: string): PackageCoordinate {
  const scoped = /^@([^/]+)\/(.+)$/.exec(name);
  if (scoped?.[1] === undefined || scoped[2] === undefined) return { format: 'npm', namespace: null, name };
  return { format: 'npm', namespace: scoped[1], name: scoped[2] };
}

const open: Restrictions = { publish: 'ALLOW', upstream: 'ALLOW' };

/** Gives the repository a record of the package; returns the package's id. */
export async function addPackage(
  q: Queries,
  repository: Repository,
  coordinate: PackageCoordinate = npm('left-pad'),
  restrictions: Restrictions = open,
): Promise<string> {
  const id = await q.packages.ensure(repository.domainId, coordinate, newId());
  await q.packages.ensureIn(repository.id, id, coordinate, restrictions);
  return id;
}

export function asset(name: string, bytes: string): Asset {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return {
    name,
    size: Buffer.byteLength(bytes),
    hashes: { md5: hash('md5'), sha1: hash('sha1'), sha256: hash('sha256'), sha512: hash('sha512') },
  };
}

const internal: Origin = { type: 'INTERNAL', repositoryName: 'releases', externalConnectionName: null };
export const external: Origin = { type: 'EXTERNAL', repositoryName: null, externalConnectionName: 'public:npmjs' };

export function contentOf(packageId: string, version: string, given: Partial<VersionContent> = {}): VersionContent {
  return {
    id: newId(),
    packageId,
    version,
    revision: sha256(version).slice(0, 44),
    origin: internal,
    firstPublishedAt: 1_600_000_000_000,
    metadata: JSON.stringify({ version, long: true }),
    entry: JSON.stringify({ version }),
    ...given,
  };
}

export function referenceTo(
  repository: Repository,
  content: VersionContent,
  given: Partial<VersionReference> = {},
): VersionReference {
  return {
    repositoryId: repository.id,
    packageId: content.packageId,
    version: content.version,
    versionId: content.id,
    key: null,
    status: 'Published',
    publishedAt: 1_700_000_000_002,
    display: null,
    ...given,
  };
}

/** Adds a version with one asset to a package that the repository has. */
export async function publish(
  q: Queries,
  repository: Repository,
  packageId: string,
  version: string,
  given: { content?: Partial<VersionContent>; reference?: Partial<VersionReference>; bytes?: string } = {},
): Promise<VersionContent> {
  const content = contentOf(packageId, version, given.content);
  await q.versions.insert(content, [asset('package.tgz', given.bytes ?? version)], null);
  await q.versions.refer(referenceTo(repository, content, given.reference));
  return content;
}

export interface Page<Key> {
  after?: Key;
  limit: number;
}

/** Every item of a listing, read page by page. */
export async function allPages<Item, Key>(
  read: (page: Page<Key>) => Promise<Item[]>,
  keyOf: (item: Item) => Key,
  limit: number,
): Promise<Item[]> {
  const items: Item[] = [];
  let last: Item | undefined;
  do {
    const page = await read(last === undefined ? { limit } : { after: keyOf(last), limit });
    items.push(...page);
    last = page.at(-1);
  } while (last !== undefined);
  return items;
}

/** Names that a dictionary, a phone book and a byte comparison put in different orders. */
export const unsortedNames = [
  'b',
  'a-b',
  'ab',
  'a.b',
  'A',
  'a',
  'Z',
  'a_b',
  'é',
  'e',
  'z',
  'ab1',
  'ab10',
  'ab2',
  '0',
  '字',
];

/** Names as both engines are to order them. */
export function inByteOrder(names: readonly string[]): string[] {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
