import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFailed, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { openBlobs } from '../../src/stores.ts';
import { Chance } from '../support/load/chance.ts';
import { newLoad } from '../support/load/new-load.ts';
import { faultsIn, faultsInBlobs } from '../support/load/verify.ts';
import { type Load, work } from '../support/load/work.ts';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { awsClient, NpmUser, npmEndpoint, tokenFor } from '../support/user.ts';
import { makeRepositories } from '../support/world.ts';

const domain = 'acme';
const rounds = 6;
const connections = 16;

test('what was acknowledged survives kill -9, and nothing is ever seen half', { timeout: 120_000 }, async () => {
  const chance = new Chance(Number(process.env['CRASH_SEED'] ?? Date.now() % 2 ** 31));
  onTestFailed(() => console.error(`Repeat it with CRASH_SEED=${chance.seed}`));
  await using folder = await temporaryFolder();
  await using registry = await PublicRegistry.start();
  const load = await newLoad(chance, registry, {
    maxPackageBytes: 2 * 1024 * 1024,
    maxPauseMs: 0,
    excuses: (status) => status === 'broken',
  });
  const args = ['--data', folder.path, '--log-level', 'info', '--registry', `public:npmjs=${registry.url}`];
  const token = await setUp(args);

  for (let round = 1; round <= rounds; round += 1) {
    await loadUntilKilled(load, args, token);
    // And once more while it starts on what the first kill left.
    await runProcess([...args, '--port', '0'], { killAfterMs: chance.between(50, 600) });

    await registry.stop();
    await using server = await startProcess(args);
    const aws = awsClient(server.url);
    expect(await faultsInStore(folder.path), `blobs after round ${round}`).toEqual([]);
    for (const repository of ['team', 'store']) {
      const npm = new NpmUser(npmEndpoint(server.url, domain, repository), token);
      const faults = await faultsIn(load, { aws, npm, domain, repository });
      expect(faults, `'${repository}' after round ${round}`).toEqual([]);
    }
    aws.destroy();
    server.kill('SIGTERM');
    expect(await server.exited).toMatchObject({ code: 0, stderr: '' });
    await registry.listen();
  }
  expect(load.surprises).toEqual([]);
  // Else the test would prove little.
  expect(load.published.acknowledged).toBeGreaterThan(rounds * 20);
  expect(load.retained.acknowledged).toBeGreaterThan(rounds);
});

/** Works on a server with all connections and kills it a moment after some random one of its answers. */
async function loadUntilKilled(load: Load, args: readonly string[], token: string): Promise<void> {
  const { chance, published } = load;
  await using server = await startProcess(args);
  let isOver = false;
  const npm = new NpmUser(npmEndpoint(server.url, domain, 'team'), token);
  const clients = Array.from({ length: connections }, (_, id) => work(load, { through: [npm], id }, () => isOver));
  const enough = published.acknowledged + chance.between(20, 60);
  const deadline = performance.now() + 15_000;
  while (published.acknowledged < enough && performance.now() < deadline) await sleep(1);
  await sleep(chance.between(0, 30));
  server.kill('SIGKILL');
  isOver = true;
  await Promise.all(clients);
  await server.exited;
}

async function setUp(args: readonly string[]): Promise<string> {
  await using server = await startProcess(args);
  const aws = awsClient(server.url);
  await makeRepositories(aws, domain, { store: 'public:npmjs', team: ['store'] });
  const token = await tokenFor(aws, domain);
  aws.destroy();
  return token;
}

/** What is wrong in a data folder's blob store: files left in staging, blobs that are not what their name says. */
async function faultsInStore(dataFolder: string): Promise<string[]> {
  const staged = await readdir(join(dataFolder, 'blobs', 'staging'));
  const blobs = await openBlobs({}, dataFolder, { clock: systemClock, ids: systemIds(systemClock) });
  const faults = await faultsInBlobs(blobs);
  await blobs.close();
  return [...staged.map((name) => `staging/${name} was left behind`), ...faults];
}
