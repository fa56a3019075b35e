import type { Asset, Queries, VersionInRepository } from '../ports/storage.ts';
import type { Ports } from './core-ports.ts';
import type { FormatRules, VersionTexts } from './format.ts';
import { revisionOf } from './revision.ts';

/** What joins a version. */
export interface Growth extends VersionTexts {
  readonly assets: readonly Asset[];
}

/** A version after it has grown. */
export interface GrownVersion {
  readonly versionId: string;
  readonly revision: string;
  readonly assetCount: number;
  /** Those of the given repositories that have the content which has grown. */
  readonly repositoryIds: readonly string[];
}

/**
 * Adds assets to a version as the given repositories have it. Others that refer to the same content keep what they
 * have: they may have copied it, and a copy does not follow. Call it in a transaction that holds the package's record
 * in one of the repositories.
 */
export async function growVersion(
  { ids }: Pick<Ports, 'ids'>,
  queries: Queries,
  { join = (existing) => existing }: Pick<FormatRules, 'join'>,
  existing: VersionInRepository,
  repositoryIds: readonly string[],
  { assets, ...added }: Growth,
): Promise<GrownVersion> {
  const holders = await queries.versions.holders(existing.versionId);
  const growing = holders.filter((id) => repositoryIds.includes(id));
  const isShared = growing.length < holders.length;
  const versionId = isShared ? ids.next() : existing.versionId;
  if (isShared) await queries.versions.fork(existing.versionId, versionId, growing);
  const held = await queries.versions.assets(versionId, { limit: Number.MAX_SAFE_INTEGER });
  const all = [...held, ...assets];
  const texts = join({ metadata: existing.metadata, entry: existing.entry }, added);
  const revision = revisionOf(texts.metadata, all);
  await queries.versions.grow(versionId, assets, { ...texts, revision });
  return { versionId, revision, assetCount: all.length, repositoryIds: growing };
}
