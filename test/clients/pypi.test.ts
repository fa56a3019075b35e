import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Machine, type Outcome } from '../support/client-machine.ts';
import { type Client, type ClientName, describeClients } from '../support/clients.ts';
import { type PythonFile, sdistFile, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

const succeeded = expect.objectContaining({ code: 0 });

/** `team` takes from `outer`, which takes from a public index with a package that needs another. */
async function worldWithSandwich(): Promise<PypiWorld> {
  const world = await PypiWorld.with({ outer: 'public:pypi', team: ['outer'] });
  world.publicRegistry.publish('bread', '1.2.0', [wheelFile('bread', '1.2.0'), await sdistFile('bread', '1.2.0')]);
  world.publicRegistry.publish('sandwich', '1.0', [wheelFile('sandwich', '1.0', ['Requires-Dist: bread (>=1.0,<2)'])]);
  return world;
}

/** An address with the token in it, as `aws codeartifact login --tool pip` writes it. */
function withToken(world: PypiWorld, path: string, token = world.token): string {
  return world.pypi('team').endpoint.replace('http://', `http://aws:${token}@`) + path;
}

/** What Python finds in a folder of installed packages. */
function versionsIn(machine: Machine, python: Client, folder: string, names: readonly string[]): Promise<Outcome> {
  const program = `import ${names.join(', ')}; print(${names.map((name) => `${name}.__version__`).join(', ')})`;
  return machine.run(python, ['-c', program], { env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' } });
}

/** A project whose distributions are built already. */
function project(machine: Machine, name: string, version: string, files: readonly PythonFile[], more = ''): string {
  const folder = machine.project(`project-${name}`, {
    'pyproject.toml': [
      '[project]',
      `name = "${name}"`,
      `version = "${version}"`,
      'description = "A tool"',
      'requires-python = ">=3.8"',
      'dependencies = []',
      more,
    ].join('\n'),
  });
  machine.folder(`project-${name}/dist`);
  for (const { fileName, bytes } of files) writeFileSync(join(folder, 'dist', fileName), bytes);
  return folder;
}

for (const name of ['pip 26', 'pip 20'] satisfies ClientName[]) {
  describeClients(`a client of Python packages: ${name}`, [name, 'python'], (pip, python) => {
    it('installs a public package through two repositories, and again from what is kept', async () => {
      await using world = await worldWithSandwich();
      for (const isAway of [false, true]) {
        if (isAway) await world.publicRegistry.stop();
        using laptop = new Machine(pip, python);
        const folder = laptop.folder('site');
        const args = ['install', '--index-url', withToken(world, 'simple/'), '--target', folder, 'Sandwich'];
        expect(await laptop.run(pip, args)).toEqual(succeeded);
        expect(await versionsIn(laptop, python, folder, ['sandwich', 'bread'])).toMatchObject(both);
      }
      expect(await world.held('team', 'bread')).toEqual(['1.2.0']);
      // The newest one looks at what a wheel needs before it fetches it.
      expect(world.publicRegistry.requests.some((request) => request.endsWith('.metadata'))).toBe(name === 'pip 26');
    });

    it('checks hashes, refuses what is yanked unless it is pinned, and downloads', async () => {
      await using world = await worldWithSandwich();
      const wheel = wheelFile('bread', '1.3.0');
      world.publicRegistry.publish('bread', '1.3.0', [wheel]);
      world.publicRegistry.yank('bread', wheel.fileName, 'stale');
      using laptop = new Machine(pip);
      const cwd = laptop.folder('downloads');
      const download = (...args: string[]) =>
        laptop.run(pip, ['download', '--no-deps', '--index-url', withToken(world, 'simple'), ...args], { cwd });
      const newest = await download('bread');
      expect(newest).toEqual(succeeded);
      expect(newest.stdout).toContain('bread-1.2.0-py3-none-any.whl');
      const pinned = await download('bread==1.3.0');
      expect(pinned).toEqual(succeeded);
      expect(pinned.stdout + pinned.stderr).toContain('stale');
      laptop.write(join(cwd, 'requirements.txt'), `bread==1.2.0 --hash=sha256:${'0'.repeat(64)}\n`);
      expect((await download('-r', 'requirements.txt')).code).toBe(1);
    });

    it('gets nothing with a wrong token', async () => {
      await using world = await worldWithSandwich();
      using stranger = new Machine(pip);
      const address = withToken(world, 'simple/', 'not-a-token');
      const outcome = await stranger.run(pip, ['download', '--no-input', '--index-url', address, 'sandwich']);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout + outcome.stderr).toMatch(/401|No matching distribution/);
    });
  });
}

describeClients('aws codeartifact login', ['aws', 'pip 26', 'twine', 'python'], (aws, pip, twine, python) => {
  it('sets up pip and twine', async () => {
    await using world = await worldWithSandwich();
    using laptop = new Machine(aws, pip, twine, python);
    const login = (tool: string) =>
      laptop.run(aws, [
        ...['--endpoint-url', world.server.url, 'codeartifact', 'login', '--tool', tool],
        ...['--domain', 'acme', '--repository', 'team'],
      ]);
    expect(await login('twine')).toEqual(succeeded);
    const cwd = project(laptop, 'tool', '1.0', [wheelFile('tool', '1.0'), await sdistFile('tool', '1.0')]);
    const files = ['dist/tool-1.0-py3-none-any.whl', 'dist/tool-1.0.tar.gz'];
    expect(await laptop.run(twine, ['upload', '-r', 'codeartifact', ...files], { cwd })).toEqual(succeeded);
    expect(await login('pip')).toEqual(succeeded);
    const folder = laptop.folder('site');
    expect(await laptop.run(pip, ['install', '--target', folder, 'tool', 'sandwich'])).toEqual(succeeded);
    const found = await versionsIn(laptop, python, folder, ['tool', 'sandwich', 'bread']);
    expect(found).toMatchObject({ code: 0, stdout: '1.0 1.0 1.2.0\n' });
  });
});

interface Publisher {
  readonly name: ClientName;
  /** The command that uploads what is in `dist/`. */
  args(world: PypiWorld): string[];
  env(world: PypiWorld, token: string): Record<string, string>;
  /** What it tells a user of a file that is there with other bytes, and of a wrong token. */
  readonly says: { readonly conflict: RegExp; readonly badToken: RegExp };
}

const publishers: readonly Publisher[] = [
  {
    name: 'twine',
    args: () => ['upload', '--non-interactive', '--disable-progress-bar', 'dist/*'],
    env: (world, token) => ({
      TWINE_REPOSITORY_URL: world.pypi('team').endpoint,
      TWINE_USERNAME: 'aws',
      TWINE_PASSWORD: token,
    }),
    says: { conflict: /409.*other content/s, badToken: /401/ },
  },
  {
    name: 'uv',
    args: () => ['publish', '--no-config'],
    env: (world, token) => ({
      // As users write it who do not know of the last slash.
      UV_PUBLISH_URL: world.pypi('team').endpoint.slice(0, -1),
      UV_PUBLISH_USERNAME: 'aws',
      UV_PUBLISH_PASSWORD: token,
    }),
    says: { conflict: /other content/s, badToken: /401|valid token/ },
  },
  {
    name: 'poetry',
    args: () => ['publish', '--repository', 'team', '--no-interaction'],
    env: (world, token) => ({
      POETRY_REPOSITORIES_TEAM_URL: world.pypi('team').endpoint,
      POETRY_HTTP_BASIC_TEAM_USERNAME: 'aws',
      POETRY_HTTP_BASIC_TEAM_PASSWORD: token,
    }),
    says: { conflict: /409/, badToken: /401/ },
  },
  {
    name: 'pdm',
    args: (world) => ['publish', '--no-build', '--repository', world.pypi('team').endpoint],
    env: (_world, token) => ({ PDM_PUBLISH_USERNAME: 'aws', PDM_PUBLISH_PASSWORD: token, PDM_CHECK_UPDATE: '0' }),
    says: { conflict: /409/, badToken: /401/ },
  },
  {
    name: 'hatch',
    args: (world) => ['publish', '--no-prompt', '--repo', world.pypi('team').endpoint],
    env: (_world, token) => ({ HATCH_INDEX_USER: 'aws', HATCH_INDEX_AUTH: token }),
    says: { conflict: /409/, badToken: /401/ },
  },
];

for (const { name, args, env, says } of publishers) {
  describeClients(`a publisher of Python packages: ${name}`, [name], (client) => {
    const publish = (laptop: Machine, world: PypiWorld, cwd: string, token = world.token) =>
      laptop.run(client, args(world), { cwd, env: env(world, token) });

    it('uploads a wheel and a source distribution, and does no harm by doing it again', async () => {
      await using world = await PypiWorld.with({ team: [] });
      using laptop = new Machine(client);
      const files = [wheelFile('tool', '1.0', ['Requires-Python: >=3.8']), await sdistFile('tool', '1.0')];
      const cwd = project(laptop, 'tool', '1.0', files);
      for (const _ of ['once', 'again']) expect(await publish(laptop, world, cwd)).toEqual(succeeded);
      expect(await world.pypi('team').files('tool')).toEqual(files.map(({ fileName }) => fileName));
      expect(await world.held('team', 'tool')).toEqual(['1.0']);
    });

    it('is told why when a file is there with other bytes, or when its token is wrong', async () => {
      await using world = await PypiWorld.with({ team: [] });
      using laptop = new Machine(client);
      const first = wheelFile('tool', '1.0');
      expect((await world.pypi('team').upload('tool', '1.0', first)).status).toBe(200);
      const cwd = project(laptop, 'tool', '1.0', [wheelFile('tool', '1.0', ['Summary: another'])]);
      const outcome = await publish(laptop, world, cwd);
      expect(outcome.code).not.toBe(0);
      expect(outcome.stdout + outcome.stderr).toMatch(says.conflict);
      const refused = await publish(laptop, world, cwd, 'not-a-token');
      expect(refused.code).not.toBe(0);
      expect(refused.stdout + refused.stderr).toMatch(says.badToken);
      expect((await world.pypi('team').page('tool'))['files'][0].size).toBe(first.bytes.length);
    });
  });
}

interface Installer {
  readonly name: ClientName;
  /** What stands in pyproject.toml besides the project. */
  settings(world: PypiWorld): string;
  env(world: PypiWorld): Record<string, string>;
  readonly lock: readonly string[];
  readonly lockFile: string;
  /** What the lock file says, and nothing else. */
  readonly install: readonly string[];
}

const installers: readonly Installer[] = [
  {
    name: 'uv',
    settings: (world) =>
      `[[tool.uv.index]]\nname = "team"\nurl = "${world.pypi('team').endpoint}simple/"\ndefault = true\n[tool.uv]\npackage = false\n`,
    env: ({ token }) => ({
      UV_INDEX_TEAM_USERNAME: 'aws',
      UV_INDEX_TEAM_PASSWORD: token,
      UV_PYTHON_DOWNLOADS: 'never',
    }),
    lock: ['lock'],
    install: ['sync', '--frozen'],
    lockFile: 'uv.lock',
  },
  {
    name: 'poetry',
    settings: (world) =>
      `[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "team"\nurl = "${world.pypi('team').endpoint}simple/"\npriority = "primary"\n`,
    env: ({ token }) => ({
      POETRY_HTTP_BASIC_TEAM_USERNAME: 'aws',
      POETRY_HTTP_BASIC_TEAM_PASSWORD: token,
      POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    }),
    lock: ['lock', '--no-interaction'],
    install: ['install', '--no-interaction'],
    lockFile: 'poetry.lock',
  },
  {
    name: 'pdm',
    settings: (world) =>
      `[[tool.pdm.source]]\nname = "pypi"\nurl = "${withToken(world, 'simple/')}"\nverify_ssl = false\n[tool.pdm]\ndistribution = false\n`,
    env: () => ({ PDM_CHECK_UPDATE: '0' }),
    lock: ['lock'],
    install: ['sync', '--no-self'],
    lockFile: 'pdm.lock',
  },
];

for (const { name, settings, env, lock, install, lockFile } of installers) {
  describeClients(`an installer of Python packages: ${name}`, [name, 'python'], (client, python) => {
    it('locks a public package whose index announces no metadata, by what it finds in the wheel', async () => {
      await using world = await worldWithSandwich();
      world.publicRegistry.hasMetadata = false;
      using laptop = new Machine(client, python);
      const app = laptop.project('app', { 'pyproject.toml': pyprojectOf(settings(world)) });
      expect(await laptop.run(client, lock, { cwd: app, env: env(world) })).toEqual(succeeded);
      expect(readFileSync(join(app, lockFile), 'utf8')).toContain('name = "bread"');
    });

    it('locks and installs a public package through two repositories, and again from what is kept', async () => {
      await using world = await worldWithSandwich();
      const pyproject = pyprojectOf(settings(world));
      using laptop = new Machine(client, python);
      const app = laptop.project('app', { 'pyproject.toml': pyproject });
      expect(await laptop.run(client, lock, { cwd: app, env: env(world) })).toEqual(succeeded);
      expect(await laptop.run(client, install, { cwd: app, env: env(world) })).toEqual(succeeded);
      expect(await versionsIn(laptop, python, siteOf(app), ['sandwich', 'bread'])).toMatchObject(both);
      const locked = readFileSync(join(app, lockFile), 'utf8');
      expect(locked).not.toContain(world.publicRegistry.url);

      await world.publicRegistry.stop();
      using server = new Machine(client, python);
      const again = server.project('app', { 'pyproject.toml': pyproject, [lockFile]: locked });
      expect(await server.run(client, install, { cwd: again, env: env(world) })).toEqual(succeeded);
      expect(await versionsIn(server, python, siteOf(again), ['sandwich', 'bread'])).toMatchObject(both);
    });
  });
}

function pyprojectOf(settings: string): string {
  const head = ['[project]', 'name = "app"', 'version = "1.0"', 'requires-python = ">=3.11"'];
  return [...head, 'dependencies = ["sandwich"]', settings].join('\n');
}

const both = { code: 0, stdout: '1.0 1.2.0\n' };

/** The installed packages of a project's own environment. */
function siteOf(app: string): string {
  const lib = join(app, '.venv', 'lib');
  const [version = ''] = readdirSync(lib).filter((name) => name.startsWith('python'));
  return join(lib, version, 'site-packages');
}
