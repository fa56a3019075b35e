import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Far longer than any start takes. */
const startLimitMs = 60_000;

const sources = fileURLToPath(new URL('../../src/cli/packyard.ts', import.meta.url));

export interface ProcessOptions {
  /** More environment variables. Those of the test run that would change ours are not passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program, when it is not the one in the sources. */
  readonly program?: string;
}

/** How a process ended, with all it has written. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds it lived. */
  readonly ms: number;
}

/** A line that a server logs; what else it has depends on what it is about. */
export interface LogLine {
  /** 50 and above are faults of ours. */
  readonly level: number;
  readonly pid: number;
  readonly msg: string;
}

/** What a server says when it serves. */
export interface ServingLine extends LogLine {
  readonly url: string;
  readonly dataFolder: string;
  readonly version: string;
}

/** Packyard as a process of its own, as a user starts it. */
export interface PackyardProcess {
  readonly pid: number;
  readonly url: string;
  readonly servingLine: ServingLine;
  /** Milliseconds from the start to the first healthy answer. */
  readonly startUpMs: number;
  readonly exited: Promise<Ended>;
  /** Everything it has logged so far, line by line. */
  log(): LogLine[];
  /** The processes that it serves with, when they are several. */
  workers(): Promise<number[]>;
  /** Sends a signal; the end is waited for with `exited`. */
  kill(signal: NodeJS.Signals): void;
  /** Ends what still runs, the hard way when it takes long. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Runs `packyard ARGS` until it ends by itself; when it has not after `killAfterMs`, it is killed. */
export async function runProcess(
  args: readonly string[],
  { killAfterMs = 10_000, ...options }: ProcessOptions & { readonly killAfterMs?: number } = {},
): Promise<Ended> {
  const { child, exited } = spawnPackyard(args, options);
  const overdue = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const ended = await exited;
  clearTimeout(overdue);
  return ended;
}

/**
 * Starts `packyard ARGS` on a free port; resolves at its first healthy answer, rejects when it ends before. One that does
 * not serve in time is killed.
 */
export async function startProcess(args: readonly string[], options: ProcessOptions = {}): Promise<PackyardProcess> {
  const startedAt = performance.now();
  const { child, output, exited } = spawnPackyard(args.includes('--port') ? args : [...args, '--port', '0'], options);
  const starting = new AbortController();
  const overdue = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
  const gone = exited.then(({ code, signal, stdout, stderr }) => {
    throw new Error(`packyard ${args.join(' ')} ended with ${code ?? signal} before it served: ${stdout}${stderr}`);
  });
  gone.catch(() => {
    clearTimeout(overdue);
    starting.abort();
  });
  const servingLine = await Promise.race([sayingWhereItServes(child), gone]);
  await Promise.race([untilHealthy(servingLine.url, starting.signal), gone]);
  clearTimeout(overdue);
  const startUpMs = performance.now() - startedAt;
  return {
    pid: child.pid ?? 0,
    url: servingLine.url,
    servingLine,
    startUpMs,
    exited,
    log: () => linesOf(output.stdout),
    workers: () => childrenOf(child.pid ?? 0),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await exited;
      clearTimeout(overdue);
    },
  };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'packyard-process-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function spawnPackyard(
  args: readonly string[],
  { env = {}, program = sources }: ProcessOptions,
): { child: ChildProcess; output: Pick<Ended, 'stdout' | 'stderr'>; exited: Promise<Ended> } {
  const startedAt = performance.now();
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PACKYARD_|NODE_|VITEST)/.test(name));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithTest = () => child.kill('SIGKILL');
  process.once('exit', killWithTest);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const exited = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    // Not at its exit: what it wrote last is still in the pipes then.
    child.once('close', (code, signal) => {
      process.removeListener('exit', killWithTest);
      resolve({ code, signal, ...output, ms: performance.now() - startedAt });
    });
  });
  return { child, output, exited };
}

/** The line that names the address. It need not be the first: a start may have something to warn of. */
function sayingWhereItServes(child: ChildProcess): Promise<ServingLine> {
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: string) => {
      text += chunk;
      try {
        const line = linesOf(text).find((each): each is ServingLine => 'url' in each && 'dataFolder' in each);
        if (line === undefined) return;
        resolve(line);
      } catch (error) {
        reject(error);
      }
      child.stdout?.removeListener('data', read);
    };
    child.stdout?.on('data', read);
  });
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

/** The last line may still be on its way. */
function linesOf(stdout: string): LogLine[] {
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogLine);
}

async function untilHealthy(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isHealthy(url, signal))) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function isHealthy(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_packyard/health`, { signal });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
