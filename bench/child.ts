import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const stopPatienceMs = 10_000;
const running = new Set<ChildProcess>();
const folders = new Set<string>();

/** A process of the benchmark. It never outlives the benchmark's own. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Resolves when it has ended, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** Asks it to end, and insists when it takes too long. */
  stop(): Promise<void>;
}

/** Starts a program without the settings of the environment that would change what it does. */
export function startChild(program: string, args: readonly string[], options: SpawnOptions = {}): Child {
  // Its own process group: what it started ends with it.
  const child = spawn(program, args, { ...options, detached: true, env: { ...plainEnvironment(), ...options.env } });
  running.add(child);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  }).finally(() => running.delete(child));
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    process: child,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const overdue = setTimeout(() => killGroup(child), stopPatienceMs);
      await ended;
      clearTimeout(overdue);
    },
  };
}

/** Runs a Node program of ours with the Node that runs this. */
export function startNode(args: readonly string[], options: SpawnOptions = {}): Child {
  return startChild(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], options);
}

/** Linux has a file system there that is kept in memory. */
const memoryFolder = '/dev/shm';

/** A folder that is removed when the benchmark ends, however it ends; in memory where the machine offers that. */
export function temporaryFolder(name: string, place: 'on disk' | 'in memory' = 'on disk'): string {
  const parent = place === 'in memory' && existsSync(memoryFolder) ? memoryFolder : tmpdir();
  const folder = mkdtempSync(join(parent, `packyard-bench-${name}-`));
  folders.add(folder);
  return folder;
}

/** Removes a temporary folder before the end. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PACKYARD_|NODE_|npm_|VERDACCIO_)/i.test(name));
  return Object.fromEntries(inherited);
}

process.once('exit', () => {
  for (const child of running) killGroup(child);
  for (const folder of folders) removeFolder(folder);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
