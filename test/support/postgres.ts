import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

/** A PostgreSQL server that lives as long as a test file. */
export interface TestPostgres extends AsyncDisposable {
  /** The address of a new database: an empty one, or a copy of another that nobody is connected to. */
  newDatabase(template?: string): Promise<string>;
  /**
   * Ends the server and starts it again on the same data and port: `fast` breaks all connections and shuts down in
   * order, `immediate` is a crash.
   *
   * @param downMs how long there is nothing at its address
   */
  restart(mode: 'fast' | 'immediate', downMs?: number): Promise<void>;
  /** Lets the server say nothing any more, on any connection, until `thaw`. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Who runs the server: PostgreSQL refuses root, so that root lends it the package's own user. */
type User = { uid: number; gid: number } | undefined;

/** Whether Debian's package is installed. Throws in CI when it is not: nothing may be skipped there. */
export function hasPostgres(): boolean {
  const isInstalled = findPrograms() !== undefined;
  if (!isInstalled && process.env['CI']) throw new Error('CI needs PostgreSQL: apt-get install postgresql');
  return isInstalled;
}

/** Starts a throw-away server on a free loopback port. Its files and its process are gone after `stop`. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = findPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'packyard-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  // The default order of text is made a language's on purpose: queries that forget to ask for byte order show it.
  execFileSync(
    join(programs, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=packyard',
      '--auth=trust',
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--locale-provider=icu',
      '--icu-locale=en-US',
    ],
    { ...user, cwd: folder, stdio: 'pipe' },
  );

  const place: Place = { programs, data, folder, user };
  const { port, ...started } = await startSomewhere(place);
  let { server } = started;
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  };
  const removeAtExit = () => {
    server.kill('SIGQUIT');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', removeAtExit);

  const stop = async () => {
    process.removeListener('exit', removeAtExit);
    signalAll(server, 'SIGCONT');
    // Fast shutdown: connections that a failed test left open do not hold it up.
    await end('SIGINT');
    rmSync(folder, { recursive: true, force: true });
  };

  const address = (database: string) => `postgres://packyard@127.0.0.1:${port}/${database}`;
  let databases = 0;
  return {
    async newDatabase(template) {
      const name = `test_${++databases}`;
      const client = new pg.Client({ connectionString: address('postgres') });
      await client.connect();
      const source = template === undefined ? 'template1' : new URL(template).pathname.slice(1);
      await client.query(`create database ${name} template ${source}`);
      await client.end();
      return address(name);
    },

    async restart(mode, downMs = 0) {
      await end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await setTimeout(downMs);
      server = await startAgain(place, port);
    },

    freeze: () => signalAll(server, 'SIGSTOP'),
    thaw: () => signalAll(server, 'SIGCONT'),

    stop,

    [Symbol.asyncDispose]: stop,
  };
}

/** The folder of the newest installed version's programs. */
function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return newest && join(root, newest, 'bin');
  } catch {
    return undefined;
  }
}

function serverUser(): User {
  if (process.getuid?.() !== 0) return undefined;
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** What a server is started from. */
interface Place {
  readonly programs: string;
  readonly data: string;
  readonly folder: string;
  readonly user: User;
}

const attempts = 3;

async function startSomewhere(place: Place): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { server: await startServer(place, port), port };
    } catch (error) {
      // Another program may have taken the port since it was free.
      if (attempt === attempts) throw error;
    }
  }
}

async function startAgain(place: Place, port: number): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer(place, port);
    } catch (error) {
      // A connection to somewhere else may have the port for a moment.
      if (attempt === attempts) throw error;
      await setTimeout(200);
    }
  }
}

async function startServer({ programs, data, folder, user }: Place, port: number): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // What was committed outlives the server's processes, not the machine: nothing is synced.
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '32MB',
    // Tests that provoke deadlocks do not wait for the default second.
    deadlock_timeout: '50ms',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A test process that is killed takes its server along. `setpriv` becomes the server: the process id is its own.
  const command = ['--pdeathsig', 'QUIT', join(programs, 'postgres'), '-D', data, '-p', String(port), ...options];
  const server = spawn('setpriv', command, { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  await untilReady(server);
  return server;
}

/** Signals the server and its own processes, one of which each connection has. */
function signalAll({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  for (const each of [pid, ...children]) {
    try {
      process.kill(Number(each), signal);
    } catch (error) {
      // A connection's process ends when it likes.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4096);
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
  });
}
