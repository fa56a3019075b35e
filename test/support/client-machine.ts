import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Client } from './clients.ts';
import { account, region } from './user.ts';

/** How a command ended, and all it said. */
export interface Outcome {
  /** The exit code; null when a signal or the time limit ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Where it runs; an empty folder of the machine otherwise. */
  readonly cwd?: string;
  /** Added to the machine's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of a minute. */
  readonly limitMs?: number;
}

const timeLimitMs = 60_000;

/**
 * The computer of someone who uses package managers: an empty home folder that nothing else shares, Node and the given
 * clients on its path, no settings of the computer that the tests run on, and no network but the loopback.
 */
export class Machine {
  readonly home: string;
  readonly #folder: string;
  readonly #programs: string;
  readonly #environment: Readonly<Record<string, string>>;

  /** @param clients are found under their usual names (`npm`, `aws` …), also by one another */
  constructor(...clients: readonly Client[]) {
    this.#folder = mkdtempSync(join(tmpdir(), 'packyard-machine-'));
    this.home = this.folder('home');
    this.#programs = this.folder('bin');
    symlinkSync(process.execPath, join(this.#programs, 'node'));
    for (const client of clients) symlinkSync(client.program, join(this.#programs, client.command));
    this.#environment = {
      HOME: this.home,
      PATH: `${this.#programs}:/usr/bin:/bin`,
      TMPDIR: this.folder('tmp'),
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      // Whoever leaves the loopback, finds a closed door.
      http_proxy: 'http://127.0.0.1:9',
      https_proxy: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      no_proxy: 'localhost,127.0.0.1',
      NO_PROXY: 'localhost,127.0.0.1',
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      AWS_PAGER: '',
    };
  }

  /** A folder of this machine, empty at first. */
  folder(name: string): string {
    const path = join(this.#folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Makes a folder with these files; a value that is not text is written as JSON. */
  project(name: string, files: Readonly<Record<string, unknown>>): string {
    const folder = this.folder(name);
    for (const [path, content] of Object.entries(files)) this.write(join(folder, path), content);
    return folder;
  }

  write(path: string, content: unknown): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Runs a client and waits for its end, whatever that is; a minute is its limit. */
  run(client: Client, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const cwd = options.cwd ?? this.folder('empty');
    const env = { ...this.#environment, ...options.env };
    return new Promise((resolve, reject) => {
      const child = spawn(join(this.#programs, client.command), args, {
        cwd,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const said = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
      // Its own process group: what it started ends with it.
      const limit = setTimeout(
        () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'),
        options.limitMs ?? timeLimitMs,
      );
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(limit);
        resolve({ code, ...said });
      });
    });
  }

  [Symbol.dispose](): void {
    // What a client left running may still write.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
