import { join } from 'node:path';
import type { Measured } from '../load/generator.ts';
import { peakMemoryMb } from '../measure.ts';
import { type Bench, type Findings, goal, number, type Scenario } from '../scenario.ts';
import { startPackyard } from '../servers/packyard.ts';
import type { BenchServer, ServerName } from '../servers/server.ts';
import { startVerdaccio } from '../servers/verdaccio.ts';
import { interleaved, median, quantile } from '../statistics.ts';

const connections = 16;
/** The same for every server, because what it has already may make the next one dearer. */
const packagesPerRound = 600;

/** Publishing packages that nobody has published before, to a repository without upstreams. */
export const publish: Scenario = {
  name: 'publish',
  async run(bench) {
    const count = bench.isQuick ? packagesPerRound / 5 : packagesPerRound;
    const servers = await startServers(bench);
    try {
      const publishOn = (server: BenchServer, first: string, count: number) =>
        bench.generator.run({ port: server.port, connections, work: publications(server, first, count) }, server);
      for (const server of servers) await publishOn(server, 'warm', count / 2);
      const contenders = new Map(
        servers.map((server) => [server.name, (round: number) => publishOn(server, `round-${round}`, count)]),
      );
      return findings(servers, await interleaved(bench.rounds, contenders));
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  },
};

async function startServers({ folder, upstream, program, profiles }: Bench): Promise<BenchServer[]> {
  const settings = { program, data: join(folder, 'packyard'), registry: upstream.url, profiles };
  const servers = [await startPackyard(settings, 'private')];
  try {
    servers.push(await startVerdaccio(join(folder, 'verdaccio'), upstream.url));
    return servers;
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

function publications({ endpoint, headers }: BenchServer, group: string, count: number) {
  const names = Array.from({ length: count }, (_, position) => `private-${group}-${position}`);
  return {
    kind: 'publications',
    endpoint,
    headers,
    publications: names.map((name) => ({ name, version: '1.0.0' })),
  } as const;
}

function findings(servers: readonly BenchServer[], results: ReadonlyMap<ServerName, readonly Measured[]>): Findings {
  const perSecond = (name: ServerName) =>
    median((results.get(name) ?? []).map(({ requests, elapsedMs }) => (requests * 1000) / elapsedMs));
  const rows = servers.map(({ name, pid }) => {
    const rounds = results.get(name) ?? [];
    const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs['publish'] ?? []);
    const cpuMs = median(rounds.map(({ serverCpuMs, requests }) => serverCpuMs / requests));
    const numbers = [perSecond(name), median(latencies), quantile(latencies, 0.99), cpuMs, peakMemoryMb(pid)];
    return [name, ...numbers.map(number)];
  });
  const ratio = perSecond('Packyard') / perSecond('Verdaccio');
  return {
    goals: [goal('publish of distinct packages', 'at least', 10, ratio, ' × Verdaccio')],
    tables: [
      {
        title: 'Publish',
        about:
          'Packages of about 10 KB, each published once; 16 connections; to a repository without upstreams. Packyard ' +
          'answers when everything is synced to the disk; Verdaccio syncs nothing.',
        columns: ['Server', 'publishes/s', 'median ms', 'p99 ms', 'CPU ms/publish', 'peak memory MB'],
        rows,
      },
    ],
  };
}
