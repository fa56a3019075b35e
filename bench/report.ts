import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';
import { type Goal, type Outcome, percent, type Table } from './scenario.ts';
import { median } from './statistics.ts';

/** With less of the machine, other processes do not matter: the kernel's own threads have a few percent. */
const quietShare = 0.1;

/** The goals and what came of them, as a Markdown table. */
export function goalsTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ work, goal, measured, isReached }) => [work, goal, measured, isReached ? 'yes' : '**no**']);
  return markdownTable(['Work', 'Goal', 'Measured', 'Reached'], rows);
}

/** A table with its title and what it is about, as Markdown. */
export function section({ title, about, columns, rows }: Table): string {
  return `### ${title}\n\n${about}\n\n${markdownTable(columns, rows)}`;
}

/**
 * Writes the report of a whole run to `results.md`, and of scenarios that only run when asked for to files of their
 * own; a part of a whole run is not kept. What a whole run's goals meet with is told by hand, in `limits.md`. Returns the
 * files' names.
 */
export function writeResults(outcomes: readonly Outcome[], isWhole: boolean): string[] {
  const machine = describeMachine();
  if (isWhole) return [write('results.md', outcomes, machine, true)];
  return outcomes
    .filter(({ scenario }) => scenario.isLong === true)
    .map((outcome) => write(`results-${outcome.scenario.name}.md`, [outcome], machine, false));
}

function write(name: string, outcomes: readonly Outcome[], machine: readonly string[], isWhole: boolean): string {
  const today = new Date().toISOString().slice(0, 10);
  const parts = [
    '# Benchmark results',
    `Of one run on ${today}, written by \`npm run bench\`; [README.md](README.md) says what was measured and how.`,
    [...machine, sayOthers(outcomes)].map((line) => `- ${line}`).join('\n'),
    '## Goals',
    goalsTable(outcomes.flatMap(({ findings }) => findings.goals)),
    ...(isWhole ? [readFileSync(join(import.meta.dirname, 'limits.md'), 'utf8').trimEnd()] : []),
    '## Numbers',
    ...outcomes.flatMap(({ findings }) => findings.tables.map(section)),
  ];
  writeFileSync(join(import.meta.dirname, name), `${parts.join('\n\n')}\n`);
  return `bench/${name}`;
}

/** How quiet the machine was, and which numbers say little because it was not. */
function sayOthers(outcomes: readonly Outcome[]): string {
  const share = median(outcomes.map(({ othersShare }) => othersShare));
  const disturbed = outcomes.filter(({ othersShare }) => othersShare > quietShare);
  const names = disturbed.map(({ scenario, othersShare }) => `${scenario.name} (${percent(othersShare)})`);
  const warning = names.length === 0 ? '' : `; **the machine was not quiet during ${names.join(', ')}**`;
  return `other processes had ${percent(share)} of the machine (median of the scenarios)${warning}`;
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
