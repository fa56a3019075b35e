import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TestClock } from '../support/clock.ts';
import { World } from '../support/world.ts';
import { Receiver } from './receiver.ts';

const secret = 'known to both sides';

/** A webhook that has failed a few times is left alone for some seconds. */
const patience = { timeout: 20_000 };

it('a webhook of a server hears of a publish, and of a public package in both repositories that keep it', async () => {
  const receiver = await Receiver.start();
  const repositories = { npmjs: 'public:npmjs', team: ['npmjs'] } as const;
  await using world = await World.with(repositories, { webhook: [{ url: receiver.url, secret }] });
  expect((await world.npm('team').publish({ name: '@acme/lib', version: '1.0.0' })).status).toBeLessThan(300);
  await expect.poll(() => receiver.taken.length, patience).toBe(1);
  expect(receiver.taken[0]?.event.detail).toMatchObject({
    repositoryName: 'team',
    packageNamespace: 'acme',
    packageName: 'lib',
    packageVersion: '1.0.0',
    packageVersionState: 'Published',
    operationType: 'Created',
    sequenceNumber: 1,
  });

  await world.publicRegistry.publish({ name: 'left-pad', version: '1.3.0' });
  const { versions } = await world.npm('team').json('left-pad');
  const tarball: string = versions['1.3.0'].dist.tarball;
  expect((await world.npm('team').fetch(tarball.slice(world.npm('team').endpoint.length))).status).toBe(200);
  await expect.poll(() => receiver.taken.length, patience).toBe(3);
  const retained = receiver.taken.slice(1).map(({ event }) => event.detail);
  expect(retained.map(({ operationType, sequenceNumber }) => [operationType, sequenceNumber])).toEqual([
    ['Created', 1],
    ['Created', 2],
  ]);
  expect(retained.map(({ repositoryName }) => repositoryName).sort()).toEqual(['npmjs', 'team']);
});

it('events that are old are forgotten by the upkeep, and not those that a webhook has not got', {
  timeout: 60_000,
}, async () => {
  const receiver = await Receiver.start();
  receiver.answering = () => 500;
  const day = 24 * 60 * 60_000;
  const clock = new TestClock();
  let remembered = async () => 0;
  await using world = await World.with(
    { team: [] },
    { webhook: [{ url: receiver.url, secret }] },
    {
      upkeep: { firstAfterMs: 50, everyMs: 100 },
      clock,
      wrap: (ports) => {
        remembered = async () => (await ports.storage.events.after(0, {}, 100)).length;
        return ports;
      },
    },
  );
  for (const version of ['1.0.0', '1.0.1', '1.0.2']) await world.npm('team').publish({ name: 'lib', version });
  clock.ahead = 8 * day;
  await sleep(400);
  expect(await remembered()).toBe(3);
  receiver.answering = () => 200;
  await expect.poll(() => receiver.taken.length, patience).toBe(3);
  const later = () => {
    clock.ahead += day;
    return remembered();
  };
  await expect.poll(later, patience).toBe(1);
});
