import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WalSync } from '../../src/adapters/sqlite/wal-sync.ts';
import { startServer } from '../support/server.ts';
import { World } from '../support/world.ts';
import { type Around, wrapPorts } from '../support/wrapped-ports.ts';

// Power loss takes what was not synced. No test can pull the plug, but the order of a publish shows what it can take.

test('a publish makes its bytes durable, then its rows, and only then answers', async () => {
  const around: Around = {};
  await using world = await World.with({ team: [] }, {}, { wrap: wrapPorts(around) });
  const events: string[] = [];
  around.commit = async (inner) => {
    events.push('bytes begin');
    await inner();
    // Whoever did not wait for the bytes would be ahead by now.
    await sleep(100);
    events.push('bytes durable');
  };
  around.transaction = async (inner) => {
    events.push('rows begin');
    const result = await inner();
    await sleep(100);
    events.push('rows durable');
    return result;
  };

  const { status } = await world.npm('team').publish({ name: 'left-pad', version: '1.0.0' });
  events.push('answered');

  expect(status).toBe(200);
  expect(events).toEqual(['bytes begin', 'bytes durable', 'rows begin', 'rows durable', 'answered']);
});

test('the first download of a public package ends only after its bytes and rows are durable', async () => {
  const around: Around = {};
  await using world = await World.with({ store: 'public:npmjs' }, {}, { wrap: wrapPorts(around) });
  await world.publicRegistry.publish({ name: 'left-pad', version: '1.0.0' });
  // The listing is stored a moment after it was answered from.
  const listed = Promise.withResolvers<void>();
  around.commit = (inner) => inner().then(listed.resolve);
  await world.npm('store').json('left-pad');
  await listed.promise;
  const events: string[] = [];
  around.commit = async (inner) => {
    await inner();
    await sleep(100);
    events.push('bytes durable');
  };
  around.transaction = async (inner) => {
    const result = await inner();
    await sleep(100);
    events.push('rows durable');
    return result;
  };

  const response = await world.npm('store').fetch('left-pad/-/left-pad-1.0.0.tgz');
  await response.arrayBuffer();
  events.push('downloaded');

  expect(events).toEqual(['bytes durable', 'rows durable', 'downloaded']);
});

test('a publish to the embedded stores is answered after the disk has both its bytes and its rows', async () => {
  await using world = await World.with({ team: [] });
  const events: string[] = [];
  const { sync } = WalSync.prototype;
  const spy = vi.spyOn(WalSync.prototype, 'sync').mockImplementation(async function (this: WalSync) {
    await sync.call(this);
    await sleep(100);
    events.push('synced');
  });
  onTestFinished(() => spy.mockRestore());

  const publish = async (publishes: string) => {
    const { status } = await world.npm('team').publish({ name: 'left-pad', version: '1.0.0' });
    events.push(`${publishes}: ${status}`);
  };
  await publish('first');
  // It finds the version there, which is no proof that the disk has it.
  await publish('again');

  expect(events).toEqual(['synced', 'synced', 'first: 200', 'synced', 'again: 200']);
});

test('the embedded stores keep the order of writes that their sync relies on', async () => {
  const opened = vi.spyOn(DatabaseSync.prototype, 'exec');
  await using server = await startServer();
  const connections = new Set(opened.mock.contexts as DatabaseSync[]);
  opened.mockRestore();

  const databases = [...connections].filter((each) => each.location()?.endsWith('.db'));
  const read = (database: DatabaseSync, pragma: string) => database.prepare(`pragma ${pragma}`).get()?.[pragma];
  const writers = databases.filter((database) => read(database, 'query_only') === 0);

  expect(server.dataFolder).toBeDefined();
  expect(writers).toHaveLength(2);
  const normal = 1;
  for (const writer of writers) {
    expect(read(writer, 'synchronous')).toBe(normal);
    expect(read(writer, 'journal_mode')).toBe('wal');
  }
});
