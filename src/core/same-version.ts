import type { VersionInRepository, VersionQueries } from '../ports/storage.ts';
import type { FormatRules } from './format.ts';

type Spelling = Pick<FormatRules, 'versionKey'>;

/** What all spellings of a version have in common, as it is stored; null where the format spells each in one way. */
export function storedKey({ versionKey }: Spelling, version: string): string | null {
  return versionKey?.(version) ?? null;
}

/** A repository's version of this number, or of another spelling of it. */
export async function findSame(
  versions: Pick<VersionQueries, 'find' | 'findByKey'>,
  { versionKey }: Spelling,
  repositoryId: string,
  packageId: string,
  version: string,
): Promise<VersionInRepository | undefined> {
  const found = await versions.find(repositoryId, packageId, version);
  if (found !== undefined || versionKey === undefined) return found;
  return versions.findByKey(repositoryId, packageId, versionKey(version));
}
