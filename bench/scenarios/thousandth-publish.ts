import { join } from 'node:path';
import { goal, number, type Scenario } from '../scenario.ts';
import { startPackyard } from '../servers/packyard.ts';
import { interleaved, median } from '../statistics.ts';

/** Publishes of one package in a row, of which the last is what counts. */
const inARow = 10;
const rounds = 20;

/** Whether the price of a publish grows with the versions that the package has. */
export const thousandthPublish: Scenario = {
  name: 'publish1000',
  async run({ folder, upstream, program, profiles, generator, say }) {
    const data = join(folder, 'packyard');
    const server = await startPackyard({ program, data, registry: upstream.url, profiles }, 'private');
    const publish = async (name: string, from: number, count: number): Promise<number> => {
      const publications = Array.from({ length: count }, (_, position) => ({
        name,
        version: `1.0.${from + position}`,
      }));
      const work = { kind: 'publications', endpoint: server.endpoint, headers: server.headers, publications } as const;
      const { latenciesMs } = await generator.run({ port: server.port, connections: 1, work }, server);
      return latenciesMs['publish']?.at(-1) ?? Number.NaN;
    };
    try {
      const before = 1_000 - (rounds * inARow) / 2;
      await publish('private-old', 1, before);
      say(`one package has ${before} versions`);
      const results = await interleaved(
        rounds,
        new Map([
          ['about the 1,000th', (round: number) => publish('private-old', before + 1 + round * inARow, inARow)],
          ['the 10th', (round: number) => publish(`private-new-${round}`, 1, inARow)],
        ]),
      );
      const medians = new Map([...results].map(([name, latencies]) => [name, median(latencies)]));
      const ratio = (medians.get('about the 1,000th') ?? Number.NaN) / (medians.get('the 10th') ?? Number.NaN);
      return {
        goals: [goal('1,000th publish of one package', 'at most', 1.3, ratio, ' × the 10th')],
        tables: [
          {
            title: 'The 1,000th publish of one package',
            about: `Ten publishes in a row on one connection, of which the last is taken; medians of ${rounds} such, in turn.`,
            columns: ['Publish', 'median ms'],
            rows: [...medians].map(([name, ms]) => [name, number(ms)]),
          },
        ],
      };
    } finally {
      await server.stop();
    }
  },
};
