import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeStorage } from '../support/engines.ts';
import { alice, bob, Happenings, versions } from './happenings.ts';
import { EventSource, linesOf, separated, serveEvents, type Told, versionsOf } from './listeners.ts';

const domainOf = (name: string) => ({ domain: { owner: alice, region: 'eu-central-1', name } });

describeStorage('GET /_packyard/events', ({ open, create }) => {
  const happenings = async () => new Happenings(await open()).prepare();

  it('shows an event in the envelope of EventBridge', async () => {
    const acme = await happenings();
    await acme.publish(['1.0.0'], '@scope/lib', 'acme/bobs');
    const { url } = await serveEvents(acme);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const [event] = await linesOf(response);
    const { id } = event ?? {};
    expect(event).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'CodeArtifact Package Version State Change',
      source: 'aws.codeartifact',
      account: alice,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'eu-central-1',
      resources: [`arn:aws:codeartifact:eu-central-1:${alice}:package/acme/bobs/npm/scope/lib`],
      detail: {
        domainName: 'acme',
        domainOwner: alice,
        repositoryName: 'bobs',
        repositoryAdministrator: bob,
        packageFormat: 'npm',
        packageNamespace: 'scope',
        packageName: 'lib',
        packageVersion: '1.0.0',
        packageVersionState: 'Published',
        packageVersionRevision: 'revision of 1.0.0',
        changes: { assetsAdded: 1, assetsRemoved: 0, assetsUpdated: 0, metadataUpdated: true, statusChanged: true },
        operationType: 'Created',
        sequenceNumber: 1,
        eventDeduplicationId: id,
      },
      position: 1,
    });
  });

  describe('as JSON lines', () => {
    it('tells what is there and ends; who knows the last position reads on from it', async () => {
      const acme = await happenings();
      const { url } = await serveEvents(acme);
      expect(await linesOf(await fetch(url))).toEqual([]);
      await acme.publish(versions(250));
      const told = await linesOf(await fetch(url));
      expect(versionsOf(told)).toEqual(versions(250));
      expect(told.map(({ position }) => position)).toEqual(Array.from({ length: 250 }, (_, n) => n + 1));

      const some = await linesOf(await fetch(`${url}?after=100&limit=120`));
      expect(versionsOf(some)).toEqual(versions(120, 100));
      expect(await linesOf(await fetch(`${url}?after=250`))).toEqual([]);
      await acme.publish(['2.0.0']);
      expect(versionsOf(await linesOf(await fetch(`${url}?after=250`)))).toEqual(['2.0.0']);
    });

    it('goes on with what happens when it is followed', async () => {
      const acme = await happenings();
      const { url } = await serveEvents(acme);
      await acme.publish(['1.0.0', '1.1.0']);
      const lines = separated(await fetch(`${url}?follow=true&after=1&limit=3`), '\n');
      const nextVersion = async () => versionsOf([JSON.parse((await lines.next()).value ?? 'null') as Told]);
      expect(await nextVersion()).toEqual(['1.1.0']);
      await acme.publish(['1.2.0']);
      expect(await nextVersion()).toEqual(['1.2.0']);
      await acme.publish(['1.3.0', '1.4.0']);
      expect(await nextVersion()).toEqual(['1.3.0']);
      // Three are what was asked for.
      expect((await lines.next()).done).toBe(true);
    });

    it('breaks off, and does not end, when the database fails', async () => {
      const acme = await happenings();
      await acme.publish(versions(300));
      const { storage, ids } = acme;
      let reads = 0;
      const after: typeof storage.events.after = async (...asked) => {
        reads += 1;
        if (reads > 2) throw new Error('the database is gone');
        return storage.events.after(...asked);
      };
      const failing = { ...storage, events: { ...storage.events, after } };
      const { url } = await serveEvents({ storage: failing, ids });
      await expect(fetch(url).then((response) => response.text())).rejects.toThrow('terminated');
    });
  });

  describe('as server-sent events', () => {
    it('tells what happens from now on, each with its position as id', async () => {
      const acme = await happenings();
      await acme.publish(['0.9.0', '0.9.1']);
      const source = await EventSource.open((await serveEvents(acme)).url);
      expect([source.status, source.contentType]).toEqual([200, 'text/event-stream']);
      // Who is cut off right now comes back with this.
      expect(await source.nextBlock()).toEqual({ id: '2' });
      await acme.publish(['1.0.0']);
      const block = await source.nextBlock();
      expect(block).toEqual({ id: '3', data: expect.any(String) });
      const event = JSON.parse(block?.['data'] ?? '');
      expect(event).toMatchObject({ position: 3, detail: { packageVersion: '1.0.0' } });
      await acme.publish(['1.1.0'], 'other');
      expect(await source.next()).toMatchObject({ position: 4, detail: { packageName: 'other' } });
    });

    it('begins where `after` says, and the Last-Event-ID of a client that comes back says more', async () => {
      const acme = await happenings();
      await acme.publish(versions(5));
      const { url } = await serveEvents(acme);
      const fromStart = await EventSource.open(`${url}?after=0`);
      expect(versionsOf(await fromStart.take(5))).toEqual(versions(5));
      const resumed = await EventSource.open(`${url}?after=0`, { 'last-event-id': '3' });
      expect(versionsOf(await resumed.take(2))).toEqual(['1.0.3', '1.0.4']);
    });

    it('loses nothing and repeats nothing over cut connections and restarts', async () => {
      const openDatabase = await create();
      const acme = await new Happenings(await openDatabase()).prepare();
      const publishing = (async () => {
        for (const version of versions(120)) {
          await acme.publish([version]);
          await sleep(8);
        }
      })();
      const told: Told[] = [];
      let lastId: string | undefined = '0';
      for (let round = 0; told.length < 120; round += 1) {
        // Another node of the same database, as after a restart.
        const server = await serveEvents({
          storage: round % 2 === 0 ? acme.storage : await openDatabase(),
          ids: acme.ids,
        });
        const source = await EventSource.open(server.url, { 'last-event-id': lastId ?? '' });
        told.push(...(await source.take(Math.min(23, 120 - told.length))));
        lastId = source.lastId;
        if (round % 3 === 0) source.leave();
        await server.close();
      }
      await publishing;
      expect(versionsOf(told)).toEqual(versions(120));
    });

    it('shows from time to time that it is alive, and ends when its reader may hear no more', async () => {
      const acme = await happenings();
      let mayHear = true;
      const audienceOf = async () => {
        if (!mayHear) throw new Error('the token has expired');
        return domainOf('acme');
      };
      const { url } = await serveEvents(acme, { audienceOf, heartbeatMs: 50 });
      const source = await EventSource.open(url);
      expect(await source.nextBlock()).toEqual({ id: '0' });
      // A comment.
      expect(await source.nextBlock()).toEqual({ '': '' });
      const lines = separated(await fetch(`${url}?follow=true`), '\n');
      expect((await lines.next()).value).toBe('');
      mayHear = false;
      expect(await source.next()).toBeUndefined();
      while ((await lines.next()).done !== true);
    });
  });

  it('tells an account of its domains and of the repositories it administers', async () => {
    const acme = await happenings();
    await acme.publish(['1.0.0'], 'of-alice');
    await acme.publish(['1.0.0'], 'at-bobs', 'acme/bobs');
    await acme.publish(['1.0.0'], 'of-bob', 'lab/releases');
    const { url } = await serveEvents(acme);
    const packagesFor = async (account: string) =>
      (await linesOf(await fetch(url, { headers: { 'x-account': account } }))).map(({ detail }) => detail.packageName);
    expect(await packagesFor(alice)).toEqual(['of-alice', 'at-bobs']);
    expect(await packagesFor(bob)).toEqual(['at-bobs', 'of-bob']);
    expect(await packagesFor('333344445555')).toEqual([]);
    const ofDomain = await serveEvents(acme, { audienceOf: async () => domainOf('acme') });
    expect((await linesOf(await fetch(ofDomain.url))).map(({ position }) => position)).toEqual([1, 2]);
  });

  it('looks at each event of others once, however long one listens', async () => {
    const acme = await happenings();
    const { storage, ids } = acme;
    const asked: number[] = [];
    const after: typeof storage.events.after = (position, ...rest) => {
      asked.push(position);
      return storage.events.after(position, ...rest);
    };
    const { url } = await serveEvents({ storage: { ...storage, events: { ...storage.events, after } }, ids });
    const source = await EventSource.open(`${url}?after=0`, { 'x-account': bob });
    await acme.publish(versions(30));
    while (asked.at(-1) !== 30) await sleep(20);
    await acme.publish(['1.0.0'], 'of-bob', 'lab/releases');
    expect(await source.next()).toMatchObject({ position: 31, detail: { packageName: 'of-bob' } });
  });

  it('refuses who may not hear, and what cannot be asked', async () => {
    const { url } = await serveEvents(await happenings());
    const answerTo = async (query: string, headers: Record<string, string> = {}) => {
      const response = await fetch(url + query, { headers });
      return [response.status, response.headers.get('x-amzn-errortype')];
    };
    expect(await answerTo('', { 'x-account': 'nobody' })).toEqual([403, 'AccessDeniedException']);
    const sse = { accept: 'text/event-stream' };
    expect(await answerTo('', { ...sse, 'last-event-id': 'x' })).toEqual([400, 'ValidationException']);
    for (const query of ['after=-1', 'after=1.5', 'after=', 'after=1&after=2', 'after=99999999999999999', 'limit=0']) {
      expect(await answerTo(`?${query}`), query).toEqual([400, 'ValidationException']);
      expect(await answerTo(`?${query}`, sse), query).toEqual([400, 'ValidationException']);
    }
    expect(await answerTo('?follow=maybe')).toEqual([400, 'ValidationException']);
  });

  it('begins with the oldest that is kept when asked for older ones, and now when asked for what never was', async () => {
    const acme = await happenings();
    await acme.publish(versions(5));
    while (await acme.storage.events.place());
    await acme.storage.events.forget(acme.clock.now() + 1_000, 3);
    const { url } = await serveEvents(acme);
    expect(versionsOf(await linesOf(await fetch(`${url}?after=1`)))).toEqual(['1.0.3', '1.0.4']);
    const source = await EventSource.open(url, { 'last-event-id': '700' });
    expect(await source.nextBlock()).toEqual({ id: '5' });
    await acme.publish(['2.0.0']);
    expect(versionsOf(await source.take(1))).toEqual(['2.0.0']);
  });

  it('does not gather events for a client that does not read', async () => {
    const acme = await happenings();
    const { storage, ids } = acme;
    // Far more than the sockets' buffers hold.
    const count = 3_000;
    await acme.publishLarge(count);
    let read = 0;
    const after: typeof storage.events.after = async (...asked) => {
      const page = await storage.events.after(...asked);
      read += page.length;
      return page;
    };
    const { url } = await serveEvents({ storage: { ...storage, events: { ...storage.events, after } }, ids });
    const response = await unreadAnswer(url);
    let before = -1;
    while (before !== read) {
      before = read;
      await sleep(300);
    }
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(count / 2);
    let lines = 0;
    for await (const chunk of response) lines += String(chunk).split('\n').length - 1;
    expect([lines, read]).toEqual([count, count]);
  });

  it('stops looking for events when its client is gone', async () => {
    const acme = await happenings();
    const { storage, ids } = acme;
    let looks = 0;
    const revision = () => {
      looks += 1;
      return storage.revision();
    };
    const { url } = await serveEvents({ storage: { ...storage, revision }, ids });
    const source = await EventSource.open(url);
    await source.nextBlock();
    while (looks < 2) await sleep(10);
    source.leave();
    await sleep(100);
    const then = looks;
    await sleep(600);
    expect(looks).toBe(then);
  });

  it('ends at once when the server closes, with clients that read and one that does not', async () => {
    const acme = await happenings();
    await acme.publishLarge(1_500);
    const server = await serveEvents(acme);
    const [source, another] = [await EventSource.open(server.url), await EventSource.open(`${server.url}?after=1400`)];
    const lines = separated(await fetch(`${server.url}?follow=true&after=1500`), '\n');
    await another.take(100);
    const unread = await unreadAnswer(server.url);
    // Until its buffers are full.
    await sleep(500);
    const startedAt = performance.now();
    await server.close();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await source.next()).toBeUndefined();
    expect(await another.next()).toBeUndefined();
    expect((await lines.next()).done).toBe(true);
    await expect(text(unread)).rejects.toThrow('aborted');
  });
});

/** An answer whose head was read and nothing else. */
async function unreadAnswer(url: string): Promise<IncomingMessage> {
  const asking = request(url).end();
  onTestFinished(() => void asking.destroy());
  const [response] = await once(asking, 'response');
  return response;
}
