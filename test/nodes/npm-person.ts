import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from '../support/client-machine.ts';
import { writeNpmrc } from '../support/client-managers.ts';
import type { Client } from '../support/clients.ts';
import type { Load } from '../support/load/work.ts';
import { distOf, tarballOf } from '../support/packages.ts';

export interface NpmPersonOptions {
  readonly npm: Client;
  /** The same repository through each node. */
  readonly endpoints: readonly string[];
  readonly token: string;
  /** Whether a command that began at this time (by `performance.now`) and failed just now may do so. */
  mayFail(startedAt: number): boolean;
}

/** How often it has to go well, so that it proves something. */
const enough = 3;

/**
 * Someone with the real npm: publishes the next version of a package through some node, then installs it with a public
 * one through another. Ends when `isOver` and it went well often enough, or when something surprised anyone.
 */
export async function tinker(load: Load, options: NpmPersonOptions, isOver: () => boolean): Promise<void> {
  const { npm, endpoints, token } = options;
  const [endpoint = '', ...others] = endpoints;
  using laptop = new Machine(npm);
  const tokens = others.map((other) => `${other.replace(/^https?:/, '')}:_authToken=${token}`);
  writeNpmrc(laptop, { endpoint, token }, [...tokens, 'fetch-retry-mintimeout=100', 'fetch-retry-maxtimeout=1000']);

  const run = async (args: readonly string[], cwd: string): Promise<boolean> => {
    const startedAt = performance.now();
    const outcome = await laptop.run(npm, [...args, `--registry=${load.chance.pick(endpoints)}`], { cwd });
    if (outcome.code !== 0 && !options.mayFail(startedAt))
      load.surprises.push(`npm ${args[0]} failed: ${outcome.stdout}${outcome.stderr}`);
    return outcome.code === 0;
  };

  let succeeded = 0;
  const mayEnd = () => isOver() && (succeeded >= enough || load.surprises.length > 0);
  for (let round = 0; !mayEnd(); round += 1) {
    const version = `1.0.${round}`;
    const sketch = { name: '@team/tinkered', version, files: { 'index.js': `module.exports = '${version}';\n` } };
    const folder = laptop.folder(`round-${round}`);
    const tarball = await tarballOf(sketch);
    writeFileSync(join(folder, 'tinkered.tgz'), tarball);
    const published = load.published.attempt(`${sketch.name}@${version}`, distOf(tarball).integrity);
    if (!(await run(['publish', 'tinkered.tgz'], folder))) continue;
    published();

    const remote = load.chance.pick(load.remote);
    const retained = load.retained.attempt(`${remote.name}@${remote.version}`, remote.integrity);
    const wanted = [`${sketch.name}@${version}`, `${remote.name}@${remote.version}`];
    const app = laptop.project(`app-${round}`, { 'package.json': { name: 'app', version: '1.0.0' } });
    if (!(await run(['install', ...wanted], app))) continue;
    retained();
    const installed = readFileSync(join(app, 'node_modules', sketch.name, 'index.js'), 'utf8');
    if (installed === sketch.files['index.js']) succeeded += 1;
    else load.surprises.push(`npm installed something else as ${wanted[0]}: ${installed}`);
  }
}
