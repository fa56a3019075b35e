import type { EventFilter, PlacedEvent } from '../../ports/storage.ts';
import type { Ports } from '../core-ports.ts';

/**
 * Who is told: an account, of the domains it owns and the repositories it administers (AWS user guide, "Monitoring
 * CodeArtifact events"); or whoever has to do with one domain.
 */
export type EventAudience =
  | { readonly account: string }
  | { readonly domain: { readonly owner: string; readonly region: string; readonly name: string } };

export interface EventsRead {
  /** In order. */
  readonly events: readonly PlacedEvent[];
  /** Up to where everything for this audience has been read: where to go on. */
  readonly position: number;
}

/**
 * Reads the next events for an audience.
 *
 * @param after position after which to read; what is older than the events that are kept means the oldest of these
 * @param limit how many at most; when as many come, there may be more
 */
export async function readEvents(
  { storage }: Pick<Ports, 'storage'>,
  audience: EventAudience | 'everyone',
  after: number,
  limit: number,
): Promise<EventsRead> {
  const last = await lastEventPosition({ storage });
  const filter: EventFilter = audience === 'everyone' ? {} : audience;
  const events = await storage.events.after(after, filter, limit);
  const end = events.at(-1)?.position ?? after;
  // Who is told few of many events need not go through the others again.
  return { events, position: events.length === limit ? end : Math.max(end, last) };
}

/** The position of the newest event, after those that wait for a place have got one; 0 when there is none. */
export async function lastEventPosition({ storage }: Pick<Ports, 'storage'>): Promise<number> {
  while (await storage.events.place());
  return storage.events.lastPosition();
}
