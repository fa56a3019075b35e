import { resolve } from 'node:path';
import { removeFolder, temporaryFolder } from './child.ts';
import { Generator } from './load/generator.ts';
import { watchOthers } from './measure.ts';
import { type Options, readOptions } from './options.ts';
import { buildPackyard, installCompetitors } from './prepare.ts';
import { goalsTable, section, writeResults } from './report.ts';
import { type Outcome, percent, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { startUpstream } from './upstream/start.ts';

/** `npm run bench`: see README.md. */
try {
  const options = readOptions(process.argv.slice(2));
  const outcomes = await run(options, chosen(options));
  console.log(`\n${goalsTable(outcomes.flatMap(({ findings }) => findings.goals))}`);
  const files = options.isQuick ? [] : writeResults(outcomes, options.only === undefined);
  console.log(files.length === 0 ? '\nA part of a run is not kept.' : `\nWritten to ${files.join(', ')}.`);
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
// What still runs is ended there.
process.exit();

function chosen({ only }: Options): readonly Scenario[] {
  if (only === undefined) return scenarios.filter(({ isLong }) => isLong !== true);
  const unknown = only.find((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown === undefined) return scenarios.filter(({ name }) => only.includes(name));
  throw new Error(`there is no scenario '${unknown}'; there are ${scenarios.map(({ name }) => name).join(', ')}`);
}

async function run({ isQuick, profiles, ...options }: Options, chosen: readonly Scenario[]): Promise<Outcome[]> {
  await installCompetitors();
  const program = options.program === undefined ? await buildPackyard() : resolve(options.program);
  const startedAt = performance.now();
  const say = (line: string) =>
    console.log(`${String(Math.round((performance.now() - startedAt) / 1000)).padStart(4)} s  ${line}`);
  const shared = {
    generator: Generator.start(),
    upstream: await startUpstream(),
    program,
    profiles: profiles && resolve(profiles),
    isQuick,
    rounds: isQuick ? 2 : 5,
    seconds: isQuick ? 0.5 : 1,
    say,
  };
  const outcomes: Outcome[] = [];
  for (const scenario of chosen) {
    say(scenario.name);
    const folder = temporaryFolder(scenario.name);
    const othersShare = watchOthers();
    const findings = await scenario.run({ ...shared, folder });
    const outcome = { scenario, findings, othersShare: othersShare() };
    for (const table of findings.tables) console.log(`\n${section(table)}\n`);
    say(`${scenario.name}: other processes had ${percent(outcome.othersShare)} of the machine`);
    outcomes.push(outcome);
    removeFolder(folder);
  }
  return outcomes;
}
