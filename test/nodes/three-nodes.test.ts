import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteRepositoryCommand } from '@aws-sdk/client-codeartifact';
import { expect, onTestFailed, test } from 'vitest';
import { collectBlobs } from '../../src/core/collect-blobs.ts';
import { describeClients } from '../support/clients.ts';
import { TestClock } from '../support/clock.ts';
import { Chance } from '../support/load/chance.ts';
import { newLoad } from '../support/load/new-load.ts';
import { packagesIn } from '../support/load/shelf.ts';
import { faultsIn, faultsInBlobs } from '../support/load/verify.ts';
import { type Load, work } from '../support/load/work.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { disagreements } from './agreement.ts';
import { moreThanAnHourMs, storedBlobs } from './garbage.ts';
import { Nodes } from './nodes.ts';
import { tinker } from './npm-person.ts';
import { describeNodes, type SharedStores } from './shared-stores.ts';
import { Troubles } from './troubles.ts';

const clients = 10;

describeNodes('Three nodes over one database and one bucket', (newStores) => {
  describeClients('with npm at work', ['npm 11'], (npm) => {
    test('are one server that loses nothing, while nodes die and database and bucket fail', {
      timeout: 300_000,
    }, async () => {
      const chance = new Chance(Number(process.env['CRASH_SEED'] ?? Date.now() % 2 ** 31));
      onTestFailed(() => console.error(`Repeat it with CRASH_SEED=${chance.seed}`));
      await using stores = await newStores();
      await using registry = await PublicRegistry.start();
      const repositories = { store: 'public:npmjs', team: ['store'], scrap: [] } as const;
      await using nodes = await Nodes.start(stores, registry.url, repositories);
      onTestFailed(() => console.error(JSON.stringify(nodes.faults(), null, 2)));
      const troubles = new Troubles();
      const load = await newLoad(chance, registry, {
        maxPackageBytes: 256 * 1024,
        maxPauseMs: 200,
        excuses: (status) => [502, 503, 'broken'].includes(status) && troubles.metSince(performance.now()),
      });
      const { token } = nodes;

      let isOver = false;
      const users = nodes.npm('team');
      const working = Array.from({ length: clients }, (_, id) =>
        work(load, { through: users, id }, () => isOver).catch((error: Error) => load.surprises.push(error.message)),
      );
      const person = { npm, endpoints: nodes.endpoints('team'), token, mayFail: (at: number) => troubles.metSince(at) };
      const tinkering = tinker(load, person, () => isOver);
      await breakEverything(chance, troubles, stores, nodes)
        .then(() => untilMuchIsKept(load))
        .finally(() => {
          isOver = true;
        });
      await Promise.all([...working, tinkering]);

      expect(load.surprises).toEqual([]);
      await scrap(load, nodes);
      await collect(stores);
      for (const repository of ['store', 'team']) {
        const { aws } = chance.pick(nodes.all);
        const visitor = { aws, npm: chance.pick(nodes.npm(repository)), domain: nodes.domain, repository };
        expect(await faultsIn(load, visitor), `'${repository}'`).toEqual([]);
        if (repository === 'team')
          expect(await disagreements(nodes.npm(repository), await packagesIn(visitor))).toEqual([]);
      }
      expect(await nodes.stop()).toEqual([]);
      expect(nodes.wrongSql()).toEqual([]);
      for (const { dataFolder } of nodes.all) expect(await readdir(join(dataFolder, 'blobs', 'staging'))).toEqual([]);
    });
  });
});

/** One fault after another, with quiet between them, in which everything has to be well again. */
async function breakEverything(chance: Chance, troubles: Troubles, stores: SharedStores, nodes: Nodes): Promise<void> {
  const { postgres, bucketProxy } = stores;
  const quiet = () => sleep(chance.between(2_500, 3_500));
  const killNode = async () => {
    const node = chance.between(0, 2);
    await nodes.kill(node);
    await sleep(chance.between(0, 1_000));
    await nodes.startAgain(node);
  };

  await quiet();
  await troubles.during(killNode);
  await quiet();
  await troubles.during(() => postgres.restart('fast', chance.between(0, 1_500)));
  await quiet();
  await troubles.during(async () => {
    bucketProxy.failures = Number.POSITIVE_INFINITY;
    await sleep(3_000);
    bucketProxy.failures = 0;
  });
  await quiet();
  await troubles.during(async () => {
    Object.assign(bucketProxy, { cuts: Number.POSITIVE_INFINITY, cutAfterBytes: chance.between(20_000, 60_000) });
    await sleep(3_000);
    bucketProxy.cuts = 0;
  });
  await quiet();
  await troubles.during(() => postgres.restart('immediate', chance.between(0, 1_500)));
  await quiet();
}

/** Until there is so much to lose that losing nothing proves something; a busy machine takes longer. */
async function untilMuchIsKept({ published, retained, surprises }: Load): Promise<void> {
  while (surprises.length === 0 && (published.acknowledged <= 200 || retained.acknowledged <= 30)) await sleep(100);
}

/** Makes garbage: what a repository held that is deleted. */
async function scrap({ chance }: Load, nodes: Nodes): Promise<void> {
  for (let count = 0; count < 5; count += 1) {
    const sketch = { name: `scrap${count}`, version: '1.0.0', files: { data: chance.bytes(1_000) } };
    expect((await chance.pick(nodes.npm('scrap')).publish(sketch)).status).toBe(200);
  }
  const [node] = nodes.all;
  await node?.aws.send(new DeleteRepositoryCommand({ domain: nodes.domain, repository: 'scrap' }));
}

/** Collects what nothing refers to, as the nodes' upkeep would within some hours. */
async function collect(stores: SharedStores): Promise<void> {
  const clock = new TestClock();
  await using ports = await stores.open(clock);
  expect(await collectBlobs(ports)).toBe(0);
  clock.ahead = moreThanAnHourMs;
  expect(await collectBlobs(ports)).toBeGreaterThan(0);
  expect(await storedBlobs(ports)).toEqual(await stores.referencedBlobs());
  expect(await faultsInBlobs(ports.blobs)).toEqual([]);
}
