import { setTimeout as sleep } from 'node:timers/promises';
import type { PlacedEvent } from '../../ports/storage.ts';
import type { WebhookSender } from '../../ports/webhooks.ts';
import type { Ports } from '../core-ports.ts';
import { eventEnvelope } from './envelope.ts';
import { lastEventPosition, readEvents } from './read-events.ts';
import { signature } from './sign.ts';
import { untilChanged } from './until-changed.ts';
import { defaultLeaseTimes, type Held, type LeaseTimes, whileLeased } from './while-leased.ts';

/** Someone who is told every event by HTTP. */
export interface Webhook {
  readonly url: string;
  /** The key of the signatures; both sides know it. */
  readonly secret: string;
}

export interface DeliveryTimes extends LeaseTimes {
  /** How long an answer is waited for. */
  readonly answerMs: number;
  /** Pauses after failures: they double from the first to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** How often it is said that a webhook still takes nothing. */
  readonly warnEveryMs: number;
  /** How long a request that is under way at the end is waited for. */
  readonly graceMs: number;
}

export const defaultDeliveryTimes: DeliveryTimes = {
  ...defaultLeaseTimes,
  answerMs: 10_000,
  firstPauseMs: 1_000,
  longestPauseMs: 5 * 60_000,
  warnEveryMs: 10 * 60_000,
  graceMs: 1_000,
};

/** How many deliveries, and for how long, may be repeated when a node dies. */
const maxUnsaved = 20;
const saveEveryMs = 1_000;

export type DeliveryPorts = Pick<Ports, 'storage' | 'clock' | 'ids' | 'log'>;

/** The name of a webhook as a consumer of events, which its cursor and its lease have. */
export function consumerOf({ url }: Webhook): string {
  return `webhook ${url}`;
}

/**
 * Lets a webhook that was never there begin after the newest event. Call it before anything is published that it should
 * hear of.
 */
export async function beginDelivery({ storage }: Pick<Ports, 'storage'>, webhook: Webhook): Promise<void> {
  const consumer = consumerOf(webhook);
  const last = await lastEventPosition({ storage });
  await storage.transaction(async ({ events, locks }) => {
    // Nodes that start together agree on one beginning.
    await locks.hold('cursors of events');
    if ((await events.cursor(consumer)) === undefined) await events.setCursor(consumer, last);
  });
}

/**
 * Delivers all events to a webhook until `ending` aborts: in order, one request at a time, by one of the nodes over a
 * database, each event until it is taken (any 2xx), however long that lasts. An event is sent again when a node dies
 * before it has noted the success.
 *
 * @param node what this node is called among them
 */
export function deliverEvents(
  ports: DeliveryPorts,
  sender: WebhookSender,
  webhook: Webhook,
  node: string,
  ending: AbortSignal,
  times: DeliveryTimes = defaultDeliveryTimes,
): Promise<void> {
  const consumer = consumerOf(webhook);
  return whileLeased(ports, consumer, node, times, ending, (held) => deliver(ports, sender, webhook, held, times));
}

async function deliver(
  ports: DeliveryPorts,
  sender: WebhookSender,
  webhook: Webhook,
  held: Held,
  times: DeliveryTimes,
): Promise<void> {
  const { storage, clock } = ports;
  const consumer = consumerOf(webhook);
  // After a restore from a backup, positions that were told before are given anew.
  const last = await lastEventPosition(ports);
  let position = Math.min((await storage.events.cursor(consumer)) ?? last, last);
  let saved = position;
  let savedAt = clock.now();
  const save = async () => {
    if (position === saved || !held.isOurs()) return;
    // What a power loss takes of it is delivered again.
    await storage.relaxed.events.setCursor(consumer, position);
    saved = position;
    savedAt = clock.now();
  };
  try {
    while (!held.signal.aborted) {
      const revision = await storage.revision();
      const { events } = await readEvents(ports, 'everyone', position, maxUnsaved);
      for (const event of events) {
        if (!(await deliverEvent(ports, sender, webhook, event, held, times))) return;
        position = event.position;
        if (clock.now() - savedAt >= saveEveryMs) await save();
      }
      await save();
      if (events.length === 0) await untilChanged(ports, revision, held.signal);
    }
  } finally {
    await save();
  }
}

/** Sends an event until it is taken. Returns false when that has to end before. */
async function deliverEvent(
  { clock, ids, log }: DeliveryPorts,
  sender: WebhookSender,
  webhook: Webhook,
  event: PlacedEvent,
  held: Held,
  times: DeliveryTimes,
): Promise<boolean> {
  const shown = { webhook: shownUrl(webhook.url), position: event.position };
  let warnedAt = Number.NEGATIVE_INFINITY;
  for (let failures = 0; ; ) {
    if (held.signal.aborted || !held.isOurs()) return false;
    const fault = await post(clock.now(), sender, webhook, event, held.signal, times);
    if (fault === undefined) {
      if (failures > 0) log.info({ ...shown, failures }, 'a webhook takes events again');
      return true;
    }
    if (held.signal.aborted) return false;
    failures += 1;
    if (clock.now() - warnedAt >= times.warnEveryMs) {
      log.warn({ ...shown, failures, fault }, 'a webhook does not take an event; it is sent again until it does');
      warnedAt = clock.now();
    }
    const longest = Math.min(times.longestPauseMs, times.firstPauseMs * 2 ** Math.min(failures - 1, 30));
    // Half of it by chance: webhooks that one fault has stopped do not all come back at the same moment.
    const [chance = 0] = ids.bytes(1);
    const pauseMs = longest * (0.5 + chance / 512);
    await sleep(pauseMs, undefined, { signal: held.signal, ref: false }).catch(() => undefined);
  }
}

/** Sends an event once. Returns what was wrong, undefined when it was taken. */
async function post(
  now: number,
  sender: WebhookSender,
  { url, secret }: Webhook,
  event: PlacedEvent,
  ending: AbortSignal,
  { answerMs, graceMs }: DeliveryTimes,
): Promise<string | undefined> {
  const body = eventEnvelope(event);
  const timestamp = String(Math.floor(now / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-packyard-event-id': event.id,
    'x-packyard-position': String(event.position),
    'x-packyard-timestamp': timestamp,
    'x-packyard-signature': signature(secret, timestamp, body),
  };
  const tooLate = new AbortController();
  const overdue = setTimeout(() => tooLate.abort(new Error(`no answer within ${answerMs} ms`)), answerMs);
  let grace: NodeJS.Timeout | undefined;
  const hurry = () => {
    grace = setTimeout(() => tooLate.abort(new Error('the server ended')), graceMs);
  };
  ending.addEventListener('abort', hurry, { once: true });
  try {
    const status = await sender.post(url, headers, body, tooLate.signal);
    return status >= 200 && status < 300 ? undefined : `it answered ${status}`;
  } catch (error) {
    return faultOf(error);
  } finally {
    clearTimeout(overdue);
    clearTimeout(grace);
    ending.removeEventListener('abort', hurry);
  }
}

/** Some of Node's network errors have a code and no text. */
function faultOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}

/** A webhook's address for the log: people put tokens into queries and before hosts. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
