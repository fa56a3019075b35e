import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { undiciWebhooks } from '../../src/adapters/undici/webhooks.ts';
import type { Log } from '../../src/core/core-ports.ts';
import {
  beginDelivery,
  type DeliveryTimes,
  defaultDeliveryTimes,
  deliverEvents,
} from '../../src/core/events/deliver.ts';
import { eventsKeptMs, forgetOldEvents } from '../../src/core/events/forget-old-events.ts';
import type { Storage } from '../../src/ports/storage.ts';
import { describeStorage } from '../support/engines.ts';
import { Happenings, versions } from './happenings.ts';
import { isSigned, Receiver } from './receiver.ts';

const secret = 'known to both sides';

/** As in earnest, in less time. */
const quick: DeliveryTimes = {
  ...defaultDeliveryTimes,
  leaseMs: 600,
  renewEveryMs: 150,
  askEveryMs: 100,
  answerMs: 300,
  firstPauseMs: 20,
  longestPauseMs: 160,
};

class Lines implements Log {
  readonly lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  readonly info = (fields: object, message: string) => this.#add('info', fields, message);
  readonly warn = (fields: object, message: string) => this.#add('warn', fields, message);
  readonly error = (fields: object, message: string) => this.#add('error', fields, message);

  #add(level: string, fields: object, message: string): void {
    this.lines.push({ level, fields: { ...fields }, message });
  }
}

/** Starts a node that delivers to a webhook. Returns how to stop it, as a server does that is told to end. */
async function startNode(
  { clock, ids }: Happenings,
  storage: Storage,
  url: string,
  { times = quick, log = new Lines() }: { times?: DeliveryTimes; log?: Log } = {},
): Promise<() => Promise<void>> {
  const sender = undiciWebhooks({ userAgent: 'packyard/test' });
  const ending = new AbortController();
  await beginDelivery({ storage }, { url, secret });
  const delivering = deliverEvents(
    { storage, clock, ids, log },
    sender,
    { url, secret },
    ids.next(),
    ending.signal,
    times,
  );
  const stop = async () => {
    ending.abort();
    await delivering;
    await sender.close();
  };
  onTestFinished(stop);
  return stop;
}

async function until(isSo: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${isSo}`);
    await sleep(5);
  }
}

describeStorage('a webhook', ({ open, create }) => {
  const begin = async () => {
    const acme = await new Happenings(await open()).prepare();
    return { acme, receiver: await Receiver.start() };
  };

  it('gets each event as a request of its own, signed', async () => {
    const { acme, receiver } = await begin();
    await startNode(acme, acme.storage, receiver.url);
    await acme.publish(['1.0.0']);
    await until(() => receiver.taken.length === 1);
    const [received] = receiver.taken;
    if (received === undefined) throw new Error('nothing came');
    const { request, event } = received;
    expect(event).toMatchObject({ source: 'aws.codeartifact', position: 1, detail: { packageVersion: '1.0.0' } });
    expect(request.method).toBe('POST');
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'x-packyard-event-id': event.id,
      'x-packyard-position': '1',
      'x-packyard-timestamp': expect.stringMatching(/^\d{10}$/),
      'x-packyard-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    });
    expect([isSigned(received, secret), isSigned(received, 'another')]).toEqual([true, false]);
    expect(Math.abs(Number(request.headers['x-packyard-timestamp']) * 1000 - Date.now())).toBeLessThan(10_000);
  });

  it('gets what happens in every domain, in order, one at a time', async () => {
    const { acme, receiver } = await begin();
    receiver.answering = () => sleep(3, 200);
    await startNode(acme, acme.storage, receiver.url);
    await acme.publish(versions(30));
    await acme.publish(versions(30, 30), 'lib', 'lab/releases');
    await until(() => receiver.taken.length === 60);
    expect(receiver.versions).toEqual(versions(60));
    expect(receiver.mostAtOnce).toBe(1);
  });

  it('hears of what happens after its first start, and of what happened while nobody delivered', async () => {
    const { acme, receiver } = await begin();
    await acme.publish(['0.9.0']);
    const stop = await startNode(acme, acme.storage, receiver.url);
    await acme.publish(['1.0.0']);
    await until(() => receiver.taken.length === 1);
    await stop();
    await acme.publish(['1.1.0']);
    await startNode(acme, acme.storage, receiver.url);
    await until(() => receiver.taken.length === 2);
    await sleep(100);
    expect(receiver.versions).toEqual(['1.0.0', '1.1.0']);
    expect(receiver.all).toHaveLength(2);
  });

  describe('that does not take an event', () => {
    it('gets it again after longer and longer pauses, and nothing else before', async () => {
      const { acme, receiver } = await begin();
      const answers = [500, 410, 302, 404, 503, 429];
      receiver.answering = () => answers.shift() ?? 200;
      await startNode(acme, acme.storage, receiver.url);
      await acme.publish(['1.0.0', '1.1.0']);
      await until(() => receiver.taken.length === 2);
      const tries = receiver.all.map(({ event }) => event.detail.packageVersion);
      expect(tries).toEqual([...Array(7).fill('1.0.0'), '1.1.0']);
      const pauses = receiver.all.slice(1, 7).map(({ at }, n) => at - (receiver.all[n]?.at ?? 0));
      for (const [n, longest] of [20, 40, 80, 160, 160, 160].entries()) {
        expect(pauses[n], `pause ${n}`).toBeGreaterThanOrEqual(longest / 2 - 2);
      }
      expect(new Set(receiver.all.slice(0, 7).map(({ event }) => event.id)).size).toBe(1);
      expect(receiver.all.every((received) => isSigned(received, secret))).toBe(true);
    });

    it('gets it again when it does not answer, breaks off, or is away for a while', async () => {
      const { acme, receiver } = await begin();
      await startNode(acme, acme.storage, receiver.url);
      await acme.publish(versions(3));
      await until(() => receiver.taken.length === 3);
      receiver.answering = (_received, response) => void (receiver.all.length % 2 === 0 && response.destroy());
      await acme.publish(versions(3, 3));
      await until(() => receiver.all.length >= 6);
      await receiver.goAway();
      await sleep(200);
      receiver.answering = () => 201;
      await receiver.listen();
      await until(() => receiver.taken.length === 6);
      expect(receiver.versions).toEqual(versions(6));
    });

    it('is spoken of in the log once at first, without secrets, and when it takes events again', async () => {
      const { acme, receiver } = await begin();
      const answers = [500, 500, 500];
      receiver.answering = () => answers.shift() ?? 200;
      const log = new Lines();
      await startNode(acme, acme.storage, `${receiver.url.replace('://', '://user:word@')}?token=secret1`, { log });
      await acme.publish(['1.0.0']);
      await until(() => receiver.taken.length === 1);
      await until(() => log.lines.length === 2);
      expect(log.lines).toEqual([
        {
          level: 'warn',
          fields: { webhook: receiver.url, position: 1, failures: 1, fault: 'it answered 500' },
          message: 'a webhook does not take an event; it is sent again until it does',
        },
        {
          level: 'info',
          fields: { webhook: receiver.url, position: 1, failures: 3 },
          message: 'a webhook takes events again',
        },
      ]);
    });

    it('is spoken of again every ten minutes', async () => {
      const { acme, receiver } = await begin();
      receiver.answering = () => 500;
      const log = new Lines();
      await startNode(acme, acme.storage, receiver.url, { log, times: { ...quick, leaseMs: 3_600_000 } });
      await acme.publish(['1.0.0']);
      await until(() => receiver.all.length > 4);
      expect(log.lines).toHaveLength(1);
      acme.clock.ahead = 10 * 60_000;
      await until(() => log.lines.length === 2);
      expect(log.lines[1]).toMatchObject({ level: 'warn', fields: { fault: 'it answered 500' } });
    });

    it('does not hold up another', async () => {
      const { acme, receiver } = await begin();
      const another = await Receiver.start();
      receiver.answering = () => undefined;
      await startNode(acme, acme.storage, receiver.url);
      await startNode(acme, acme.storage, another.url);
      await acme.publish(versions(5));
      await until(() => another.taken.length === 5);
      expect(another.versions).toEqual(versions(5));
      expect(receiver.taken).toEqual([]);
    });
  });

  describe('of several nodes', () => {
    it('gets each event from one, and from another when that one stops', async () => {
      const openDatabase = await create();
      const acme = await new Happenings(await openDatabase()).prepare();
      const receiver = await Receiver.start();
      const stop = await startNode(acme, acme.storage, receiver.url);
      await startNode(acme, await openDatabase(), receiver.url);
      await startNode(acme, await openDatabase(), receiver.url);
      await acme.publish(versions(10));
      await until(() => receiver.taken.length === 10);
      await stop();
      await acme.publish(versions(10, 10));
      await until(() => receiver.taken.length === 20);
      await sleep(100);
      expect([receiver.versions, receiver.mostAtOnce]).toEqual([versions(20), 1]);
    });

    it('gets events from another when the one that had its turn has died, and few of them twice', async () => {
      const openDatabase = await create();
      const acme = await new Happenings(await openDatabase()).prepare();
      const receiver = await Receiver.start();
      const dying = await openDatabase();
      let isDead = false;
      const dead = new Promise<never>(() => undefined);
      // What it wants to write does not arrive any more.
      const relaxed = {
        ...dying.relaxed,
        leases: {
          take: (...given: Parameters<typeof dying.leases.take>) =>
            isDead ? dead : dying.relaxed.leases.take(...given),
          release: () => (isDead ? Promise.resolve() : dead),
        },
        events: {
          ...dying.relaxed.events,
          setCursor: (...given: Parameters<typeof dying.events.setCursor>) =>
            isDead ? Promise.resolve() : dying.relaxed.events.setCursor(...given),
        },
      };
      receiver.answering = () => {
        if (receiver.taken.length < 30) return 200;
        isDead = true;
        return undefined;
      };
      const sender = undiciWebhooks({ userAgent: 'packyard/test' });
      onTestFinished(() => sender.close());
      const webhook = { url: receiver.url, secret };
      await beginDelivery(acme, webhook);
      const { clock, ids } = acme;
      const ending = new AbortController();
      const ports = { storage: { ...dying, relaxed }, clock, ids, log: new Lines() };
      void deliverEvents(ports, sender, webhook, 'dying', ending.signal, quick);
      await acme.publish(versions(60));
      await until(() => isDead);
      receiver.answering = () => 200;
      const diedAt = performance.now();
      await startNode(acme, acme.storage, receiver.url);
      await until(() => receiver.versions.includes('1.0.59'));
      expect(performance.now() - diedAt).toBeLessThan(quick.leaseMs + quick.askEveryMs + 5_000);
      ending.abort();
      // From the beginning to where the first died; then from where its cursor was to the end.
      const came = receiver.versions;
      expect(came.slice(0, 30)).toEqual(versions(30));
      const again = came.slice(30);
      expect(again).toEqual(versions(again.length, 60 - again.length));
      expect(again.length - 30).toBeLessThanOrEqual(20);
    });

    it('gets nothing from one that was not run for so long that another may have its turn', async () => {
      const { acme, receiver } = await begin();
      const stop = await startNode(acme, acme.storage, receiver.url, { times: { ...quick, renewEveryMs: 3_600_000 } });
      await acme.publish(['1.0.0']);
      await until(() => receiver.taken.length === 1);
      // Its lease has run out meanwhile, and somebody has taken it.
      acme.clock.ahead = quick.leaseMs + 1;
      const now = acme.clock.now();
      const name = `webhook ${receiver.url}`;
      expect(await acme.storage.leases.take(name, 'another', { now, until: now + 3_600_000 })).toBe(true);
      await acme.publish(['1.1.0']);
      await sleep(600);
      expect(receiver.versions).toEqual(['1.0.0']);
      await stop();
    });
  });

  it('that is answering when the server stops is waited for, and gets the event once', async () => {
    const { acme, receiver } = await begin();
    receiver.answering = () => sleep(200, 200);
    const stop = await startNode(acme, acme.storage, receiver.url);
    await acme.publish(['1.0.0', '1.1.0']);
    await until(() => receiver.all.length === 1);
    await stop();
    expect(receiver.versions).toEqual(['1.0.0']);
    await startNode(acme, acme.storage, receiver.url);
    await until(() => receiver.taken.length === 2);
    expect(receiver.all).toHaveLength(2);
  });

  it('that does not answer holds up the end of a server for a moment only', async () => {
    const { acme, receiver } = await begin();
    receiver.answering = () => undefined;
    const times = { ...quick, answerMs: 60_000, graceMs: 100 };
    const stop = await startNode(acme, acme.storage, receiver.url, { times });
    await acme.publish(['1.0.0']);
    await until(() => receiver.all.length === 1);
    const startedAt = performance.now();
    await stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('begins at the end when the database is one from before what it has heard', async () => {
    const { acme, receiver } = await begin();
    await acme.storage.events.setCursor(`webhook ${receiver.url}`, 700);
    await acme.publish(['1.0.0']);
    await startNode(acme, acme.storage, receiver.url);
    await sleep(100);
    await acme.publish(['1.1.0']);
    await until(() => receiver.taken.length === 1);
    expect(receiver.versions).toEqual(['1.1.0']);
  });

  it('that was away for longer than events are kept misses none; one that is no longer there keeps none', async () => {
    const { acme, receiver } = await begin();
    const { storage, clock } = acme;
    const consumer = `webhook ${receiver.url}`;
    await beginDelivery(acme, { url: receiver.url, secret });
    await beginDelivery(acme, { url: 'http://127.0.0.1:1/removed', secret });
    await acme.publish(versions(5));
    clock.ahead = eventsKeptMs + 60_000;
    await acme.publish(versions(2, 5));
    const kept = async () => (await storage.events.after(0, {}, 10)).map(({ position }) => position);
    await forgetOldEvents(acme, [consumer]);
    expect(await kept()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const stop = await startNode(acme, storage, receiver.url);
    await until(() => receiver.taken.length === 7);
    await stop();
    expect(receiver.versions).toEqual(versions(7));
    await forgetOldEvents(acme, [consumer]);
    expect(await kept()).toEqual([6, 7]);
  });
});
