import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { verdaccioFolder } from './servers/verdaccio.ts';

const root = join(import.meta.dirname, '..');

/** Builds Packyard for production; returns the program. */
export async function buildPackyard(): Promise<string> {
  await runNpm(['run', 'build']);
  return join(root, 'dist', 'packyard.js');
}

/** Installs what Packyard is compared with, unless it is there. */
export async function installCompetitors(): Promise<void> {
  if (existsSync(verdaccioFolder)) return;
  await runNpm(['ci', '--no-audit', '--no-fund', '--prefix', import.meta.dirname]);
}

async function runNpm(args: readonly string[]): Promise<void> {
  // With the user's settings: they may be what leads to a registry.
  const npm = startChild('npm', args, { cwd: root, env: process.env, stdio: ['ignore', 'ignore', 'inherit'] });
  const end = await npm.ended;
  if (end !== 0) throw new Error(`npm ${args.join(' ')} ended with ${end}.`);
}
