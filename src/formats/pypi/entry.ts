import type { VersionTexts } from '../../core/format.ts';
import type { Asset } from '../../ports/storage.ts';

/** What a page says of a file. */
export interface FileFacts {
  /** Lower-case hex; absent while only an index that does not give it has the file. */
  readonly sha256?: string;
  readonly md5?: string;
  readonly size?: number;
  /** Milliseconds since the epoch. */
  readonly uploadTime?: number;
  readonly requiresPython?: string;
  /** The reason, or true where none was given. */
  readonly yanked?: string | true;
  /** SHA-256 of its METADATA, where that can be had by itself. */
  readonly coreMetadata?: string;
}

/** The metadata of a version of which only the files are known. */
export const noMetadata = '{}';

/** A version's `entry`: its files by name. */
export function writeEntry(files: Iterable<readonly [name: string, facts: FileFacts]>): string {
  return JSON.stringify({ files: Object.fromEntries(files) });
}

export function readEntry(entry: string | Buffer): [name: string, facts: FileFacts][] {
  return Object.entries((JSON.parse(entry.toString()) as { files: Record<string, FileFacts> }).files);
}

/** A version and files that join it: of a name that is there already, the former one stays. */
export function join(existing: VersionTexts, added: VersionTexts): VersionTexts {
  return {
    metadata: existing.metadata === noMetadata ? added.metadata : existing.metadata,
    entry: writeEntry([...readEntry(added.entry), ...readEntry(existing.entry)]),
  };
}

/**
 * A version of which only these files are there, whose size and hash are known from now on. METADATA that cannot be read
 * out of a wheel here is not announced: once the index is gone nobody could have it.
 */
export function narrow({ metadata, entry }: VersionTexts, assets: readonly Asset[], isReadable: boolean): VersionTexts {
  const facts = new Map(readEntry(entry));
  const kept = assets.flatMap(({ name, size, hashes: { sha256 } }) => {
    const said = facts.get(name);
    if (said === undefined) return [];
    const { coreMetadata, ...rest } = said;
    const isAnnounced = isReadable && coreMetadata !== undefined;
    return [[name, { sha256, size, ...rest, ...(isAnnounced && { coreMetadata }) }] as const];
  });
  return { metadata, entry: writeEntry(kept) };
}
