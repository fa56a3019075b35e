import type { EventFilter, PlacedEvent } from '../../ports/storage.ts';
import type { Ports } from '../core-ports.ts';

/**
 * Who is told: an account, of the domains it owns and the repositories it administers (AWS user guide, "Monitoring
 * CodeArtifact events"), but for those that it must not hear of; or whoever has to do with one domain.
 */
export type EventAudience =
  | { readonly account: string; mayHearOf(domain: EventDomain): Promise<boolean> }
  | { readonly domain: EventDomain };

export interface EventDomain {
  readonly owner: string;
  readonly region: string;
  readonly name: string;
}

export interface EventsRead {
  /** In order. */
  readonly events: readonly PlacedEvent[];
  /** Up to where everything for this audience has been read: where to go on. */
  readonly position: number;
  /** Whether that was all there is by now. */
  readonly isWhole: boolean;
}

/**
 * Reads the next events for an audience.
 *
 * @param after position after which to read; what is older than the events that are kept means the oldest of these
 * @param limit how many at most
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
  const heard = audience === 'everyone' || 'domain' in audience ? events : await heardOf(audience, events);
  // Who is told few of many events need not go through the others again.
  const isWhole = events.length < limit;
  return { events: heard, position: isWhole ? Math.max(end, last) : end, isWhole };
}

async function heardOf(
  { mayHearOf }: Extract<EventAudience, { account: string }>,
  events: readonly PlacedEvent[],
): Promise<PlacedEvent[]> {
  const known = new Map<string, boolean>();
  const heard: PlacedEvent[] = [];
  for (const event of events) {
    const { owner, region, domain: name } = event;
    const key = `${owner} ${region} ${name}`;
    const isHeard = known.get(key) ?? (await mayHearOf({ owner, region, name }));
    known.set(key, isHeard);
    if (isHeard) heard.push(event);
  }
  return heard;
}

/** The position of the newest event, after those that wait for a place have got one; 0 when there is none. */
export async function lastEventPosition({ storage }: Pick<Ports, 'storage'>): Promise<number> {
  while (await storage.events.place());
  return storage.events.lastPosition();
}
