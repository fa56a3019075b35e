import type { Generator } from './load/generator.ts';
import type { Upstream } from './upstream/start.ts';

/** What a scenario works with. */
export interface Bench {
  readonly generator: Generator;
  readonly upstream: Upstream;
  /** Packyard's built program. */
  readonly program: string;
  /** Where CPU profiles of Packyard are written, when they are wanted. */
  readonly profiles: string | undefined;
  /** How often each contender is measured. */
  readonly rounds: number;
  /** How long one measurement of requests takes. */
  readonly seconds: number;
  readonly isQuick: boolean;
  /** A folder of this scenario's own; it is removed afterwards. */
  readonly folder: string;
  /** Tells the person at the terminal what is going on. */
  say(line: string): void;
}

/** One row of the benchmark, or a few that are measured together. */
export interface Scenario {
  /** What `--only` calls it. */
  readonly name: string;
  /** It takes so long that it only runs when it is asked for. */
  readonly isLong?: boolean;
  run(bench: Bench): Promise<Findings>;
}

/** What came of a scenario, and how far the machine was its own. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly findings: Findings;
  /** Share of the processors that other processes had meanwhile. */
  readonly othersShare: number;
}

export interface Findings {
  readonly goals: readonly Goal[];
  readonly tables: readonly Table[];
}

/** A goal and what came of it. */
export interface Goal {
  readonly work: string;
  readonly goal: string;
  readonly measured: string;
  readonly isReached: boolean;
}

export interface Table {
  readonly title: string;
  /** What was done, in a sentence or two. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A goal that is a bound for a number. */
export function goal(
  work: string,
  relation: 'at least' | 'at most',
  bound: number,
  measured: number,
  unit: string,
): Goal {
  const isReached = relation === 'at least' ? measured >= bound : measured <= bound;
  const sign = relation === 'at least' ? '≥' : '≤';
  return { work, goal: `${sign} ${bound}${unit}`, measured: `${number(measured)}${unit}`, isReached };
}

/** A number with as many digits as mean something. */
export function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
