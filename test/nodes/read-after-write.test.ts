import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  ListPackageVersionsCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tarballPath } from '../support/load/work.ts';
import { distOf, tarballOf } from '../support/packages.ts';
import { type PackyardProcess, startProcess } from '../support/process.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { awsClient, tokenFor } from '../support/user.ts';
import { makeRepositories } from '../support/world.ts';
import { type Door, doorsOf, newConnections } from './doors.ts';
import { Nodes } from './nodes.ts';
import { describeNodes, type SharedStores } from './shared-stores.ts';

const domain = 'acme';
/** Packages that are worked on at the same time: what changes one must not hide what changes another. */
const lanes = 4;
const rounds = 50;

/** What one door wrote, every other shows at once. */
function stories(doors: () => readonly Door[]): void {
  /** Runs `step` for all lanes at once, round after round; each round another door writes and the others read. */
  async function everyRound(
    count: number,
    step: (round: { name: string; number: number; writer: Door; readers: readonly Door[] }) => Promise<unknown>,
  ): Promise<void> {
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (let number = 0; number < count; number += 1) {
          const writer = (lane + number) % doors().length;
          const readers = doors().filter((_, door) => door !== writer);
          await step({ name: `lane${lane}`, number, writer: doors()[writer] as Door, readers });
        }
      }),
    );
  }
  const atEach = <T>(readers: readonly Door[], look: (reader: Door) => Promise<T>) => Promise.all(readers.map(look));

  test('a publish: in packument, tarball and API', async () => {
    await everyRound(rounds, async ({ name, number, writer, readers }) => {
      const sketch = { name, version: `1.0.${number}`, files: { data: `${name} ${number}` } };
      const { integrity } = distOf(await tarballOf(sketch));
      expect((await writer.npm('team').publish(sketch)).status).toBe(200);
      await atEach(readers, async ({ npm, aws }) => {
        const [packument, bytes, { versions = [] }] = await Promise.all([
          npm('team').json(name),
          npm('team')
            .fetch(tarballPath(name, sketch.version))
            .then((response) => response.arrayBuffer()),
          aws.send(
            new ListPackageVersionsCommand({
              domain,
              repository: 'team',
              format: 'npm',
              package: name,
              sortBy: 'PUBLISHED_TIME',
            }),
          ),
        ]);
        expect(packument['dist-tags']).toEqual({ latest: sketch.version });
        expect(packument['versions'][sketch.version].dist.integrity).toBe(integrity);
        expect(distOf(Buffer.from(bytes)).integrity).toBe(integrity);
        expect(versions[0]?.version).toBe(sketch.version);
      });
    });
  });

  test('a tag that moves', async () => {
    await everyRound(rounds, async ({ name, number, writer, readers }) => {
      const version = `1.0.${number}`;
      expect((await writer.npm('team').put(`-/package/${name}/dist-tags/next`, JSON.stringify(version))).status).toBe(
        200,
      );
      await atEach(readers, async ({ npm }) => {
        expect((await npm('team').json(name))['dist-tags'].next).toBe(version);
        expect((await npm('team').json(`-/package/${name}/dist-tags`))['next']).toBe(version);
      });
    });
  });

  test('a deprecation, and its end', async () => {
    await everyRound(rounds, async ({ name, number, writer, readers }) => {
      const version = '1.0.0';
      const deprecated = number % 2 === 0 ? `since round ${number}` : '';
      const written = await writer.npm('team').put(name, { _id: name, name, versions: { [version]: { deprecated } } });
      expect(written.status).toBe(200);
      await atEach(readers, async ({ npm }) => {
        const accept = 'application/vnd.npm.install-v1+json';
        const { versions } = await npm('team').json(name, number % 3 === 0 ? { accept } : {});
        expect(versions[version].deprecated ?? '').toBe(deprecated);
      });
    });
  });

  test('a repository that comes, goes, and comes again', async () => {
    await everyRound(rounds / 2, async ({ name: repository, writer, readers }) => {
      const at = { domain, repository };
      await writer.aws.send(new CreateRepositoryCommand(at));
      await atEach(readers, async ({ npm }) => expect((await npm(repository).fetch('lib')).status).toBe(404));
      await writer.npm(repository).publish({ name: 'lib', version: '1.0.0' });
      await atEach(readers, async ({ npm }) => {
        expect((await npm(repository).fetch('lib')).status).toBe(200);
        expect((await npm(repository).fetch('lib/-/lib-1.0.0.tgz')).status).toBe(200);
      });
      await writer.aws.send(new DeleteRepositoryCommand(at));
      await atEach(readers, async ({ npm }) => {
        expect((await npm(repository).fetch('lib')).status).toBe(404);
        expect((await npm(repository).fetch('lib/-/lib-1.0.0.tgz')).status).toBe(404);
      });
    });
  });

  test('publishes that are under way: each whole or not at all', async () => {
    const name = 'growing';
    const publish = async ({ npm }: Door, door: number, number: number) => {
      const sketch = { name, version: `${door}.0.${number}` };
      expect((await npm('team').publish(sketch, `door-${door}`)).status).toBe(200);
    };
    await Promise.all(doors().map((door, index) => publish(door, index, 0)));
    let isOver = false;
    const halves: unknown[] = [];
    const reading = atEach(doors(), async ({ npm }) => {
      let seen = 0;
      for (; !isOver; seen += 1) {
        const { versions, 'dist-tags': tags } = await npm('team').json(name);
        const newest = doors().map((_, door) => {
          const published = Object.keys(versions).filter((version) => version.startsWith(`${door}.`));
          return [`door-${door}`, `${door}.0.${published.length - 1}`];
        });
        if (newest.some(([tag = '', version]) => tags[tag] !== version)) halves.push({ versions: newest, tags });
      }
      return seen;
    });
    const writing = doors().map(async (door, index) => {
      for (let number = 1; number < rounds; number += 1) await publish(door, index, number);
    });
    await Promise.all(writing).finally(() => {
      isOver = true;
    });
    const seen = await reading;
    expect(halves).toEqual([]);
    // Else the test would prove little.
    for (const reads of seen) expect(reads).toBeGreaterThan(rounds / 2);
  });
}

describeNodes('Through any node over PostgreSQL and S3 every other shows at once', (newStores) => {
  let stores: SharedStores;
  let registry: PublicRegistry;
  let nodes: Nodes;
  beforeAll(async () => {
    stores = await newStores();
    registry = await PublicRegistry.start();
    nodes = await Nodes.start(stores, registry.url, { team: [] });
  });
  afterAll(async () => {
    await nodes?.[Symbol.asyncDispose]();
    await registry?.stop();
    await stores?.[Symbol.asyncDispose]();
  });
  stories(() => doorsOf(nodes));
});

describe('Through any worker over the embedded database every other shows at once', { timeout: 60_000 }, () => {
  let server: PackyardProcess;
  let doors: Door[];
  beforeAll(async () => {
    server = await startProcess(['--memory', '--workers', '3']);
    const aws = awsClient(server.url);
    await makeRepositories(aws, domain, { team: [] });
    doors = newConnections(server.url, domain, await tokenFor(aws, domain), 4);
    aws.destroy();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  stories(() => doors);

  test('and all workers took part', () => {
    const answers = server.log().filter(({ msg }) => msg === 'request');
    const byWorker = [...Map.groupBy(answers, ({ pid }) => pid).values()];
    expect(byWorker.map(({ length }) => length > answers.length / 5)).toEqual([true, true, true]);
  });
});
