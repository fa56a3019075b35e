import type {
  Domain,
  Queries,
  RepositoryInDomain,
  RepositoryPackage,
  VersionInRepository,
} from '../../ports/storage.ts';
import type { PackageCoordinate, RepositoryName } from '../coordinates.ts';
import type { Ports } from '../core-ports.ts';
import { displayNameOf } from '../display-name.ts';
import { domainNotFound, packageNotFound, repositoryNotFound, versionNotFound } from '../errors.ts';

/** A domain as addresses name it. */
export type DomainName = Omit<RepositoryName, 'repository'>;

export interface PackageInRepository extends RepositoryInDomain {
  readonly coordinate: PackageCoordinate;
  /** The package's name as its format's users write it. */
  readonly displayName: string;
  readonly record: RepositoryPackage;
}

export interface FoundVersion extends PackageInRepository {
  readonly version: VersionInRepository;
}

/** Throws AWS's 404 when there is no such domain. */
export async function findDomain(queries: Queries, name: DomainName): Promise<Domain> {
  const domain = await queries.domains.find(name.owner, name.region, name.domain);
  if (domain === undefined) throw domainNotFound(name.domain, name.owner);
  return domain;
}

/** Throws AWS's 404 for the domain or for the repository. */
export async function findRepository(queries: Queries, name: RepositoryName): Promise<RepositoryInDomain> {
  const found = await queries.repositories.locate(name.owner, name.region, name.domain, name.repository);
  if (found === undefined) throw domainNotFound(name.domain, name.owner);
  const { domain, repository } = found;
  if (repository === undefined) throw repositoryNotFound(name.repository, name.domain, name.owner);
  return { domain, repository };
}

/**
 * The package's record in this very repository; upstreams are not searched (AWS: "API behavior with upstreams").
 *
 * Throws AWS's 404 for domain, repository or package.
 */
export async function findPackage(
  ports: Ports,
  name: RepositoryName,
  given: PackageCoordinate,
): Promise<PackageInRepository> {
  const coordinate = normalizeCoordinate(ports, given);
  const displayName = displayNameOf(ports, coordinate);
  const found = await findRepository(ports.storage, name);
  const [record] = await ports.storage.packages.findIn([found.repository.id], coordinate);
  if (record === undefined) throw packageNotFound(coordinate.format, displayName, name.repository);
  return { ...found, coordinate, displayName, record };
}

/** A version in this very repository. Throws as `findPackage` does, and 404 for the version. */
export async function findVersion(
  ports: Ports,
  name: RepositoryName,
  given: PackageCoordinate,
  version: string,
): Promise<FoundVersion> {
  const found = await findPackage(ports, name, given);
  const { repository, record, coordinate, displayName } = found;
  const content = await ports.storage.versions.find(repository.id, record.packageId, version);
  if (content === undefined) throw versionNotFound(coordinate.format, displayName, version, name.repository);
  return { ...found, version: content };
}

/** The stored spelling of a coordinate; as given when the format's rules are not known here. */
export function normalizeCoordinate(ports: Pick<Ports, 'formats'>, coordinate: PackageCoordinate): PackageCoordinate {
  return ports.formats.get(coordinate.format)?.normalize(coordinate) ?? coordinate;
}
