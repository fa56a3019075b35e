import type { Queries, VersionInRepository } from '../ports/storage.ts';

/**
 * The version a package is shown by in one repository: the one its format's own tag names (npm: `latest`), else the
 * one that entered the repository last; undefined when none of them is Published. Source: AWS model,
 * ListPackageVersions.
 *
 * @param tagName the format's `defaultDisplayTag`
 */
export async function defaultDisplayVersion(
  { tags, versions }: Pick<Queries, 'tags' | 'versions'>,
  { repositoryId, packageId }: { readonly repositoryId: string; readonly packageId: string },
  tagName: string | null,
): Promise<VersionInRepository | undefined> {
  if (tagName !== null) {
    const tagged = (await tags.list(repositoryId, packageId)).find(({ tag }) => tag === tagName);
    const version = tagged && (await versions.find(repositoryId, packageId, tagged.version));
    if (version?.status === 'Published') return version;
  }
  const [newest] = await versions.listByPublishedTime(repositoryId, packageId, { status: 'Published' }, { limit: 1 });
  return newest && versions.find(repositoryId, packageId, newest.version);
}
