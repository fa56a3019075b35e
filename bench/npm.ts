import { accessSync, constants, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { removeFolder, startNode, temporaryFolder } from './child.ts';

export interface NpmRegistry {
  /** Ends in `/`. */
  readonly url: string;
  readonly token?: string | undefined;
}

/** The npm that this was started with, else the one on the path: its JavaScript file. */
export function npmProgram(): string {
  const given = process.env['npm_execpath'];
  if (given?.endsWith('npm-cli.js')) return given;
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .find(isExecutable);
  if (found === undefined) throw new Error('npm is not installed.');
  return realpathSync(found);
}

/**
 * Runs `npm install` in a project without a lock file, as a user with an empty home folder and an empty cache. All its
 * files are in memory where the machine has a place for that: npm writes thousands, and the disk is not what is
 * measured.
 *
 * @returns the milliseconds that npm took
 */
export async function npmInstall(
  dependencies: Readonly<Record<string, string>>,
  registry: NpmRegistry,
): Promise<number> {
  const machine = temporaryFolder('npm', 'in memory');
  const project = join(machine, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0', dependencies }));
  writeFileSync(join(project, '.npmrc'), settings(machine, registry));
  const startedAt = performance.now();
  const npm = startNode([npmProgram(), 'install', '--ignore-scripts'], {
    cwd: project,
    // The machine's own settings are not the user's.
    env: { HOME: machine, npm_config_globalconfig: join(machine, 'none') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  npm.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const end = await npm.ended;
  const ms = performance.now() - startedAt;
  if (end !== 0) throw new Error(`npm install from ${registry.url} ended with ${end}: ${said.slice(0, 1_000)}`);
  removeFolder(machine);
  return ms;
}

function settings(machine: string, { url, token }: NpmRegistry): string {
  const lines = [
    `registry=${url}`,
    ...(token === undefined ? [] : [`${url.replace(/^https?:/, '')}:_authToken=${token}`]),
    `cache=${join(machine, 'cache')}`,
    `prefix=${join(machine, 'prefix')}`,
    'audit=false',
    'fund=false',
    'update-notifier=false',
  ];
  return `${lines.join('\n')}\n`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
