import type { ReadRequest } from '../load/job.ts';
import { Random } from '../packages/random.ts';
import { smallPackage, smallPackageCount } from '../packages/seeded.ts';
import { type Bench, goal, number, type Scenario } from '../scenario.ts';
import { startSeeded } from '../servers/seeded.ts';
import { listingRead } from '../servers/server.ts';
import { interleaved, median, quantile } from '../statistics.ts';
import { measureControlPlane, type SeededServer } from './control-plane.ts';

const few = 1_000;
const many = 1_000_000;
/** As many as there are besides the large one with few versions. */
const fewestPackages = smallPackageCount(few);

/** Whether anything takes longer when the repository has a million versions in it. */
export const million: Scenario = {
  name: 'million',
  isLong: true,
  async run(bench) {
    const sizes = bench.isQuick ? [few, many / 10] : [few, many];
    const seeded: SeededServer[] = [];
    try {
      for (const versions of sizes) {
        bench.say(`putting ${versions.toLocaleString('en')} versions into a repository`);
        seeded.push({ versions, server: await startSeeded(bench, versions) });
      }
      const [small, large] = seeded;
      if (small === undefined || large === undefined) throw new Error('A server is missing.');
      const control = await measureControlPlane(bench, small, large);
      const works = [
        await compare(small, large, 'packument, not rendered before', 1, (on) => readOnce(bench, on)),
        await compare(small, large, 'packument, rendered before', bench.rounds, (on) => readAgain(bench, on)),
        await compare(small, large, 'publish of a new package', bench.rounds, (on, round) => publish(bench, on, round)),
        await compare(small, large, 'publish of a new version', bench.rounds, (on, round) => add(bench, on, round)),
      ];
      const sizesText = `${small.versions.toLocaleString('en')} and ${large.versions.toLocaleString('en')} versions`;
      return {
        goals: [
          ...control.goals,
          ...works.map(({ name, ratio }) =>
            goal(`${name}, median`, 'at most', 1.3, ratio, ` × at ${few.toLocaleString('en')}`),
          ),
        ],
        tables: [
          ...control.tables,
          {
            title: `npm, ${sizesText}`,
            about: 'Latencies in ms; 4 connections for reads, 16 for publishes.',
            columns: ['Work', 'median, few', 'p99, few', 'median, many', 'p99, many', 'ratio of medians'],
            rows: works.map(({ name, figures, ratio }) => [name, ...figures.map(number), `${number(ratio)} ×`]),
          },
        ],
      };
    } finally {
      await Promise.all(seeded.map(({ server }) => server.stop()));
    }
  },
};

interface Comparison {
  readonly name: string;
  /** Median and 99th percentile with few versions, then with many. */
  readonly figures: readonly number[];
  readonly ratio: number;
}

async function compare(
  small: SeededServer,
  large: SeededServer,
  name: string,
  rounds: number,
  latencies: (on: SeededServer, round: number) => Promise<readonly number[]>,
): Promise<Comparison> {
  const results = await interleaved(
    rounds,
    new Map([
      ['few', (round: number) => latencies(small, round)],
      ['many', (round: number) => latencies(large, round)],
    ]),
  );
  const figures = [...results.values()].flatMap((each) => [median(each.flat()), quantile(each.flat(), 0.99)]);
  const [fewMedian = Number.NaN, , manyMedian = Number.NaN] = figures;
  return { name, figures, ratio: manyMedian / fewMedian };
}

/** The packuments of all small packages, or of two thousand of them. */
function packuments({ server, versions }: SeededServer): ReadRequest[] {
  const random = new Random('packuments');
  const count = smallPackageCount(versions);
  const numbers = new Set(Array.from({ length: count }, (_, number) => number).slice(0, fewestPackages));
  while (numbers.size < Math.min(count, 2_000)) numbers.add(random.integer(0, count - 1));
  return [...numbers].map((number) => {
    const read = listingRead(smallPackage(number), 'abbreviated');
    return { path: server.pathOf(read), headers: { ...server.headers, ...read.headers }, label: 'packument' };
  });
}

async function readOnce({ generator }: Bench, on: SeededServer): Promise<readonly number[]> {
  const work = { kind: 'reads', requests: packuments(on) } as const;
  const { latenciesMs } = await generator.run({ port: on.server.port, connections: 4, work }, on.server);
  return latenciesMs['packument'] ?? [];
}

async function readAgain({ generator, seconds }: Bench, on: SeededServer): Promise<readonly number[]> {
  const work = { kind: 'reads', seconds, requests: packuments(on) } as const;
  const { latenciesMs } = await generator.run({ port: on.server.port, connections: 4, work }, on.server);
  return latenciesMs['packument'] ?? [];
}

function publish(bench: Bench, on: SeededServer, round: number): Promise<readonly number[]> {
  return publishAll(bench, on, 300, (position) => ({ name: `private-${round}-${position}`, version: '1.0.0' }));
}

function add(bench: Bench, on: SeededServer, round: number): Promise<readonly number[]> {
  return publishAll(bench, on, 300, (position) => {
    const patch = Math.floor(position / fewestPackages);
    return { name: smallPackage(position % fewestPackages), version: `2.${round}.${patch}` };
  });
}

async function publishAll(
  { generator }: Bench,
  { server }: SeededServer,
  count: number,
  publication: (position: number) => { name: string; version: string },
): Promise<readonly number[]> {
  const { endpoint, headers, port } = server;
  const publications = Array.from({ length: count }, (_, position) => publication(position));
  const work = { kind: 'publications', endpoint, headers, publications } as const;
  const { latenciesMs } = await generator.run({ port, connections: 16, work }, server);
  return latenciesMs['publish'] ?? [];
}
