import { expect, it } from 'vitest';
import { Machine, type Outcome } from '../support/client-machine.ts';
import { writeNpmrc } from '../support/client-managers.ts';
import { type Client, type ClientName, describeClients } from '../support/clients.ts';
import { account } from '../support/user.ts';
import { World } from '../support/world.ts';

const versions: readonly ClientName[] = ['npm 11', 'npm 8'];

for (const name of versions) {
  describeClients(`the commands of ${name}`, [name], (client) => {
    it('ping, whoami: the endpoint and the token are good', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client);
      expect((await npm.run('ping')).stderr).toContain('PONG');
      expect((await npm.run('whoami')).stdout.trim()).toBe(`arn:aws:iam::${account}:user/test`);
      expect(await npm.json('ping')).toMatchObject({ registry: world.npm('team').endpoint });
    });

    it('ping, whoami, search, view: refuse a wrong token', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client, 'not-a-token');
      for (const command of ['ping', 'whoami', 'search tool', 'view @acme/tool']) {
        const { code, stdout, stderr } = await npm.try(...command.split(' '));
        expect({ command, code, stdout }).toEqual({ command, code: 1, stdout: '' });
        expect(stderr).toContain('code E401');
      }
    });

    it('view: shows one version, and what a package has', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client);
      expect(await npm.json('view', '@acme/tool', 'versions', 'dist-tags')).toEqual({
        versions: ['1.0.0', '1.1.0'],
        'dist-tags': { latest: '1.1.0' },
      });
      expect(await npm.json('view', '@acme/tool@1.0.0')).toMatchObject({
        name: '@acme/tool',
        version: '1.0.0',
        description: 'A tool',
        dist: { tarball: `${world.npm('team').endpoint}@acme/tool/-/tool-1.0.0.tgz` },
      });
      expect((await npm.run('view', '@acme/tool')).stdout).toContain(
        '@acme/tool@1.1.0 | MIT | deps: none | versions: 2',
      );
      const missing = await npm.try('view', '@acme/nothing');
      expect(missing.code).toBe(1);
      expect(missing.stderr).toContain('code E404');
    });

    it('search: finds by name and by description', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client);
      const maintainers = [
        { username: 'Al', email: 'al@acme.test' },
        { username: 'bo', email: 'bo@acme.test' },
      ];
      const found = { name: '@acme/tool', version: '1.1.0', description: 'A tool', maintainers };
      expect((await npm.run('search', 'tool')).stdout).toContain('@acme/tool');
      expect(await npm.json('search', 'acme')).toMatchObject([found]);
      expect(await npm.json('search', 'tool')).toMatchObject([found]);
      expect(await npm.json('search', 'hammer')).toEqual([]);
    });

    it('dist-tag: is added, listed, installed by, and removed', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client);
      expect((await npm.run('dist-tag', 'add', '@acme/tool@1.0.0', 'stable')).stdout).toBe(
        '+stable: @acme/tool@1.0.0\n',
      );
      expect((await npm.run('dist-tag', 'ls', '@acme/tool')).stdout).toBe('latest: 1.1.0\nstable: 1.0.0\n');
      expect(await npm.json('view', '@acme/tool@stable', 'version')).toBe('1.0.0');
      expect((await npm.run('dist-tag', 'rm', '@acme/tool', 'stable')).stdout).toBe('-stable: @acme/tool@1.0.0\n');
      expect((await npm.run('dist-tag', 'ls', '@acme/tool')).stdout).toBe('latest: 1.1.0\n');
    });

    it('deprecate: warns whoever installs it, until it is taken back', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client);
      await npm.run('deprecate', '@acme/tool@1.0.0', 'use 1.1.0');
      expect(await npm.json('view', '@acme/tool@1.0.0', 'deprecated')).toBe('use 1.1.0');
      const app = npm.machine.project('app', { 'package.json': { dependencies: { '@acme/tool': '1.0.0' } } });
      const installed = await npm.machine.run(client, ['install'], { cwd: app });
      expect(installed.stderr).toContain('deprecated @acme/tool@1.0.0: use 1.1.0');
      await npm.run('deprecate', '@acme/tool@1.0.0', '');
      expect((await npm.run('view', '@acme/tool@1.0.0', 'deprecated')).stdout).toBe('');
    });

    it('unpublish: is refused visibly, for one version and for all', async () => {
      await using world = await worldWithTool();
      using npm = new Npm(world, client);
      for (const args of [['@acme/tool@1.1.0'], ['--force', '@acme/tool']]) {
        const { code, stdout, stderr } = await npm.try('unpublish', ...args);
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toContain('code E405');
        expect(stderr).toContain('Unpublishing is not supported. Use DeletePackageVersions');
      }
      expect(await npm.json('view', '@acme/tool', 'versions')).toEqual(['1.0.0', '1.1.0']);
    });
  });
}

/** One repository, `team`, with two versions of a private package. */
async function worldWithTool(): Promise<World> {
  const world = await World.with({ team: [] });
  // As manifests write people: npm itself takes these apart, other tools do not.
  const maintainers = ['Al <al@acme.test>', { name: 'bo', email: 'bo@acme.test' }, {}];
  const manifest = { description: 'A tool', license: 'MIT', maintainers };
  for (const version of ['1.0.0', '1.1.0']) await world.npm('team').publish({ name: '@acme/tool', version, manifest });
  return world;
}

/** Someone who types npm commands, set up for `team`. */
class Npm {
  readonly machine: Machine;
  readonly #client: Client;

  constructor(world: World, client: Client, token = world.token) {
    this.machine = new Machine(client);
    this.#client = client;
    writeNpmrc(this.machine, { endpoint: world.npm('team').endpoint, token });
  }

  try(...args: readonly string[]): Promise<Outcome> {
    return this.machine.run(this.#client, args);
  }

  async run(...args: readonly string[]): Promise<Outcome> {
    const outcome = await this.try(...args);
    expect(outcome).toMatchObject({ code: 0 });
    return outcome;
  }

  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse((await this.run(...args, '--json')).stdout);
  }

  [Symbol.dispose](): void {
    this.machine[Symbol.dispose]();
  }
}
