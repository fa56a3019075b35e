import { join } from 'node:path';
import { freePort } from '../call.ts';
import { startNode } from '../child.ts';
import { launch } from './launch.ts';
import type { BenchServer } from './server.ts';

const program = join(import.meta.dirname, 'bare-main.ts');

/** `node:http` and nothing else, over the files of a folder: the least that a server in Node can do. */
export async function startBare(keeps: 'memory' | 'disk', files: string): Promise<BenchServer> {
  const port = await freePort();
  const { child } = await launch(`${files}-${keeps}.log`, port, '/health', (output) =>
    startNode([program, keeps, files, String(port)], { stdio: ['ignore', output, output] }),
  );
  return {
    name: `bare Node, ${keeps}`,
    pid: child.pid,
    port,
    headers: {},
    endpoint: '/',
    pathOf: ({ file }) => `/${file}`,
    stop: () => child.stop(),
  };
}
