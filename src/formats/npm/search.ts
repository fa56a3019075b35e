import { asObject } from '../../core/json.ts';
import { type FoundPackage, searchPackages } from '../../core/search-packages.ts';
import type { Exchange } from '../exchange.ts';
import { describe } from './manifest.ts';
import { fullName } from './names.ts';

/**
 * GET /-/v1/search?text&size&from: packages that the repository and its upstreams hold and whose name contains the
 * text. Source: the public registry's search answer; there is nothing to rank by, so all scores are equal.
 */
export async function search({ deps, target, query, answer }: Exchange): Promise<void> {
  const limit = boundedInteger(query.get('size'), 20, 250);
  const offset = boundedInteger(query.get('from'), 0, 1_000_000);
  const text = (query.get('text') ?? '').trim();
  const wanted = { format: 'npm', text, defaultTag: 'latest', offset, limit };
  const { found, total } = await searchPackages(deps, target, wanted);
  await answer.json(200, { objects: found.map(entryOf), total, time: new Date(deps.clock.now()).toISOString() });
}

function entryOf({ coordinate, version }: FoundPackage): unknown {
  const { summary } = describe(coordinate, version.metadata);
  const manifest = JSON.parse(version.metadata) as Record<string, unknown>;
  return {
    package: {
      name: fullName(coordinate),
      scope: coordinate.namespace ?? 'unscoped',
      version: version.version,
      description: summary,
      keywords: manifest['keywords'],
      maintainers: Array.isArray(manifest['maintainers']) ? manifest['maintainers'].flatMap(userOf) : [],
      publisher: userOf(manifest['_npmUser'])[0],
      date: new Date(version.firstPublishedAt).toISOString(),
      links: {},
    },
    score: { final: 1, detail: { quality: 1, popularity: 1, maintenance: 1 } },
    searchScore: 1,
  };
}

/** Someone as search results name people; npm itself fails where the name is missing. Manifests also write `Al <al@x.y>`. */
function userOf(person: unknown): { username: string; email?: string }[] {
  const text = typeof person === 'string' ? /^([^<(]*)(?:<([^>]*)>)?/.exec(person) : null;
  const { name, email } = text === null ? (asObject(person) ?? {}) : { name: text[1]?.trim(), email: text[2] };
  if (typeof name !== 'string' || name === '') return [];
  return [{ username: name, ...(typeof email === 'string' && { email }) }];
}

function boundedInteger(text: string | null, fallback: number, most: number): number {
  const value = text === null || !/^\d+$/.test(text) ? fallback : Number(text);
  return Math.min(value, most);
}
