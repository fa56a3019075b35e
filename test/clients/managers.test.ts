import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Machine, type Outcome } from '../support/client-machine.ts';
import { type Manager, managers } from '../support/client-managers.ts';
import { type Client, describeClients } from '../support/clients.ts';
import { account, npmEndpoint } from '../support/user.ts';
import { World } from '../support/world.ts';

const succeeded = expect.objectContaining({ code: 0 });

for (const manager of managers) {
  describeClients(`a package manager: ${manager.name}`, [manager.name], (client) => {
    it('installs a public package through two repositories, and again from what is kept', async () => {
      await using world = await worldWithSandwich();
      const manifest = { name: 'app', version: '1.0.0', dependencies: { sandwich: '^1.0.0' } };
      using laptop = machineOf(world, manager, client);
      const app = laptop.project('app', { 'package.json': manifest });
      expect(await laptop.run(client, manager.install, { cwd: app })).toEqual(succeeded);
      expect(load(app, 'sandwich')).toBe('bread 1.2.0 with cheese 2.1.3');
      const lock = readFileSync(join(app, manager.lockFile), 'utf8');
      expectAddresses(lock, manager, endpointOf(world));

      await world.publicRegistry.stop();
      using server = machineOf(world, manager, client);
      const again = server.project('app', { 'package.json': manifest, [manager.lockFile]: lock });
      expect(await server.run(client, manager.installFrozen, { cwd: again })).toEqual(succeeded);
      expect(load(again, 'sandwich')).toBe('bread 1.2.0 with cheese 2.1.3');
      expect(readFileSync(join(again, manager.lockFile), 'utf8')).toBe(lock);
    });

    it('publishes packages with and without a scope, which others install', async () => {
      await using world = await worldWithSandwich();
      using laptop = machineOf(world, manager, client);
      for (const name of ['@acme/tool', 'acme-tool']) {
        const tool = { name, version: '1.0.0', main: 'index.js', dependencies: { bread: '^1.0.0' } };
        const content = `module.exports = 'I am ${name}, on ' + require('bread');\n`;
        expect(await publish(laptop, client, manager, tool, content)).toEqual(succeeded);
      }

      using other = machineOf(world, manager, client);
      const app = other.project('app', { 'package.json': { name: 'app', version: '1.0.0' } });
      expect(await other.run(client, [...manager.add, '@acme/tool', 'acme-tool'], { cwd: app })).toEqual(succeeded);
      expect(load(app, '@acme/tool')).toBe('I am @acme/tool, on bread 1.2.0');
      expect(load(app, 'acme-tool')).toBe('I am acme-tool, on bread 1.2.0');
    });

    it('is told when a version exists with other content, which stays as it was', async () => {
      await using world = await worldWithSandwich();
      using laptop = machineOf(world, manager, client);
      const tool = { name: '@acme/tool', version: '1.0.0', main: 'index.js' };
      await publish(laptop, client, manager, tool, `module.exports = 'the first';\n`);
      const first = await world.npm('team').json('@acme/tool');
      const outcome = await publish(laptop, client, manager, tool, `module.exports = 'another';\n`);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout + outcome.stderr).toMatch(manager.says.conflict);
      expect(await world.npm('team').json('@acme/tool')).toEqual(first);
    });

    it('gets nothing and leaves nothing with a wrong token', async () => {
      await using world = await worldWithSandwich();
      using stranger = machineOf(world, manager, client, 'not-a-token');
      const app = stranger.project('app', {
        'package.json': { name: 'app', version: '1.0.0', dependencies: { sandwich: '^1.0.0' } },
      });
      const installed = await stranger.run(client, manager.install, { cwd: app });
      expect(installed.code).toBe(1);
      expect(installed.stdout + installed.stderr).toMatch(manager.says.badToken.install);
      expect(() => load(app, 'sandwich')).toThrow('Cannot find module');

      const tool = { name: '@acme/tool', version: '1.0.0' };
      const published = await publish(stranger, client, manager, tool, `module.exports = 'mine';\n`);
      expect(published.code).toBe(1);
      expect(published.stdout + published.stderr).toMatch(manager.says.badToken.publish);
      expect((await world.npm('team').fetch('@acme/tool')).status).toBe(404);
    });

    const { whoami } = manager;
    if (whoami === undefined) return;
    it('knows who it is', async () => {
      await using world = await World.with({ team: [] });
      using laptop = machineOf(world, manager, client);
      const app = laptop.project('app', { 'package.json': { name: 'app', version: '1.0.0' } });
      const outcome = await laptop.run(client, whoami, { cwd: app });
      expect(outcome).toEqual(succeeded);
      expect(outcome.stdout).toContain(`arn:aws:iam::${account}:user/test`);
    });
  });
}

/** `team` takes from `outer`, which takes from a public registry with a package that needs two others. */
async function worldWithSandwich(): Promise<World> {
  const world = await World.with({ outer: 'public:npmjs', team: ['outer'] });
  const { publicRegistry } = world;
  const exporting = (code: string) => ({ 'index.js': `module.exports = ${code};\n` });
  await publicRegistry.publish({ name: 'bread', version: '1.2.0', files: exporting(`'bread 1.2.0'`) });
  await publicRegistry.publish({ name: '@deli/cheese', version: '2.1.3', files: exporting(`'cheese 2.1.3'`) });
  await publicRegistry.publish({
    name: 'sandwich',
    version: '1.1.0',
    manifest: { dependencies: { bread: '^1.0.0', '@deli/cheese': '~2.1.0' } },
    files: exporting(`require('bread') + ' with ' + require('@deli/cheese')`),
  });
  return world;
}

function endpointOf(world: World): string {
  return npmEndpoint(world.server.url, world.domain, 'team');
}

function machineOf(world: World, manager: Manager, client: Client, token = world.token): Machine {
  const machine = new Machine(client);
  manager.configure(machine, { endpoint: endpointOf(world), token });
  return machine;
}

async function publish(
  machine: Machine,
  client: Client,
  manager: Manager,
  manifest: { readonly name: string },
  content: string,
): Promise<Outcome> {
  const cwd = machine.project(manifest.name, { 'package.json': manifest, 'index.js': content });
  let outcome: Outcome | undefined;
  for (const command of manager.publish) outcome = await machine.run(client, command, { cwd });
  if (outcome === undefined) throw new Error(`${manager.name} has no command to publish with`);
  return outcome;
}

/** What a package says of itself to the project that depends on it. */
function load(project: string, name: string): unknown {
  return createRequire(join(project, 'package.json'))(name);
}

function expectAddresses(lock: string, { locksAddresses }: Manager, endpoint: string): void {
  if (!locksAddresses) {
    expect(lock).not.toContain('://');
    expect(lock).not.toContain('__archiveUrl');
    return;
  }
  expect(lock).toContain(`${endpoint}sandwich/-/sandwich-1.1.0.tgz`);
  expect(lock).toContain(`${endpoint}@deli/cheese/-/cheese-2.1.3.tgz`);
}
