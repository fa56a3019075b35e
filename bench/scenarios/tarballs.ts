import { goal, type Scenario } from '../scenario.ts';
import { tarballRead } from '../servers/server.ts';
import { fixtures, fixtureVersion } from '../upstream/fixtures.ts';
import { measureReads, type ReadFigures, ratio, readTable } from './reads.ts';

/** One scenario per size: a tarball read against a bare server that streams the same file from disk. */
function tarball(options: {
  readonly name: string;
  readonly size: string;
  readonly fixture: string;
  readonly connections: number;
  readonly figure: keyof ReadFigures;
  readonly unit: string;
  readonly bound: number;
}): Scenario {
  const { name, size, fixture, connections, figure, unit, bound } = options;
  return {
    name,
    async run(bench) {
      const read = tarballRead(fixture, fixtureVersion);
      const results = await measureReads(bench, [read], connections);
      const measured = ratio(results, read, 'bare Node, disk', figure);
      const about = `A tarball that the servers have had from the upstream before; ${connections} connections.`;
      return {
        goals: [goal(`tarball ${size}, ${unit}`, 'at least', bound, measured, ' × bare Node from disk')],
        tables: [readTable(results, read, `Tarball ${size}`, about)],
      };
    },
  };
}

export const tarball10k = tarball({
  name: 'tarball10k',
  size: '10 KB',
  fixture: fixtures.tarball10k,
  connections: 16,
  figure: 'requestsPerSecond',
  unit: 'requests/s',
  bound: 2,
});

const bandwidth = { figure: 'megabytesPerSecond', unit: 'MB/s', bound: 1, connections: 4 } as const;

export const tarball1m = tarball({ name: 'tarball1m', size: '1 MB', fixture: fixtures.tarball1m, ...bandwidth });

export const tarball20m = tarball({ name: 'tarball20m', size: '20 MB', fixture: fixtures.tarball20m, ...bandwidth });
