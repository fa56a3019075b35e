import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustCall } from '../call.ts';
import type { Measured } from '../load/generator.ts';
import { peakMemoryMb } from '../measure.ts';
import { type Bench, number, percent, type Table } from '../scenario.ts';
import { startBare } from '../servers/bare.ts';
import { nginxVersion, startNginx } from '../servers/nginx.ts';
import { startPackyard } from '../servers/packyard.ts';
import type { BenchServer, Read, ServerName } from '../servers/server.ts';
import { startVerdaccio } from '../servers/verdaccio.ts';
import { interleaved, median } from '../statistics.ts';

/** Medians over the rounds. */
export interface ReadFigures {
  readonly requestsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuMsPerRequest: number;
  /** Share of the time that the load generator was busy. */
  readonly generatorShare: number;
}

export interface ReadResults {
  /** By the file of the read, then by server. */
  readonly figures: ReadonlyMap<string, ReadonlyMap<ServerName, ReadFigures>>;
  /** Over the whole scenario, from the server's start on. */
  readonly peakMemoryMb: ReadonlyMap<ServerName, number>;
}

/**
 * Measures how servers answer reads. Packyard and Verdaccio start empty and get everything from the upstream with the
 * first request; the bare servers and nginx hold the bytes that Packyard sends. Each read is measured in rounds, in
 * every round on every server, the others idle.
 */
export async function measureReads(bench: Bench, reads: readonly Read[], connections: number): Promise<ReadResults> {
  const servers = await startServers(bench, reads);
  try {
    const figures = new Map<string, Map<ServerName, ReadFigures>>();
    for (const read of reads) {
      const measure = (server: BenchServer, seconds: number) =>
        bench.generator.run({ port: server.port, connections, work: workOf(server, read, seconds) }, server);
      for (const server of servers) await measure(server, bench.seconds / 2);
      const contenders = new Map(servers.map((server) => [server.name, () => measure(server, bench.seconds)]));
      const results = await interleaved(bench.rounds, contenders);
      figures.set(read.file, new Map([...results].map(([name, rounds]) => [name, figuresOf(rounds)])));
    }
    return { figures, peakMemoryMb: new Map(servers.map(({ name, pid }) => [name, peakMemoryMb(pid)])) };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function startServers(bench: Bench, reads: readonly Read[]): Promise<BenchServer[]> {
  const { folder, upstream, program, profiles } = bench;
  const files = join(folder, 'files');
  mkdirSync(files);
  const data = join(folder, 'packyard');
  const servers = [await startPackyard({ program, data, registry: upstream.url, profiles })];
  try {
    servers.push(await startVerdaccio(join(folder, 'verdaccio'), upstream.url));
    for (const read of reads) {
      for (const server of servers) {
        const { body } = await mustCall(server.port, server.pathOf(read), {
          headers: { ...server.headers, ...read.headers },
        });
        if (server.name === 'Packyard') writeFileSync(join(files, read.file), body);
      }
    }
    for (const keeps of ['memory', 'disk'] as const) servers.push(await startBare(keeps, files));
    if (nginxVersion() !== undefined) servers.push(await startNginx(join(folder, 'nginx'), files));
    return servers;
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

function workOf(server: BenchServer, read: Read, seconds: number) {
  const headers = { ...server.headers, ...read.headers };
  const request = { path: server.pathOf(read), headers, label: 'read' };
  return { kind: 'reads', seconds, requests: [request] } as const;
}

function figuresOf(rounds: readonly Measured[]): ReadFigures {
  const each = (value: (round: Measured) => number) => median(rounds.map(value));
  return {
    requestsPerSecond: each(({ requests, elapsedMs }) => (requests * 1000) / elapsedMs),
    megabytesPerSecond: each(({ bodyBytes, elapsedMs }) => bodyBytes / 1000 / elapsedMs),
    cpuMsPerRequest: each(({ serverCpuMs, requests }) => serverCpuMs / requests),
    generatorShare: each(({ generatorCpuMs, elapsedMs }) => generatorCpuMs / elapsedMs),
  };
}

/** How many times as much Packyard has of something as another server. */
export function ratio(results: ReadResults, read: Read, to: ServerName, figure: keyof ReadFigures): number {
  const servers = results.figures.get(read.file);
  return (servers?.get('Packyard')?.[figure] ?? Number.NaN) / (servers?.get(to)?.[figure] ?? Number.NaN);
}

/** The raw numbers of one read. */
export function readTable(results: ReadResults, read: Read, title: string, about: string): Table {
  const rows = [...(results.figures.get(read.file) ?? [])].map(([name, figures]) => [
    name,
    number(figures.requestsPerSecond),
    number(figures.megabytesPerSecond),
    number(figures.cpuMsPerRequest),
    number(results.peakMemoryMb.get(name) ?? Number.NaN),
    percent(figures.generatorShare),
  ]);
  if (nginxVersion() === undefined) rows.push(['nginx', 'not installed', '', '', '', '']);
  const columns = ['Server', 'requests/s', 'MB/s', 'CPU ms/request', 'peak memory MB', 'generator busy'];
  return { title, about, columns, rows };
}
