import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { arch, platform } from 'node:process';
import { describe } from 'vitest';

export type ClientName =
  | 'npm 11'
  | 'npm 8'
  | 'pnpm'
  | 'yarn 1'
  | 'yarn 4'
  | 'bun'
  | 'aws'
  | 'mvn'
  | 'gradle'
  | 'lein'
  | 'java'
  | 'curl'
  | PythonClientName;

type PythonClientName = 'python' | 'pip 26' | 'pip 20' | 'twine' | 'uv' | 'poetry' | 'pdm' | 'hatch';

/** A program that the tests run as a user would. */
export interface Client {
  readonly name: ClientName;
  /** The word it is called by. */
  readonly command: string;
  /** The path of what is executed; it need not be there when the client is not installed. */
  readonly program: string;
  readonly isInstalled: boolean;
}

const toolboxFolder = join(import.meta.dirname, '..', 'clients', 'toolbox');
const toolbox = join(toolboxFolder, 'node_modules');
const bunPlatform = `${platform}-${arch === 'arm64' ? 'aarch64' : arch}`;

const places: Readonly<Record<ClientName, { readonly command: string; readonly programs: readonly string[] }>> = {
  'npm 11': { command: 'npm', programs: [join(toolbox, 'npm-11', 'bin', 'npm-cli.js')] },
  'npm 8': { command: 'npm', programs: [join(toolbox, 'npm-8', 'bin', 'npm-cli.js')] },
  pnpm: { command: 'pnpm', programs: [join(toolbox, '@pnpm', `exe.${platform}-${arch}`, 'pnpm')] },
  'yarn 1': { command: 'yarn', programs: [join(toolbox, 'yarn-1', 'bin', 'yarn.js')] },
  'yarn 4': { command: 'yarn', programs: [join(toolbox, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js')] },
  bun: { command: 'bun', programs: [join(toolbox, '@oven', `bun-${bunPlatform}`, 'bin', 'bun')] },
  aws: { command: 'aws', programs: onPath('aws') },
  mvn: { command: 'mvn', programs: onPath('mvn') },
  gradle: { command: 'gradle', programs: onPath('gradle') },
  lein: { command: 'lein', programs: onPath('lein') },
  java: { command: 'java', programs: onPath('java') },
  curl: { command: 'curl', programs: onPath('curl') },
  python: inPython('.venv', 'python', 'python3'),
  'pip 26': inPython('.venv', 'pip'),
  'pip 20': inPython('.venv-pip-20', 'pip'),
  twine: inPython('.venv', 'twine'),
  uv: inPython('.venv', 'uv'),
  poetry: inPython('.venv', 'poetry'),
  pdm: inPython('.venv', 'pdm'),
  hatch: inPython('.venv', 'hatch'),
};

const pythonRemedy = 'bash test/clients/toolbox/install-python.sh';

/** What CI has to install, by the client that is missing; npm's toolbox has the others. */
const remedies: Readonly<Partial<Record<ClientName, string>>> = {
  aws: 'pip install awscli',
  mvn: 'apt-get install maven',
  gradle: 'apt-get install gradle',
  lein: 'apt-get install leiningen',
  java: 'apt-get install default-jdk-headless',
  curl: 'apt-get install curl',
  python: pythonRemedy,
  'pip 26': pythonRemedy,
  'pip 20': pythonRemedy,
  twine: pythonRemedy,
  uv: pythonRemedy,
  poetry: pythonRemedy,
  pdm: pythonRemedy,
  hatch: pythonRemedy,
};

function onPath(command: string): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, command));
}

/** A program in an environment that `install-python.sh` of the toolbox makes. */
function inPython(environment: string, program: string, command = program) {
  return { command, programs: [join(toolboxFolder, environment, 'bin', program)] };
}

/** The client of this name, installed or not. Throws for a missing one in CI: nothing may be skipped there. */
function findClient(name: ClientName): Client {
  const { command, programs } = places[name];
  const program = programs.find(isExecutable);
  if (program === undefined && process.env['CI']) {
    throw new Error(`CI needs ${name}: ${remedies[name] ?? 'npm ci --prefix test/clients/toolbox'}`);
  }
  return { name, command, program: program ?? command, isInstalled: program !== undefined };
}

/** Stories that need these clients, in the order given; shown as skipped, with what is missing, where one is. */
export function describeClients(
  subject: string,
  names: readonly ClientName[],
  stories: (...clients: Client[]) => void,
): void {
  const clients = names.map(findClient);
  const missing = clients.filter(({ isInstalled }) => !isInstalled).map(({ name }) => name);
  const title = missing.length === 0 ? subject : `${subject} (not installed: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(title, { timeout: 120_000 }, () => stories(...clients));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
