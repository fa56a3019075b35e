import { sql } from 'kysely';
import type { RepositoryPackage } from '../../ports/storage.ts';
import { toRepositoryPackage } from './package-rows.ts';
import { containsPattern } from './prefix.ts';
import type { Database } from './schema.ts';

/**
 * Packages whose name or namespace contains `text`, upper and lower case alike, by name and namespace. A package that
 * several of the repositories have is found once, as the first of them has it.
 */
export async function searchPackages(
  db: Database,
  repositoryIds: readonly string[],
  format: string,
  text: string,
  page: { offset: number; limit: number },
): Promise<{ packages: RepositoryPackage[]; total: number }> {
  if (repositoryIds.length === 0) return { packages: [], total: 0 };
  const matches = db
    .selectFrom('repository_packages')
    .where('repository_id', 'in', repositoryIds)
    .where('format', '=', format)
    .where(sql<boolean>`folded like ${containsPattern(text.toLowerCase())} escape '!'`);

  const { total } = await matches
    .select((eb) => eb.fn.count<number>('package_id').distinct().as('total'))
    .executeTakeFirstOrThrow();
  const found = await matches
    .select('package_id')
    .groupBy(['name', 'namespace', 'package_id'])
    .orderBy('name')
    .orderBy('namespace')
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  if (found.length === 0) return { packages: [], total };

  const ids = found.map((row) => row.package_id);
  const rows = await db
    .selectFrom('repository_packages')
    .selectAll()
    .where('repository_id', 'in', repositoryIds)
    .where('package_id', 'in', ids)
    .execute();
  rows.sort((a, b) => repositoryIds.indexOf(b.repository_id) - repositoryIds.indexOf(a.repository_id));
  // Nearer repositories come later and so replace what farther ones say.
  const records = new Map(rows.map((row) => [row.package_id, toRepositoryPackage(row)]));
  return { packages: ids.flatMap((id) => records.get(id) ?? []), total };
}
