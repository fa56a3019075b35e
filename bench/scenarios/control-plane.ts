import type { Measured } from '../load/generator.ts';
import { type Bench, type Goal, goal, number, type Scenario, type Table } from '../scenario.ts';
import { startSeeded } from '../servers/seeded.ts';
import type { BenchServer } from '../servers/server.ts';
import { interleaved, median, quantile } from '../statistics.ts';
import { controlRequests } from './control-requests.ts';

const connections = 4;
const few = 1_000;
const many = 100_000;

/** Whether the control plane's answers take longer when the repository has more in it. */
export const controlPlane: Scenario = {
  name: 'control',
  async run(bench) {
    const servers: BenchServer[] = [];
    try {
      for (const versions of [few, many]) servers.push(await startSeeded(bench, versions));
      const [small, large] = servers;
      if (small === undefined || large === undefined) throw new Error('A server is missing.');
      return await measureControlPlane(bench, { versions: few, server: small }, { versions: many, server: large });
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  },
};

export interface SeededServer {
  readonly versions: number;
  readonly server: BenchServer;
}

/** Asks two servers the same kinds of questions in turn. */
export async function measureControlPlane(
  bench: Bench,
  small: SeededServer,
  large: SeededServer,
): Promise<{ goals: Goal[]; tables: Table[] }> {
  const contenders = new Map<'small' | 'large', () => Promise<Measured>>();
  for (const [name, { server, versions }] of [
    ['small', small],
    ['large', large],
  ] as const) {
    const work = { kind: 'reads', seconds: bench.seconds, requests: await controlRequests(server, versions) } as const;
    const measure = () => bench.generator.run({ port: server.port, connections, work }, server);
    await measure();
    contenders.set(name, measure);
  }
  const results = await interleaved(bench.rounds, contenders);
  const labels = Object.keys(results.get('small')?.[0]?.latenciesMs ?? {});
  const latencies = (size: 'small' | 'large', label: string) =>
    (results.get(size) ?? []).flatMap(({ latenciesMs }) => latenciesMs[label] ?? []);
  const ratioOf = (label: string) => median(latencies('large', label)) / median(latencies('small', label));
  const count = (versions: number) => versions.toLocaleString('en');
  const operations = [...new Set(labels.map((label) => label.split(',', 1)[0] ?? ''))];
  return {
    goals: operations.flatMap((operation) => {
      const own = labels.filter((label) => label.startsWith(operation));
      const worst = Math.max(...own.map(ratioOf));
      const p99 = Math.max(...own.map((label) => quantile(latencies('large', label), 0.99)));
      return [
        goal(
          `${operation}, median at ${count(large.versions)} versions`,
          'at most',
          1.3,
          worst,
          ` × at ${count(small.versions)}`,
        ),
        goal(`${operation}, p99 at ${count(large.versions)} versions`, 'at most', 5, p99, ' ms'),
      ];
    }),
    tables: [
      {
        title: `Control plane, ${count(small.versions)} and ${count(large.versions)} versions`,
        about:
          'Latencies in ms, all kinds mixed, 4 connections, pages of 50. Packages have 10 versions; the large one has ' +
          'a tenth of all, at most 10,000.',
        columns: [
          'Question',
          ...[small, large].flatMap(({ versions }) => [`median, ${count(versions)}`, `p99, ${count(versions)}`]),
          'ratio of medians',
        ],
        rows: labels.map((label) => [
          label,
          ...(['small', 'large'] as const).flatMap((size) =>
            [median(latencies(size, label)), quantile(latencies(size, label), 0.99)].map(number),
          ),
          `${number(ratioOf(label))} ×`,
        ]),
      },
    ],
  };
}
