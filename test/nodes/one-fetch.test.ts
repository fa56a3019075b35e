import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Chance } from '../support/load/chance.ts';
import { tarballPath } from '../support/load/work.ts';
import { distOf, tarballOf } from '../support/packages.ts';
import { type PackyardProcess, startProcess } from '../support/process.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { awsClient, tokenFor } from '../support/user.ts';
import { makeRepositories } from '../support/world.ts';
import { type Door, doorsOf, newConnections } from './doors.ts';
import { Nodes } from './nodes.ts';
import { describeNodes, type SharedStores } from './shared-stores.ts';

const repositories = { store: 'public:npmjs', team: ['store'] } as const;
/** How long a node that died in the middle of a fetch holds up the others. */
const leaseMs = 15_000;

/** A server of several processes, and how to kill the one that is fetching. */
interface Server {
  readonly doors: readonly Door[];
  killFetching(first: Door): Promise<void>;
  /** Whether clients who came through other doors may have their connections to the killed one. */
  readonly mayTakeOthersAlong: boolean;
}

let registry: PublicRegistry;
beforeAll(async () => {
  registry = await PublicRegistry.start();
});
afterAll(() => registry?.stop());
beforeEach(() => Object.assign(registry, { tarballPauseMs: 0, tarballGate: Promise.resolve() }));

let packages = 0;
const chance = new Chance(Date.now() % 2 ** 31);

/** Publishes a package to the public registry that nobody has asked for yet. */
async function newPackage(): Promise<{ name: string; path: string; integrity: string; fetches(): number }> {
  packages += 1;
  const name = `remote${packages}`;
  const sketch = { name, version: '1.0.0', files: { data: chance.bytes(200_000) } };
  await registry.publish(sketch);
  const path = tarballPath(name, '1.0.0');
  const { integrity } = distOf(await tarballOf(sketch));
  return { name, path, integrity, fetches: () => registry.count(`GET /${path}`) };
}

/** What a client gets: the bytes' integrity, a status, or how the connection broke. */
async function got({ npm }: Door, path: string): Promise<string> {
  try {
    const response = await npm('team').fetch(path);
    const bytes = Buffer.from(await response.arrayBuffer());
    return response.status === 200 ? distOf(bytes).integrity : String(response.status);
  } catch (error) {
    return (error as Error).message;
  }
}

function stories(server: () => Server): void {
  test('many clients that ask at once for a new public tarball cause one request', async () => {
    registry.tarballPauseMs = 500;
    const { path, integrity, fetches } = await newPackage();
    const clients = server().doors.flatMap((door) => Array.from({ length: 15 }, () => got(door, path)));
    expect(new Set(await Promise.all(clients))).toEqual(new Set([integrity]));
    expect(fetches()).toBe(1);
  });

  test('so do clients that come while it ends', async () => {
    const pauseMs = 50;
    registry.tarballPauseMs = pauseMs;
    for (let round = 0; round < 8; round += 1) {
      const { path, integrity, fetches } = await newPackage();
      const { doors } = server();
      const first = got(chance.pick(doors), path);
      const late = Array.from({ length: 50 }, async () => {
        await sleep(pauseMs + chance.between(0, 40));
        return got(chance.pick(doors), path);
      });
      expect(new Set(await Promise.all([first, ...late]))).toEqual(new Set([integrity]));
      expect(fetches(), path).toBe(1);
    }
  });

  test('when the one that fetches is killed, the others take over', { timeout: 60_000 }, async () => {
    const gate = Promise.withResolvers<void>();
    registry.tarballGate = gate.promise;
    const { path, integrity, fetches } = await newPackage();
    const { doors, killFetching, mayTakeOthersAlong } = server();
    const [first, ...others] = doors as [Door, ...Door[]];
    const broken = got(first, path);
    await expect.poll(fetches).toBe(1);
    const waiting = others.flatMap((door) => Array.from({ length: 6 }, () => got(door, path)));
    await sleep(500);
    await killFetching(first);
    const killedAt = performance.now();
    gate.resolve();

    expect(await broken).toMatch(/terminated|fetch failed/);
    const answers = await Promise.all(waiting);
    expect(performance.now() - killedAt).toBeLessThan(leaseMs + 5_000);
    const served = answers.filter((answer) => !/terminated|fetch failed/.test(answer));
    expect(new Set(served)).toEqual(new Set([integrity]));
    if (!mayTakeOthersAlong) expect(served).toHaveLength(answers.length);
    expect(fetches()).toBe(2);
  });
}

describeNodes('Nodes over one database and one bucket fetch once:', (newStores) => {
  let stores: SharedStores;
  let nodes: Nodes;
  let doors: Door[];
  beforeAll(async () => {
    stores = await newStores();
    nodes = await Nodes.start(stores, registry.url, repositories);
    doors = doorsOf(nodes);
  });
  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await stores?.[Symbol.asyncDispose]();
  });
  stories(() => ({
    doors,
    killFetching: (first) => nodes.kill(doors.indexOf(first)),
    mayTakeOthersAlong: false,
  }));
});

describe('Workers over the embedded database fetch once:', () => {
  let server: PackyardProcess;
  let doors: Door[];
  beforeAll(async () => {
    server = await startProcess(['--memory', '--workers', '3', '--registry', `public:npmjs=${registry.url}`]);
    const aws = awsClient(server.url);
    await makeRepositories(aws, 'acme', repositories);
    doors = newConnections(server.url, 'acme', await tokenFor(aws, 'acme'), 3);
    aws.destroy();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  stories(() => ({
    doors,
    async killFetching() {
      process.kill(await fetchingWorker(server), 'SIGKILL');
    },
    mayTakeOthersAlong: true,
  }));
});

/** The worker that has a staged file open: the bytes that come in. */
async function fetchingWorker(server: PackyardProcess): Promise<number> {
  for (const worker of await server.workers()) {
    const descriptors = await readdir(`/proc/${worker}/fd`);
    const files = await Promise.all(descriptors.map((fd) => readlink(`/proc/${worker}/fd/${fd}`).catch(() => '')));
    if (files.some((file) => file.includes('/staging/'))) return worker;
  }
  throw new Error('no worker is fetching');
}
