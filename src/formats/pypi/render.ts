import type { PackageView, ViewedVersion } from '../../core/package-view.ts';
import type { Rendering } from '../../core/prepared.ts';
import type { Negotiated } from './accept.ts';
import { type FileFacts, readEntry } from './entry.ts';
import { type IndexedFile, projectPage } from './simple-index.ts';

/**
 * Renders the page of a project as a repository sees it: the union of all files by name, the nearest place's of each.
 * Whether a file is yanked and which Python it needs is what the index it came from says now, where that can be seen
 * (AWS user guide, "Python upstream and external connection behavior").
 *
 * @param isStrict whether the page is as AWS's: with both hashes of a file, and without the METADATA of wheels
 */
export function simplePage(view: PackageView, as: Negotiated, isStrict: boolean): Rendering {
  const releases = view.versions.map((version) => {
    return { version, files: [...factsOf(version)].sort(([a], [b]) => (a < b ? -1 : 1)) };
  });
  // Ordered by what retention does not change: the page is the same whether a file is here or still upstream.
  releases.sort((a, b) => byTime(a.version, b.version));
  const files = releases.flatMap(({ version: { version }, files }) =>
    files.map(([filename, facts]) => indexed(version, filename, facts, isStrict)),
  );
  return projectPage(view.coordinate.name, files, as);
}

function byTime(a: ViewedVersion, b: ViewedVersion): number {
  return (a.publishedAt ?? 0) - (b.publishedAt ?? 0) || (a.version < b.version ? -1 : 1);
}

/** What is said of a version's files, by their names. */
function factsOf(version: ViewedVersion): Map<string, FileFacts> {
  const facts = new Map<string, FileFacts>();
  for (const place of [version, ...version.also]) {
    // Only an index upstream has no id of ours for its versions.
    const isIndex = place.versionId === undefined;
    for (const [name, said] of readEntry(place.entry)) {
      const known = facts.get(name);
      if (known === undefined) facts.set(name, said);
      else if (isIndex) facts.set(name, withMarks(known, said));
    }
  }
  return facts;
}

function withMarks(
  { yanked: _yanked, requiresPython: _requiresPython, ...lasting }: FileFacts,
  { yanked, requiresPython }: FileFacts,
): FileFacts {
  return {
    ...lasting,
    ...(requiresPython !== undefined && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
  };
}

function indexed(
  version: string,
  filename: string,
  { coreMetadata, md5, ...facts }: FileFacts,
  isStrict: boolean,
): IndexedFile {
  const isAnnounced = !isStrict && coreMetadata !== undefined;
  // A lock file made of both is one that pip refuses: uv's have md5 first.
  const hasMd5 = md5 !== undefined && (isStrict || facts.sha256 === undefined);
  return {
    filename,
    version,
    ...facts,
    ...(hasMd5 && { md5 }),
    ...(isAnnounced && { coreMetadataSha256: coreMetadata }),
  };
}
