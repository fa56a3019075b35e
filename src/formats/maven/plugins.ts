import type { PackageCoordinate } from '../../core/coordinates.ts';
import { seenRecords } from '../../core/package-sources.ts';
import { tagPackage, wholePackage } from '../../core/package-tags.ts';
import { reachable } from '../../core/search-order.ts';
import type { Exchange } from '../exchange.ts';
import { packageOf } from './coordinates.ts';
import type { PluginEntry } from './metadata.ts';
import { permitMetadata, refusalOf } from './permit-metadata.ts';
import { mavenRules } from './rules.ts';

/** A plugin's prefix is kept as a tag of its package. */
const tagStart = 'plugin-prefix:';

/**
 * Keeps the prefixes of plugins that a group's metadata names. A client sends all it was given with its own among them:
 * what is known, and what the repository itself does not hold, is passed over.
 *
 * Throws AccessDeniedException when the caller may not put metadata of a plugin whose prefix is new, or of any of them.
 */
export async function keepPlugins(exchange: Exchange, groupId: string, plugins: readonly PluginEntry[]): Promise<void> {
  const named = plugins.map(({ prefix, artifactId }) => ({ prefix, coordinate: packageOf({ groupId, artifactId }) }));
  const coordinates = named.map(({ coordinate }) => coordinate);
  await permitOne(exchange, coordinates);
  const { deps, target } = exchange;
  for (const { prefix, coordinate } of named) {
    const [record] = await deps.storage.packages.findIn([target.repository.id], coordinate);
    if (record === undefined) continue;
    const tags = await deps.storage.tags.list(record.repositoryId, record.packageId);
    if (tags.some(({ tag, version }) => tag === tagStart + prefix && version === wholePackage)) continue;
    await permitMetadata(exchange, coordinate);
    await tagPackage(deps, target, coordinate, tagStart + prefix);
  }
}

/** Throws what the first was refused with when none is permitted. */
async function permitOne(exchange: Exchange, coordinates: readonly PackageCoordinate[]): Promise<void> {
  const refusals: unknown[] = [];
  for (const coordinate of coordinates) {
    const refusal = await refusalOf(permitMetadata(exchange, coordinate));
    if (refusal === undefined) return;
    refusals.push(refusal);
  }
  if (refusals.length > 0) throw refusals[0];
}

/**
 * The plugins of a group that the repository and its upstreams hold, as far as they are seen there; those of the nearest
 * repository last.
 */
export async function heldPlugins({ deps, moment, target }: Exchange, groupId: string): Promise<PluginEntry[]> {
  const { domain, repository } = target;
  return moment.recall(`plugins ${repository.id} ${groupId}`, async () => {
    const topology = await deps.topologies.of(domain);
    const repositoryIds = reachable(topology, repository.id);
    const tags = await deps.storage.tags.ofNamespace(repositoryIds, mavenRules.name, groupId, tagStart);
    const plugins: (PluginEntry & { readonly distance: number })[] = [];
    for (const [name, held] of Map.groupBy(tags, ({ name }) => name)) {
      const coordinate = packageOf({ groupId, artifactId: name });
      const records = await deps.storage.packages.findIn(repositoryIds, coordinate);
      const seen = seenRecords(deps, topology, repository.id, coordinate, records);
      for (const { repositoryId, tag } of held) {
        const distance = seen.findIndex((record) => record.repositoryId === repositoryId);
        if (distance !== -1) plugins.push({ prefix: tag.slice(tagStart.length), artifactId: name, distance });
      }
    }
    return { value: plugins.sort((a, b) => b.distance - a.distance) };
  });
}
