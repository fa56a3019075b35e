import { call, freePort } from '../call.ts';
import { type Child, startNode } from '../child.ts';
import { type Launched, launch } from './launch.ts';
import { authorizationToken, createRepositories, endpointPath } from './packyard-api.ts';
import type { BenchServer } from './server.ts';

export interface PackyardOptions {
  /** The built program. */
  readonly program: string;
  /** Its data folder. */
  readonly data: string;
  /** The address of `public:npmjs`. */
  readonly registry: string;
  /** Write a CPU profile there when it ends. */
  readonly profiles?: string | undefined;
}

/**
 * Packyard as a user runs it: the production build with its default settings (open authorization with tokens, SQLite,
 * access log on), its output in a file.
 */
export async function startPackyard(options: PackyardOptions, repository = 'npm'): Promise<BenchServer> {
  const port = await freePort();
  const { child } = await launchPackyard(options, port);
  await createRepositories(port);
  return packyardServer(child, port, repository);
}

/** As `startPackyard`, over a data folder that has a domain and a repository already. */
export async function reopenPackyard(options: PackyardOptions, repository: string): Promise<BenchServer> {
  const port = await freePort();
  const { child } = await launchPackyard(options, port);
  return packyardServer(child, port, repository);
}

/** Starts the process only. */
export function launchPackyard(
  { program, data, registry, profiles }: PackyardOptions,
  port: number,
): Promise<Launched> {
  const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const flags = ['--port', String(port), '--data', data, '--registry', `public:npmjs=${registry}`];
  return launch(`${data}.log`, port, '/_packyard/health', (output) =>
    startNode([...profiling, program, 'serve', ...flags], { stdio: ['ignore', output, output] }),
  );
}

async function packyardServer(child: Child, port: number, repository: string): Promise<BenchServer> {
  const headers = { authorization: `Bearer ${await authorizationToken(port)}` };
  const endpoint = endpointPath(repository);
  const anonymous = await call(port, `${endpoint}anything`);
  if (anonymous.status !== 401) throw new Error(`Packyard answers ${anonymous.status} to who has no token.`);
  return {
    name: 'Packyard',
    pid: child.pid,
    port,
    headers,
    endpoint,
    pathOf: ({ path }) => endpoint + path,
    stop: () => child.stop(),
  };
}
