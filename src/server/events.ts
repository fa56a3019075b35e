import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errorAnswer } from '../api/dispatch.ts';
import type { Deps } from '../core/deps.ts';
import { invalid, PackyardError } from '../core/errors.ts';
import { eventEnvelope } from '../core/events/envelope.ts';
import { type EventAudience, lastEventPosition, readEvents } from '../core/events/read-events.ts';
import { untilChanged } from '../core/events/until-changed.ts';
import type { PlacedEvent } from '../ports/storage.ts';

/**
 * Says what the sender of a request may be told. Throws a PackyardError for who may not. It is asked again while an
 * answer stays open, so that one ends whose token has expired.
 */
export type AudienceOf = (request: FastifyRequest) => Promise<EventAudience>;

type EventDeps = Pick<Deps, 'storage' | 'ids' | 'log'>;

/** Shows that an open answer is alive, and keeps its connection from being taken for a stalled one. */
const defaultHeartbeatMs = 15_000;
/** How many events are read at a time, which is what a client that reads slowly makes us hold. */
const pageSize = 100;

/** How events are written. */
interface Form {
  readonly contentType: string;
  /** Goes out first. */
  opening(position: number): string;
  event(event: PlacedEvent): string;
  readonly heartbeat: string;
}

const jsonLines: Form = {
  contentType: 'application/x-ndjson',
  opening: () => '',
  event: (event) => `${eventEnvelope(event)}\n`,
  heartbeat: '\n',
};

/** WHATWG HTML, "Server-sent events". */
const serverSentEvents: Form = {
  contentType: 'text/event-stream',
  // A block without data is no event, but says where to go on: also who is cut off before the first event misses none.
  opening: (position) => `id: ${position}\n\n`,
  event: (event) => `id: ${event.position}\ndata: ${eventEnvelope(event)}\n\n`,
  heartbeat: ':\n\n',
};

interface Wanted {
  readonly form: Form;
  /** Undefined: from now on. */
  readonly after: number | undefined;
  readonly limit: number;
  /** Whether the answer goes on with what happens from now on. */
  readonly isFollowed: boolean;
}

/** A client that is being told events. */
interface Listener {
  readonly response: ServerResponse;
  readonly heartbeatMs: number;
  /** Whom it is of just now. Rejects when this client may be told no more. */
  audience(): Promise<EventAudience>;
  /** Aborts when the client is gone, may hear no more, or the server closes. */
  readonly ending: AbortController;
}

/**
 * `GET /_packyard/events`: what happened, as JSON lines, or as server-sent events for who accepts `text/event-stream`.
 * Query: `after` (a position), `limit`, `follow`. Answers 400 for what these cannot be.
 */
export function eventRoutes(
  app: FastifyInstance,
  deps: EventDeps,
  audienceOf: AudienceOf,
  heartbeatMs = defaultHeartbeatMs,
): void {
  const open = new Set<AbortController>();
  app.addHook('preClose', async () => {
    for (const ending of open) ending.abort();
  });
  app.get('/_packyard/events', { exposeHeadRoute: false }, async (request, reply) => {
    try {
      await audienceOf(request);
      const wanted = wantedOf(request);
      const last = await lastEventPosition(deps);
      // Beyond the last one are only positions from before a restore from a backup.
      const start = Math.min(wanted.after ?? last, last);
      reply.hijack();
      const ending = new AbortController();
      open.add(ending);
      const audience = () => audienceOf(request);
      const listener = { response: reply.raw, heartbeatMs, audience, ending };
      await tell(deps, listener, { ...wanted, after: start }).finally(() => open.delete(ending));
      return reply;
    } catch (error) {
      const requestId = deps.ids.uuid();
      if (!(error instanceof PackyardError)) deps.log.error({ err: error, requestId }, 'reading events failed');
      const { status, headers, body } = errorAnswer(error, requestId);
      return reply.status(status).headers(headers).send(body);
    }
  });
}

/** The header of a client that comes back says more than the address it was given at first. */
function wantedOf({ headers, query }: FastifyRequest): Wanted {
  const { after, limit, follow = 'false' } = query as Readonly<Record<string, unknown>>;
  if (follow !== 'true' && follow !== 'false') throw invalid("'follow' must be true or false.");
  const most = limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('limit', limit);
  if (most === 0) throw invalid("'limit' must be 1 or more.");
  const given = after === undefined ? undefined : wholeNumber('after', after);
  if (headers.accept?.includes('text/event-stream') !== true) {
    return { form: jsonLines, after: given ?? 0, limit: most, isFollowed: follow === 'true' };
  }
  const lastId = headers['last-event-id'];
  const resumed = lastId === undefined ? given : wholeNumber('Last-Event-ID', lastId);
  return { form: serverSentEvents, after: resumed, limit: most, isFollowed: true };
}

function wholeNumber(name: string, value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw invalid(`'${name}' must be a whole number; positions are those of events.`);
  return number;
}

/** Tells events until there is no more to tell or nobody to be told. */
async function tell(deps: EventDeps, listener: Listener, wanted: Wanted & { readonly after: number }): Promise<void> {
  const { response, heartbeatMs, ending } = listener;
  const gone = () => ending.abort();
  response.once('close', gone);
  const beating = setInterval(() => void beat(listener, wanted), heartbeatMs).unref();
  try {
    response.writeHead(200, {
      'content-type': wanted.form.contentType,
      'cache-control': 'no-store',
      // Proxies that gather what they pass on would keep events from whoever waits for them.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    await write(listener, wanted.form.opening(wanted.after));
    await tellAll(deps, listener, wanted);
    response.end();
  } catch (error) {
    if (!ending.signal.aborted) {
      deps.log.error({ err: error }, 'telling events broke off');
      // So that the client sees that it is no regular end.
      response.destroy();
    } else if (response.writableNeedDrain) response.destroy();
    else response.end();
  } finally {
    clearInterval(beating);
    response.removeListener('close', gone);
  }
}

async function tellAll(
  deps: EventDeps,
  listener: Listener,
  { form, after, limit, isFollowed }: Wanted & { readonly after: number },
): Promise<void> {
  const { ending } = listener;
  let position = after;
  for (let left = limit; left > 0; ) {
    const audience = await listener.audience().catch((error: unknown) => {
      if (!(error instanceof PackyardError)) throw error;
      ending.abort();
    });
    if (audience === undefined) return;
    const revision = await deps.storage.revision();
    const most = Math.min(left, pageSize);
    const read = await readEvents(deps, audience, position, most);
    position = read.position;
    left -= read.events.length;
    if (read.events.length > 0) await write(listener, read.events.map(form.event).join(''));
    if (!read.isWhole) continue;
    if (!isFollowed) return;
    await untilChanged(deps, revision, ending.signal);
    ending.signal.throwIfAborted();
  }
}

/** Writes, and waits while the client has not read what was written before. Rejects when the listener's time is over. */
async function write({ response, ending: { signal } }: Listener, text: string): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(text)) await once(response, 'drain', { signal });
}

/** Shows that an open answer is alive, and looks whether its listener still may hear. */
async function beat({ response, audience, ending }: Listener, { form, isFollowed }: Wanted): Promise<void> {
  if (!isFollowed) return;
  try {
    await audience();
    // To who does not read nothing is added: such a connection is cut when nothing moved for long enough.
    if (!ending.signal.aborted && !response.writableNeedDrain) response.write(form.heartbeat);
  } catch {
    ending.abort();
  }
}
