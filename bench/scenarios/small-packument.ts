import { goal, type Scenario } from '../scenario.ts';
import { listingRead } from '../servers/server.ts';
import { fixtures } from '../upstream/fixtures.ts';
import { measureReads, ratio, readTable } from './reads.ts';

const work = 'small packument (5 KB), server CPU per request';

export const smallPackument: Scenario = {
  name: 'packument5k',
  async run(bench) {
    const read = listingRead(fixtures.smallPackument, 'abbreviated');
    const results = await measureReads(bench, [read], 16);
    const about = 'The abbreviated packument of a package with six versions, compressed; 16 connections.';
    return {
      goals: [
        goal(
          work,
          'at most',
          3,
          ratio(results, read, 'bare Node, memory', 'cpuMsPerRequest'),
          ' × bare Node from memory',
        ),
      ],
      tables: [readTable(results, read, 'Small packument', about)],
    };
  },
};
