import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { awsClient, NpmUser, npmEndpoint, tokenFor } from '../support/user.ts';
import { makeRepositories } from '../support/world.ts';
import type { Told } from './listeners.ts';
import { isSigned, type Received, Receiver } from './receiver.ts';

const domain = 'acme';
const packages = ['one', 'two', 'three', 'four'];
const secret = 'known to both sides';

test('every version that is kept has one event, also over kill -9, and a webhook hears of it', {
  timeout: 90_000,
}, async () => {
  await using folder = await temporaryFolder();
  const receiver = await Receiver.start();
  const args = ['--data', folder.path, '--log-level', 'info', '--webhook', receiver.url];
  const start = () => startProcess(args, { env: { PACKYARD_WEBHOOK_SECRET: secret } });
  const acknowledged = new Set<string>();
  let token = '';

  for (let round = 0; round < 3; round += 1) {
    await using server = await start();
    if (round === 0) {
      const aws = awsClient(server.url);
      await makeRepositories(aws, domain, { team: [] });
      token = await tokenFor(aws, domain);
      aws.destroy();
    }
    const npm = new NpmUser(npmEndpoint(server.url, domain, 'team'), token);
    const enough = acknowledged.size + 40 + 7 * round;
    let isOver = false;
    const publishing = packages.map(async (name) => {
      for (let n = 0; !isOver; n += 1) {
        const version = `${round}.0.${n}`;
        const status = await npm.publish({ name, version }).then(
          (response) => response.status,
          () => undefined,
        );
        if (status === 200 || status === 201) acknowledged.add(`${name} ${version}`);
      }
    });
    while (acknowledged.size < enough) await sleep(1);
    server.kill('SIGKILL');
    isOver = true;
    await Promise.all(publishing);
    await server.exited;
  }

  await using server = await start();
  const npm = new NpmUser(npmEndpoint(server.url, domain, 'team'), token);
  const kept = new Set<string>();
  for (const name of packages) {
    const { versions } = await npm.json(name);
    for (const version of Object.keys(versions)) kept.add(`${name} ${version}`);
  }
  expect([...acknowledged].filter((version) => !kept.has(version))).toEqual([]);

  const deadline = performance.now() + 20_000;
  while (firstOfEach(receiver.taken).length < kept.size && performance.now() < deadline) await sleep(50);
  const told = firstOfEach(receiver.taken);
  expect(told.map(({ position }) => position)).toEqual(Array.from({ length: kept.size }, (_, n) => n + 1));
  const toldOf = told.map(({ detail }) => `${detail.packageName} ${detail.packageVersion}`);
  expect(toldOf.toSorted()).toEqual([...kept].sort());
  for (const name of packages) {
    const numbers = told.filter(({ detail }) => detail.packageName === name).map(({ detail }) => detail.sequenceNumber);
    expect(numbers, name).toEqual(numbers.toSorted((a, b) => a - b));
  }
  expect(receiver.all.every((received) => isSigned(received, secret))).toBe(true);
  // Few came twice: at each kill what was not noted yet.
  expect(receiver.taken.length - told.length).toBeLessThanOrEqual(3 * 20);
  expect(server.log().filter(({ level }) => level >= 50)).toEqual([]);
});

/** Each event once, as they first came. */
function firstOfEach(taken: readonly Received[]): Told[] {
  const ids = new Set<string>();
  return taken.map(({ event }) => event).filter(({ id }) => !ids.has(id) && ids.add(id));
}
