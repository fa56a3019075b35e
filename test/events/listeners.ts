import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import type { Log } from '../../src/core/core-ports.ts';
import { PackyardError } from '../../src/core/errors.ts';
import { Connections } from '../../src/server/connections.ts';
import { type AudienceOf, eventRoutes } from '../../src/server/events.ts';
import type { Happenings } from './happenings.ts';
import { alice } from './happenings.ts';

/** An event as a client reads it. */
export interface Told {
  readonly position: number;
  readonly id: string;
  readonly detail: {
    readonly repositoryName: string;
    readonly packageName: string;
    readonly packageVersion: string;
    readonly operationType: string;
    readonly sequenceNumber: number;
  };
}

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface EventServer {
  readonly url: string;
  readonly app: FastifyInstance;
  close(): Promise<unknown>;
}

/** Serves events to an account, Alice unless the request names another in `x-account`; `nobody` may not hear. */
export async function serveEvents(
  { storage, ids }: Pick<Happenings, 'storage' | 'ids'>,
  given: { readonly audienceOf?: AudienceOf; readonly heartbeatMs?: number; readonly log?: Log } = {},
): Promise<EventServer> {
  const app = Fastify({ forceCloseConnections: false });
  const byHeader: AudienceOf = async ({ headers }) => {
    const account = headers['x-account'] ?? alice;
    if (account === 'nobody') throw new PackyardError('AccessDeniedException', 'You may not hear.');
    return { account: String(account), mayHearOf: async () => true };
  };
  const connections = new Connections(app.server);
  app.addHook('preClose', async () => connections.close(20_000));
  const { audienceOf = byHeader, heartbeatMs, log = quiet } = given;
  eventRoutes(app, { storage, ids, log }, audienceOf, heartbeatMs);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  let closing: Promise<unknown> | undefined;
  const close = () => {
    closing ??= app.close();
    return closing;
  };
  onTestFinished(async () => void (await close()));
  return { url: `${origin}/_packyard/events`, app, close };
}

/** What a server-sent-events client gets: events, and where it would go on. */
export class EventSource {
  lastId: string | undefined;
  readonly status: number;
  readonly contentType: string | null;
  readonly #blocks: AsyncGenerator<string>;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.contentType = response.headers.get('content-type');
    this.#blocks = separated(response, '\n\n');
    this.#abort = abort;
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventSource> {
    const abort = new AbortController();
    const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: abort.signal });
    const source = new EventSource(response, abort);
    onTestFinished(() => source.leave());
    return source;
  }

  /** The next block: its fields, or undefined at the end. */
  async nextBlock(): Promise<Record<string, string> | undefined> {
    const { value, done } = await this.#blocks.next();
    if (done === true) return undefined;
    const fields = Object.fromEntries(value.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? []));
    if ('id' in fields) this.lastId = fields.id;
    return fields;
  }

  /** The next event; undefined at the end. */
  async next(): Promise<Told | undefined> {
    for (;;) {
      const block = await this.nextBlock();
      if (block === undefined) return undefined;
      if (block['data'] !== undefined) return JSON.parse(block['data']);
    }
  }

  async take(count: number): Promise<Told[]> {
    const told: Told[] = [];
    while (told.length < count) {
      const event = await this.next();
      if (event === undefined) throw new Error(`the stream ended after ${told.length} of ${count}`);
      told.push(event);
    }
    return told;
  }

  leave(): void {
    this.#abort.abort();
  }
}

/** The JSON lines of an answer. */
export async function linesOf(response: Response): Promise<Told[]> {
  const lines = (await response.text()).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** The parts of a body, as they come. */
export async function* separated(response: Response, separator: string): AsyncGenerator<string> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (text + chunk).split(separator);
    text = parts.pop() ?? '';
    yield* parts;
  }
}

export function versionsOf(told: readonly Told[]): string[] {
  return told.map(({ detail }) => detail.packageVersion);
}
