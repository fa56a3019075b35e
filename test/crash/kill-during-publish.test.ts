import { setTimeout as sleep } from 'node:timers/promises';
import {
  AssociateExternalConnectionCommand,
  CreateDomainCommand,
  CreateRepositoryCommand,
} from '@aws-sdk/client-codeartifact';
import { expect, onTestFailed, test } from 'vitest';
import { distOf, tarballOf } from '../support/packages.ts';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { awsClient, NpmUser, npmEndpoint, tokenFor } from '../support/user.ts';
import { Chance } from './chance.ts';
import { Ledger } from './ledger.ts';
import { type Load, type RemoteVersion, work } from './load.ts';
import { faultsIn, faultsInBlobs } from './verify.ts';

const domain = 'acme';
const rounds = 6;
const connections = 16;

test('what was acknowledged survives kill -9, and nothing is ever seen half', { timeout: 120_000 }, async () => {
  const chance = new Chance(Number(process.env['CRASH_SEED'] ?? Date.now() % 2 ** 31));
  onTestFailed(() => console.error(`Repeat it with CRASH_SEED=${chance.seed}`));
  await using folder = await temporaryFolder();
  await using registry = await PublicRegistry.start();
  const load = await newLoad(chance, registry);
  const args = ['--data', folder.path, '--log-level', 'info', '--registry', `public:npmjs=${registry.url}`];
  const token = await setUp(args);

  for (let round = 1; round <= rounds; round += 1) {
    await loadUntilKilled(load, args, token);
    // And once more while it starts on what the first kill left.
    await runProcess([...args, '--port', '0'], { killAfterMs: chance.between(50, 600) });

    await registry.stop();
    await using server = await startProcess(args);
    const aws = awsClient(server.url);
    expect(await faultsInBlobs(folder.path), `blobs after round ${round}`).toEqual([]);
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
  const clients = Array.from({ length: connections }, (_, id) => work(load, npm, id, () => isOver));
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
  await aws.send(new CreateDomainCommand({ domain }));
  await aws.send(new CreateRepositoryCommand({ domain, repository: 'store' }));
  await aws.send(
    new AssociateExternalConnectionCommand({ domain, repository: 'store', externalConnection: 'public:npmjs' }),
  );
  await aws.send(new CreateRepositoryCommand({ domain, repository: 'team', upstreams: [{ repositoryName: 'store' }] }));
  const token = await tokenFor(aws, domain);
  aws.destroy();
  return token;
}

async function newLoad(chance: Chance, registry: PublicRegistry): Promise<Load> {
  const block = chance.bytes(4 * 1024 * 1024);
  const remote: RemoteVersion[] = [];
  for (let index = 0; index < 60; index += 1) {
    const size = chance.size(1024, 1024 * 1024);
    const files = { data: block.subarray(index, index + size) };
    const sketch = { name: `remote${index % 30}`, version: `1.${Math.floor(index / 30)}.0`, files };
    await registry.publish(sketch);
    remote.push({ ...sketch, integrity: distOf(await tarballOf(sketch)).integrity });
  }
  // Long enough to be killed in the middle of one.
  registry.tarballPauseMs = 10;
  return {
    chance,
    block,
    remote,
    published: new Ledger(),
    retained: new Ledger(),
    tags: new Ledger(),
    attempted: new Map(),
    surprises: [],
  };
}
