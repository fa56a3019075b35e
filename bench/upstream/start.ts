import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startNode } from '../child.ts';

/** The synthetic public registry's process, from outside. */
export interface Upstream {
  readonly pid: number;
  /** Ends in `/`. */
  readonly url: string;
  /** What a project with the tree of 500 packages asks for. */
  readonly rootDependencies: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts the upstream; resolves when everything in it is rendered. */
export function startUpstream(): Promise<Upstream> {
  return start('main.ts');
}

/** Starts an upstream that has one package, version 1.0.0, with a tarball of so many bytes. */
export function startHugeUpstream(name: string, bytes: number): Promise<Upstream> {
  return start('huge-main.ts', name, String(bytes));
}

async function start(program: string, ...args: readonly string[]): Promise<Upstream> {
  const child = startNode([join(import.meta.dirname, program), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid, process: running, ended } = child;
  if (running.stdout === null) throw new Error('The upstream says nothing.');
  const lines = createInterface(running.stdout);
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  const gone = ended.then((end) => {
    throw new Error(`The upstream ended with ${end} before it served.`);
  });
  const { url, rootDependencies } = JSON.parse(await Promise.race([first, gone])) as Pick<
    Upstream,
    'url' | 'rootDependencies'
  >;
  return { pid, url, rootDependencies, stop: () => child.stop() };
}
