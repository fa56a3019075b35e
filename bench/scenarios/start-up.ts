import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../call.ts';
import type { Child } from '../child.ts';
import { residentMemoryMb } from '../measure.ts';
import { type Findings, goal, number, type Scenario } from '../scenario.ts';
import { launchPackyard } from '../servers/packyard.ts';
import { launchVerdaccio } from '../servers/verdaccio.ts';
import { interleaved, median } from '../statistics.ts';

/** How long after the first healthy answer the memory is read. */
const settlingMs = 2_000;

interface Start {
  readonly startMs: number;
  readonly idleMb: number;
}

/** From the start of the process to its first healthy answer, and the memory it then holds. */
export const startUp: Scenario = {
  name: 'start',
  async run({ folder, upstream, program, rounds }) {
    const packyard = async (data: string) =>
      launchPackyard({ program, data, registry: upstream.url }, await freePort());
    const verdaccio = async (storage: string) => launchVerdaccio(storage, upstream.url, await freePort());
    // The first start of all compiles what later ones find compiled.
    await settled(await packyard(join(folder, 'packyard')));
    await settled(await verdaccio(join(folder, 'verdaccio')));
    const starts = await interleaved(
      rounds,
      new Map([
        ['Packyard, new data folder', async (round: number) => settled(await packyard(join(folder, `new-${round}`)))],
        ['Packyard, known data folder', async () => settled(await packyard(join(folder, 'packyard')))],
        ['Verdaccio', async () => settled(await verdaccio(join(folder, 'verdaccio')))],
      ]),
    );
    return findings(starts);
  },
};

/** Waits until the process has settled, reads its memory and ends it. */
async function settled({ child, startMs }: { child: Child; startMs: number }): Promise<Start> {
  try {
    await setTimeout(settlingMs);
    return { startMs, idleMb: residentMemoryMb(child.pid) };
  } finally {
    await child.stop();
  }
}

function findings(starts: ReadonlyMap<string, readonly Start[]>): Findings {
  const medians = [...starts].map(([name, each]) => ({
    name,
    startMs: median(each.map(({ startMs }) => startMs)),
    idleMb: median(each.map(({ idleMb }) => idleMb)),
  }));
  const ours = medians.filter(({ name }) => name.startsWith('Packyard'));
  return {
    goals: [
      ...ours.map(({ name, startMs }) =>
        goal(`start to the first healthy answer (${name.replace('Packyard, ', '')})`, 'at most', 250, startMs, ' ms'),
      ),
      goal('idle memory', 'at most', 90, Math.max(...ours.map(({ idleMb }) => idleMb)), ' MB'),
    ],
    tables: [
      {
        title: 'Start and idle memory',
        about: `Health is asked for every 2 ms; memory is what is resident ${settlingMs / 1000} s after the first answer.`,
        columns: ['Server', 'start ms', 'idle memory MB'],
        rows: medians.map(({ name, startMs, idleMb }) => [name, number(startMs), number(idleMb)]),
      },
    ],
  };
}
