import { packagesOf } from '../../core/held-packages.ts';
import { setPackageTag } from '../../core/package-tags.ts';
import { reachable } from '../../core/search-order.ts';
import type { RepositoryPackage } from '../../ports/storage.ts';
import type { Exchange } from '../exchange.ts';
import { packageOf } from './coordinates.ts';
import type { PluginEntry } from './metadata.ts';

/** A plugin's prefix is kept as a tag of its package, which goes with the version it points to. */
const tagStart = 'plugin-prefix:';

/**
 * Keeps the prefixes of plugins that a group's metadata names. A client sends all it was given with its own among them:
 * what is known, and what the repository itself does not hold, is passed over.
 *
 * Throws AccessDeniedException when the caller may not put metadata of a plugin whose prefix is new.
 */
export async function keepPlugins(exchange: Exchange, groupId: string, plugins: readonly PluginEntry[]): Promise<void> {
  const { deps, target } = exchange;
  for (const { prefix, artifactId } of plugins) {
    const coordinate = packageOf({ groupId, artifactId });
    const [record] = await deps.storage.packages.findIn([target.repository.id], coordinate);
    if (record === undefined) continue;
    const tag = tagStart + prefix;
    if ((await prefixesOf(deps, record)).includes(prefix)) continue;
    const { repositoryId, packageId } = record;
    const [newest] = await deps.storage.versions.listByPublishedTime(repositoryId, packageId, {}, { limit: 1 });
    if (newest === undefined) continue;
    await exchange.authorize('PutPackageMetadata', coordinate);
    await setPackageTag(deps, target, coordinate, tag, newest.version);
  }
}

/** The plugins of a group that the repository and its upstreams hold; those of the nearest repository last. */
export async function heldPlugins({ deps, target }: Exchange, groupId: string): Promise<PluginEntry[]> {
  const topology = await deps.topologies.of(target.domain);
  const plugins: PluginEntry[] = [];
  for (const repositoryId of reachable(topology, target.repository.id)) {
    for await (const record of packagesOf(deps, repositoryId, { format: 'maven', namespacePrefix: groupId })) {
      if (record.namespace !== groupId) continue;
      for (const prefix of await prefixesOf(deps, record)) plugins.push({ prefix, artifactId: record.name });
    }
  }
  return plugins.reverse();
}

async function prefixesOf({ storage }: Exchange['deps'], { repositoryId, packageId }: RepositoryPackage) {
  const tags = await storage.tags.list(repositoryId, packageId);
  return tags.flatMap(({ tag }) => (tag.startsWith(tagStart) ? [tag.slice(tagStart.length)] : []));
}
