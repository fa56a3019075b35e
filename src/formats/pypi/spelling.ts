import type { PackageCoordinate } from '../../core/coordinates.ts';
import type { Ports } from '../../core/core-ports.ts';
import type { RepositoryInDomain } from '../../ports/storage.ts';
import { versionKey } from './versions.ts';

const pageSize = 1_000;

/**
 * How the repository spells the version if it has it already: `1.0` and `1.0.0` are one (PEP 440), and older tools spell
 * it otherwise in an sdist than in a wheel. As given where it has none.
 */
export async function storedSpelling(
  { storage }: Pick<Ports, 'storage'>,
  { repository }: RepositoryInDomain,
  coordinate: PackageCoordinate,
  version: string,
): Promise<string> {
  const [record] = await storage.packages.findIn([repository.id], coordinate);
  if (record === undefined) return version;
  const { packageId } = record;
  if ((await storage.versions.find(repository.id, packageId, version)) !== undefined) return version;
  const key = versionKey(version);
  for (let after: string | undefined; ; ) {
    const page = { limit: pageSize, ...(after !== undefined && { after }) };
    const versions = await storage.versions.list(repository.id, packageId, {}, page);
    const same = versions.find((other) => versionKey(other.version) === key);
    if (same !== undefined) return same.version;
    after = versions.at(-1)?.version;
    if (versions.length < pageSize) return version;
  }
}
