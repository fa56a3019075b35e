import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder } from '../child.ts';
import { cpuMs, peakMemoryMb } from '../measure.ts';
import { npmInstall } from '../npm.ts';
import { type Bench, type Findings, goal, number, type Scenario } from '../scenario.ts';
import { startPackyard } from '../servers/packyard.ts';
import type { BenchServer } from '../servers/server.ts';
import { startVerdaccio } from '../servers/verdaccio.ts';
import { interleaved, median } from '../statistics.ts';

/** One installation, in seconds; what the server did meanwhile is known where there is one. */
interface Installation {
  readonly seconds: number;
  readonly serverCpuSeconds: number;
  readonly serverPeakMb: number;
}

/** What one way to the packages takes, first when nobody has asked the server before, then once more. */
interface Visit {
  readonly cold: Installation;
  readonly warm: Installation;
}

/** `npm install` of 500 packages, through registries and directly from the upstream. */
export const install: Scenario = {
  name: 'install',
  async run(bench) {
    const { upstream, folder, isQuick } = bench;
    const direct = async (): Promise<Visit> => {
      const cold = await installFrom(bench, { url: upstream.url }, upstream.pid);
      return { cold, warm: cold };
    };
    const visits = await interleaved(
      isQuick ? 1 : 3,
      new Map([
        ['direct', direct],
        ['Packyard', (round: number) => through(bench, join(folder, `packyard-${round}`), packyardIn)],
        ['Verdaccio', (round: number) => through(bench, join(folder, `verdaccio-${round}`), verdaccioIn)],
      ]),
    );
    return findings(visits);
  },
};

type Start = (bench: Bench, folder: string) => Promise<BenchServer>;

const packyardIn: Start = ({ program, upstream, profiles }, folder) =>
  startPackyard({ program, data: join(folder, 'data'), registry: upstream.url, profiles });

const verdaccioIn: Start = ({ upstream }, folder) => startVerdaccio(folder, upstream.url);

/** Starts an empty server, installs through it twice, and stops it. */
async function through(bench: Bench, folder: string, start: Start): Promise<Visit> {
  mkdirSync(folder);
  const server = await start(bench, folder);
  try {
    const url = `http://127.0.0.1:${server.port}${server.endpoint}`;
    const token = server.headers['authorization']?.replace('Bearer ', '');
    const cold = await installFrom(bench, { url, token }, server.pid);
    const warm = await installFrom(bench, { url, token }, server.pid);
    return { cold, warm };
  } finally {
    await server.stop();
    removeFolder(folder);
  }
}

async function installFrom(
  { upstream }: Bench,
  registry: { url: string; token?: string | undefined },
  pid: number,
): Promise<Installation> {
  const cpuBefore = cpuMs(pid);
  const ms = await npmInstall(upstream.rootDependencies, registry);
  return { seconds: ms / 1000, serverCpuSeconds: (cpuMs(pid) - cpuBefore) / 1000, serverPeakMb: peakMemoryMb(pid) };
}

function findings(visits: ReadonlyMap<string, readonly Visit[]>): Findings {
  const each = (name: string, kind: keyof Visit, figure: keyof Installation) =>
    median((visits.get(name) ?? []).map((visit) => visit[kind][figure]));
  const direct = each('direct', 'cold', 'seconds');
  const cold = each('Packyard', 'cold', 'seconds') / direct;
  const warm = each('Packyard', 'warm', 'seconds') / direct;
  const row = (name: string, kind: keyof Visit) => [
    name === 'direct' ? name : `${name}, ${kind}`,
    number(each(name, kind, 'seconds')),
    `${number(each(name, kind, 'seconds') / direct)} ×`,
    (visits.get(name) ?? []).map((visit) => number(visit[kind].seconds)).join(', '),
    number(each(name, kind, 'serverCpuSeconds')),
    number(each(name, kind, 'serverPeakMb')),
  ];
  return {
    goals: [
      goal('npm install of 500 packages, cold', 'at most', 1.25, cold, ' × direct'),
      goal('npm install of 500 packages, warm', 'at most', 1.05, warm, ' × direct'),
      goal('server CPU of the cold install', 'at most', 3, each('Packyard', 'cold', 'serverCpuSeconds'), ' s'),
    ],
    tables: [
      {
        title: 'npm install',
        about:
          'A tree of 500 packages, no lock file, an empty npm cache. Cold: the server has never been asked for ' +
          'anything; warm: once before, by another npm. The server of the direct way is the upstream.',
        columns: ['Way', 'seconds', 'to direct', 'by round', 'server CPU s', 'server peak MB'],
        rows: [
          row('direct', 'cold'),
          row('Packyard', 'cold'),
          row('Packyard', 'warm'),
          row('Verdaccio', 'cold'),
          row('Verdaccio', 'warm'),
        ],
      },
    ],
  };
}
