import { setTimeout as sleep } from 'node:timers/promises';
import { CreateRepositoryCommand, DeleteRepositoryCommand } from '@aws-sdk/client-codeartifact';
import { expect, onTestFailed, test } from 'vitest';
import { openS3Blobs } from '../../src/adapters/s3/blobs.ts';
import { parseS3Location } from '../../src/adapters/s3/location.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { collectBlobs } from '../../src/core/collect-blobs.ts';
import type { Ports } from '../../src/core/core-ports.ts';
import type { BlobReferenceQueries } from '../../src/ports/storage.ts';
import { TestClock } from '../support/clock.ts';
import { Chance } from '../support/load/chance.ts';
import { temporaryFolder } from '../support/process.ts';
import { startServer } from '../support/server.ts';
import { awsClient, NpmUser, npmEndpoint, tokenFor } from '../support/user.ts';
import { makeRepositories } from '../support/world.ts';
import { type Around, wrapPorts } from '../support/wrapped-ports.ts';
import { described, moreThanAnHourMs, storedBlobs, storeGarbage } from './garbage.ts';
import { describeNodes, type OwnPorts } from './shared-stores.ts';

const domain = 'acme';

describeNodes('The collection of unused blobs by several nodes', (newStores) => {
  test('is done by one of them each time', async () => {
    await using stores = await newStores();
    const everyMs = 500;
    let rounds = 0;
    const deleted: string[] = [];
    const clock = new TestClock();
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      blobs: {
        ...ports.blobs,
        list() {
          rounds += 1;
          return ports.blobs.list();
        },
        async delete(sha256) {
          deleted.push(sha256);
          await ports.blobs.delete(sha256);
        },
      },
    });
    await using ports = await stores.open(clock);
    const garbage = await storeGarbage(ports, 5);
    const options = { clock, wrap, upkeep: { firstAfterMs: 100, everyMs } };
    const startedAt = performance.now();
    await using _one = await startServer(stores.settings, options);
    await using _another = await startServer(stores.settings, options);
    await expect.poll(() => rounds, { timeout: 10_000 }).toBeGreaterThan(1);
    clock.ahead = moreThanAnHourMs;
    await expect.poll(() => rounds, { timeout: 20_000 }).toBeGreaterThan(9);

    // One at the beginning, and one more for the leap of the clock.
    expect(rounds).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / (0.9 * everyMs));
    expect(deleted.toSorted()).toEqual(garbage.toSorted());
  });

  test('lets a publish store its bytes anew that are taken between their storing and their rows', async () => {
    await using stores = await newStores();
    const around: Around = {};
    await using server = await startServer(stores.settings, { wrap: wrapPorts(around) });
    const aws = awsClient(server.url);
    await makeRepositories(aws, domain, { first: [], second: [] });
    const token = await tokenFor(aws, domain);
    const publish = async (repository: string) => {
      const { status } = await new NpmUser(npmEndpoint(server.url, domain, repository), token).publish(sketch);
      return status;
    };
    const { sketch, sha256 } = await described({ name: 'lib', version: '1.0.0' });
    expect(await publish('first')).toBe(200);
    await aws.send(new DeleteRepositoryCommand({ domain, repository: 'first' }));

    const rows = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<void>();
    around.commit = async (inner) => {
      await inner();
      stored.resolve();
      await rows.promise;
    };
    const publishing = publish('second');
    await stored.promise;
    const clock = new TestClock();
    await using ports = await stores.open(clock);
    // Within an hour, of which the publish sees nothing.
    expect(await collectBlobs(ports)).toBe(0);
    clock.ahead = moreThanAnHourMs;
    const taken = Promise.withResolvers<void>();
    const deletion = Promise.withResolvers<void>();
    const deletesLate = async (key: string) => {
      taken.resolve();
      await deletion.promise;
      await ports.blobs.delete(key);
    };
    const collecting = collectBlobs({ ...ports, blobs: { ...ports.blobs, delete: deletesLate } });
    await taken.promise;
    rows.resolve();
    await sleep(200);
    deletion.resolve();

    expect(await collecting).toBe(1);
    expect(await publishing).toBe(200);
    expect(await storedBlobs(ports)).toEqual([sha256]);
    aws.destroy();
  });

  test('takes nothing with a deletion that the bucket carries out late', async () => {
    await using stores = await newStores();
    await using folder = await temporaryFolder();
    const clock = new TestClock();
    await using ports = await stores.open(clock);
    const { bucketProxy, settings } = stores;
    const options = { location: parseS3Location(settings.blobs), folder: folder.path, ids: systemIds(clock) };
    const blobs = await openS3Blobs({ ...options, limits: { idleMs: 200, pauseMs: 10 } });
    const [sha256 = ''] = await storeGarbage(ports, 1);
    expect(await collectBlobs({ ...ports, blobs })).toBe(0);

    clock.ahead = moreThanAnHourMs;
    bucketProxy.concerns = ({ method }) => method === 'DELETE';
    bucketProxy.holds = 1;
    // Whether it says so or not: one deletion is still on its way.
    await Promise.allSettled([collectBlobs({ ...ports, blobs })]);
    const storing = storeGarbage(ports, 1);
    await sleep(200);
    await bucketProxy.passHeld();
    // Another node takes up what the first could not finish.
    clock.ahead += moreThanAnHourMs;
    await collectBlobs(ports);
    expect(await storing).toEqual([sha256]);
    expect(await storedBlobs(ports)).toEqual([sha256]);
    await blobs.close();
  });

  test('never takes bytes that are published meanwhile', { timeout: 120_000 }, async () => {
    const chance = new Chance(Number(process.env['CRASH_SEED'] ?? Date.now() % 2 ** 31));
    onTestFailed(() => console.error(`Repeat it with CRASH_SEED=${chance.seed}`));
    await using stores = await newStores();
    const clock = new TestClock();
    const hesitate = () => (chance.fraction() < 0.5 ? Promise.resolve() : sleep(chance.size(1, 80)));
    const slowly = async <T>(inner: () => Promise<T>): Promise<T> => {
      await hesitate();
      const result = await inner();
      await hesitate();
      return result;
    };
    const options = { wrap: wrapPorts({ commit: slowly, transaction: slowly, beforeCommit: hesitate }) };
    await using one = await startServer(stores.settings, options);
    await using another = await startServer(stores.settings, options);
    await using ports = await stores.open(clock);
    const aws = awsClient(one.url);
    await makeRepositories(aws, domain, {});
    const token = await tokenFor(aws, domain);
    const sketches = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        described({ name: 'lib', version: `1.0.${n}`, files: { data: chance.bytes(1_000) } }),
      ),
    );

    let deleted = 0;
    for (let round = 0; round < 20; round += 1) {
      const repository = `round-${round}`;
      await aws.send(new CreateRepositoryCommand({ domain, repository }));
      const users = [one, another].map(({ url }) => new NpmUser(npmEndpoint(url, domain, repository), token));
      // What the last round left is condemned for more than an hour now.
      clock.ahead += moreThanAnHourMs;
      const published = sketches.filter(() => chance.fraction() < 0.7);
      const publishing = published.map(async ({ sketch }) => {
        await sleep(chance.between(0, 150));
        return (await chance.pick(users).publish(sketch)).status;
      });
      const collecting = [1, 2].map(async () => {
        for (let pass = 0; pass < 3; pass += 1) deleted += await collectBlobs(slowed(ports, slowly));
      });
      const [statuses] = await Promise.all([Promise.all(publishing), ...collecting]);
      expect(statuses, repository).toEqual(published.map(() => 200));
      const stored = new Set(await storedBlobs(ports));
      const lost = published.filter(({ sha256 }) => !stored.has(sha256));
      expect(
        lost.map(({ sketch }) => sketch.version),
        repository,
      ).toEqual([]);

      await aws.send(new DeleteRepositoryCommand({ domain, repository }));
      // Condemns them.
      await collectBlobs(ports);
    }
    // Else the test would prove little.
    expect(deleted).toBeGreaterThan(30);
    aws.destroy();
  });
});

type Slowly = <T>(inner: () => Promise<T>) => Promise<T>;

/** A collector's ports on which each step between the first look and the last takes its time. */
function slowed({ storage, blobs, clock }: OwnPorts, slowly: Slowly): Pick<Ports, 'storage' | 'blobs' | 'clock'> {
  const { unreferenced, takeForDeletion, condemn, forget } = storage.blobReferences;
  const blobReferences: BlobReferenceQueries = {
    ...storage.blobReferences,
    unreferenced: (...args) => slowly(() => unreferenced(...args)),
    takeForDeletion: (...args) => slowly(() => takeForDeletion(...args)),
    condemn: (...args) => slowly(() => condemn(...args)),
    forget: (...args) => slowly(() => forget(...args)),
  };
  return {
    storage: { ...storage, blobReferences },
    blobs: { ...blobs, delete: (sha256) => slowly(() => blobs.delete(sha256)) },
    clock,
  };
}
