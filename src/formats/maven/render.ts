import { createHash } from 'node:crypto';
import type { PackageView } from '../../core/package-view.ts';
import type { Prepared, Rendering } from '../../core/prepared.ts';
import type { AssetHashes } from '../../ports/storage.ts';
import { artifactOf } from './coordinates.ts';
import type { ShownBuild } from './find-snapshot.ts';
import { gaMetadata, gavMetadata, groupMetadata, type PluginEntry } from './metadata.ts';
import type { MavenCoordinate } from './paths.ts';
import type { ListingExtra } from './remote.ts';

/** The versions of an artifact, over all repositories and registries that know it; with plugins of a group at its path. */
export function artifactDocument(
  { coordinate, versions, extra }: PackageView,
  plugins: readonly PluginEntry[] = [],
): Rendering {
  const times = versions.map(({ publishedAt }) => publishedAt ?? 0);
  return xml(
    gaMetadata({
      ...artifactOf(coordinate),
      versions: versions.map(({ version }) => version),
      lastUpdated: times.reduce((latest, time) => Math.max(latest, time), extraOf(extra).lastUpdated ?? 0),
      plugins,
    }),
  );
}

/** What a SNAPSHOT shows. */
export function snapshotDocument(
  { groupId, artifactId, version }: MavenCoordinate,
  builds: readonly ShownBuild[],
): Rendering {
  return xml(gavMetadata({ groupId, artifactId, version, builds }));
}

/** The plugins of a group. */
export function groupDocument(plugins: readonly PluginEntry[]): Rendering {
  return xml(groupMetadata(plugins));
}

/** What a registry's listing says besides its versions. */
export function extraOf(extra: string | null): ListingExtra {
  return extra === null ? { lastUpdated: null, plugins: [] } : (JSON.parse(extra) as ListingExtra);
}

/** A document that stays in memory is hashed once, however often it and its checksums are asked for. */
const hashed = new WeakMap<Prepared, Promise<AssetHashes>>();

/** The sums of a document as it is without compression. */
export function hashesOf(document: Prepared): Promise<AssetHashes> {
  const known = hashed.get(document);
  if (known !== undefined) return known;
  const hashes = document.plain().then((body) => {
    const hash = (algorithm: keyof AssetHashes) => createHash(algorithm).update(body).digest('hex');
    return { md5: hash('md5'), sha1: hash('sha1'), sha256: hash('sha256'), sha512: hash('sha512') };
  });
  hashed.set(document, hashes);
  return hashes;
}

function xml(document: string): Rendering {
  return { contentType: 'application/xml', body: Buffer.from(document) };
}
