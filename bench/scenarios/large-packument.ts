import { goal, type Scenario } from '../scenario.ts';
import { listingRead } from '../servers/server.ts';
import { fixtures } from '../upstream/fixtures.ts';
import { measureReads, ratio, readTable } from './reads.ts';

export const largePackument: Scenario = {
  name: 'packument8m',
  async run(bench) {
    const full = listingRead(fixtures.largePackument, 'full');
    const abbreviated = listingRead(fixtures.largePackument, 'abbreviated');
    const results = await measureReads(bench, [full, abbreviated], 4);
    const about = (representation: string) =>
      `The ${representation} packument of a package with 3,700 versions, compressed; 4 connections.`;
    const speed = (read: typeof full) => ratio(results, read, 'bare Node, memory', 'requestsPerSecond');
    const peak = results.peakMemoryMb.get('Packyard') ?? Number.NaN;
    return {
      goals: [
        goal('8 MB packument, full, requests/s', 'at least', 0.8, speed(full), ' × bare Node from memory'),
        goal(
          '8 MB packument, abbreviated, requests/s',
          'at least',
          0.8,
          speed(abbreviated),
          ' × bare Node from memory',
        ),
        goal('8 MB packument, peak memory, the first request included', 'at most', 250, peak, ' MB'),
      ],
      tables: [
        readTable(results, full, '8 MB packument, full', about('full')),
        readTable(results, abbreviated, '8 MB packument, abbreviated', about('abbreviated')),
      ],
    };
  },
};
