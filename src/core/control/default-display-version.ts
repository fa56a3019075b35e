import type { Ports } from '../core-ports.ts';
import type { PackageInRepository } from './find.ts';

/**
 * The version a package is shown by: the one its format's own tag names (npm: `latest`), else the most recently
 * published one; undefined when nothing is Published. Source: AWS model, ListPackageVersions.
 */
export async function defaultDisplayVersion(ports: Ports, found: PackageInRepository): Promise<string | undefined> {
  const { coordinate, repository, record } = found;
  const tagName = ports.formats.get(coordinate.format)?.defaultDisplayTag ?? null;
  if (tagName !== null) {
    const tags = await ports.storage.tags.list(repository.id, record.packageId);
    const tagged = tags.find(({ tag }) => tag === tagName);
    const version = tagged && (await ports.storage.versions.find(repository.id, record.packageId, tagged.version));
    if (version?.status === 'Published') return version.version;
  }
  const [newest] = await ports.storage.versions.listByPublishedTime(
    repository.id,
    record.packageId,
    { status: 'Published' },
    { limit: 1 },
  );
  return newest?.version;
}
