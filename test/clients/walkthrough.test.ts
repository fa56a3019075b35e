import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Machine, type Outcome } from '../support/client-machine.ts';
import { npmrc } from '../support/client-managers.ts';
import { describeClients } from '../support/clients.ts';
import { PublicRegistry } from '../support/public-registry.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { account, npmEndpoint, region } from '../support/user.ts';

const time = expect.anything();
const arn = `arn:aws:codeartifact:${region}:${account}`;

const domainSummary = {
  name: 'demo-domain',
  owner: account,
  arn: `${arn}:domain/demo-domain`,
  status: 'Active',
  createdTime: time,
  encryptionKey: expect.stringMatching(`^arn:aws:kms:${region}:${account}:key/`),
};

function repositorySummary(name: string) {
  return {
    name,
    administratorAccount: account,
    domainName: 'demo-domain',
    domainOwner: account,
    arn: `${arn}:repository/demo-domain/${name}`,
    createdTime: time,
  };
}

function repository(name: string, upstreams: readonly string[] = []) {
  const references = upstreams.map((repositoryName) => ({ repositoryName }));
  return { ...repositorySummary(name), upstreams: references, externalConnections: [] };
}

const npmjs = { externalConnectionName: 'public:npmjs', packageFormat: 'npm', status: 'AVAILABLE' };

// The first day of someone who knows the AWS CLI: the rows of the walk-through, in its order, on one server.
describeClients('the walk-through', ['aws', 'npm 11'], (aws, npm) => {
  let data: string;
  let laptop: Machine;
  let publicRegistry: PublicRegistry;
  let server: TestServer;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'packyard-walkthrough-'));
    laptop = new Machine(aws, npm);
    publicRegistry = await PublicRegistry.start();
    for (const version of ['1.2.0', '2.0.0']) await publicRegistry.publish({ name: 'bread', version });
    for (const name of ['sandwich', 'toast', 'burger']) {
      await publicRegistry.publish({ name, version: '1.0.0', manifest: { dependencies: { bread: '^1.0.0' } } });
    }
    server = await start();
  });
  afterAll(async () => {
    await server.close();
    await publicRegistry.stop();
    laptop[Symbol.dispose]();
    rmSync(data, { recursive: true, force: true });
  });

  function start(port = 0): Promise<TestServer> {
    return startServer({ data, port, registry: { 'public:npmjs': publicRegistry.url } });
  }

  /** `awslocal codeartifact …`, by default on the laptop. */
  function tryCodeartifact(command: string, machine = laptop): Promise<Outcome> {
    return machine.run(aws, ['--endpoint-url', server.url, 'codeartifact', ...command.split(' ')]);
  }

  async function codeartifact(command: string): Promise<string> {
    const outcome = await tryCodeartifact(command);
    expect(outcome).toMatchObject({ code: 0 });
    return outcome.stdout;
  }

  async function show(command: string): Promise<unknown> {
    return JSON.parse(await codeartifact(command));
  }

  /** `npm …`, by default on the laptop and in no project. */
  async function npmRun(command: string, cwd?: string, machine = laptop): Promise<string> {
    const outcome = await machine.run(npm, command.split(' '), cwd === undefined ? {} : { cwd });
    expect(outcome).toMatchObject({ code: 0 });
    return outcome.stdout;
  }

  async function npmShow(command: string): Promise<unknown> {
    return JSON.parse(await npmRun(`${command} --json`));
  }

  /** The packages that a repository itself has. */
  async function packagesIn(name: string): Promise<string[]> {
    const answer = (await show(`list-packages --domain demo-domain --repository ${name}`)) as {
      packages: { package: string; namespace?: string }[];
    };
    return answer.packages.map((found) => (found.namespace ? `@${found.namespace}/` : '') + found.package).sort();
  }

  it('1. create-domain', async () => {
    expect(await show('create-domain --domain demo-domain')).toEqual({
      domain: { ...domainSummary, repositoryCount: 0, assetSizeBytes: 0 },
    });
  });

  it('2. describe-domain', async () => {
    expect(await show('describe-domain --domain demo-domain')).toEqual({
      domain: { ...domainSummary, repositoryCount: 0, assetSizeBytes: 0, s3BucketArn: expect.any(String) },
    });
  });

  it('3. list-domains', async () => {
    expect(await show('list-domains')).toEqual({ domains: [domainSummary] });
  });

  it('4. create-repository', async () => {
    expect(await show('create-repository --domain demo-domain --repository demo-repo')).toEqual({
      repository: repository('demo-repo'),
    });
  });

  it('5. describe-repository, list-repositories, list-repositories-in-domain', async () => {
    expect(await show('describe-repository --domain demo-domain --repository demo-repo')).toEqual({
      repository: repository('demo-repo'),
    });
    const repositories = [repositorySummary('demo-repo')];
    expect(await show('list-repositories')).toEqual({ repositories });
    expect(await show('list-repositories-in-domain --domain demo-domain')).toEqual({ repositories });
  });

  it('6. associate-external-connection', async () => {
    const command = 'associate-external-connection --domain demo-domain --repository demo-repo';
    expect(await show(`${command} --external-connection public:npmjs`)).toEqual({
      repository: { ...repository('demo-repo'), externalConnections: [npmjs] },
    });
  });

  it('7. create-repository with an upstream', async () => {
    const command = 'create-repository --domain demo-domain --repository demo-repo2';
    expect(await show(`${command} --upstreams repositoryName=demo-repo`)).toEqual({
      repository: repository('demo-repo2', ['demo-repo']),
    });
    expect(await show('describe-domain --domain demo-domain')).toMatchObject({ domain: { repositoryCount: 2 } });
  });

  it('8. login --tool npm', async () => {
    const said = await codeartifact('login --tool npm --domain demo-domain --repository demo-repo2');
    const endpoint = npmEndpoint(server.url, 'demo-domain', 'demo-repo2');
    expect(said).toContain(`Successfully configured npm to use AWS CodeArtifact repository ${endpoint}`);
    expect(said).toContain('Login expires in 12 hours');
    const [registry, token, ...rest] = readFileSync(join(laptop.home, '.npmrc'), 'utf8').trim().split('\n');
    expect(registry).toBe(`registry=${endpoint}`);
    expect(token).toMatch(/^\/\/localhost:\d+\/d\/[^:]+\/npm\/demo-repo2\/:_authToken=[\w.-]+$/);
    expect(rest).toEqual([]);
  });

  it('9. npm publish, view, dist-tag, deprecate', async () => {
    for (const version of ['1.0.0', '1.1.0']) {
      const tool = laptop.project(`tool-${version}`, {
        'package.json': { name: '@demo/tool', version, main: 'index.js' },
        'index.js': `module.exports = 'tool ${version}';\n`,
      });
      expect(await npmRun('publish', tool)).toBe(`+ @demo/tool@${version}\n`);
    }
    await npmRun('dist-tag add @demo/tool@1.0.0 stable');
    await npmRun('deprecate @demo/tool@1.0.0 outdated');
    expect(await npmShow('view @demo/tool versions dist-tags')).toEqual({
      versions: ['1.0.0', '1.1.0'],
      'dist-tags': { latest: '1.1.0', stable: '1.0.0' },
    });
    expect(await npmShow('view @demo/tool@stable deprecated')).toBe('outdated');
    expect(await packagesIn('demo-repo2')).toEqual(['@demo/tool']);
  });

  it('8. login --tool npm for one scope only', async () => {
    using other = new Machine(aws, npm);
    const command = 'login --tool npm --domain demo-domain --repository demo-repo2 --namespace demo';
    expect(await tryCodeartifact(command, other)).toMatchObject({ code: 0 });
    const endpoint = npmEndpoint(server.url, 'demo-domain', 'demo-repo2');
    expect(readFileSync(join(other.home, '.npmrc'), 'utf8')).toContain(`@demo:registry=${endpoint}\n`);
    expect(await npmRun('view @demo/tool version', undefined, other)).toBe('1.1.0\n');
  });

  it('9. npm install and ci: what only the public registry has stays in both ends', async () => {
    const app = laptop.project('app', { 'package.json': { name: 'app', version: '1.0.0' } });
    await npmRun('install sandwich @demo/tool', app);
    expect(await packagesIn('demo-repo2')).toEqual(['@demo/tool', 'bread', 'sandwich']);
    expect(await packagesIn('demo-repo')).toEqual(['bread', 'sandwich']);

    const copy = laptop.project('copy', {
      'package.json': readFileSync(join(app, 'package.json'), 'utf8'),
      'package-lock.json': readFileSync(join(app, 'package-lock.json'), 'utf8'),
    });
    await npmRun('cache clean --force');
    await npmRun('ci', copy);
    expect(load(copy, '@demo/tool')).toBe('tool 1.1.0');
  });

  it('9. npm outdated', async () => {
    const late = laptop.project('late', {
      'package.json': { dependencies: { '@demo/tool': '1.0.0', bread: '^1.0.0' } },
    });
    await npmRun('install', late);
    const outdated = await laptop.run(npm, ['outdated', '--json'], { cwd: late });
    expect(JSON.parse(outdated.stdout)).toMatchObject({
      '@demo/tool': { current: '1.0.0', wanted: '1.0.0', latest: '1.1.0' },
      bread: { current: '1.2.0', wanted: '1.2.0', latest: '2.0.0' },
    });
  });

  it('9. of three repositories in a row, the one in the middle keeps nothing', async () => {
    const command = 'create-repository --domain demo-domain --repository demo-repo3';
    expect(await show(`${command} --upstreams repositoryName=demo-repo2`)).toEqual({
      repository: repository('demo-repo3', ['demo-repo2']),
    });
    using other = new Machine(npm);
    other.write(join(other.home, '.npmrc'), npmrc(await registryByHand('demo-repo3')));
    const app = other.project('app', { 'package.json': {} });
    await npmRun('install toast', app, other);
    expect(await packagesIn('demo-repo3')).toEqual(['bread', 'toast']);
    expect(await packagesIn('demo-repo2')).toEqual(['@demo/tool', 'bread', 'sandwich']);
    expect(await packagesIn('demo-repo')).toEqual(['bread', 'sandwich', 'toast']);
  });

  it('all of it is kept across a restart, the login too', async () => {
    const look = async () => [
      await show('list-repositories'),
      await show('list-packages --domain demo-domain --repository demo-repo2'),
      await npmShow('view @demo/tool versions dist-tags time dist'),
    ];
    const before = await look();
    const { port } = new URL(server.url);
    await server.close();
    await publicRegistry.stop();
    server = await start(Number(port));
    expect(await look()).toEqual(before);
    await npmRun('cache clean --force');
    await npmRun('ci', laptop.folder('copy'));
    await publicRegistry.listen();
  });

  it('10. get-authorization-token and get-repository-endpoint, written into a .npmrc by hand', async () => {
    using other = new Machine(npm);
    const app = other.project('app', {
      '.npmrc': npmrc(await registryByHand('demo-repo2')),
      'package.json': { dependencies: { '@demo/tool': '^1.0.0', burger: '^1.0.0' } },
    });
    await npmRun('install', app, other);
    expect(load(app, '@demo/tool')).toBe('tool 1.1.0');
    expect(await packagesIn('demo-repo2')).toEqual(['@demo/tool', 'bread', 'burger', 'sandwich']);
  });

  async function registryByHand(name: string) {
    const token = 'get-authorization-token --domain demo-domain --query authorizationToken --output text';
    const endpoint = `get-repository-endpoint --domain demo-domain --repository ${name} --format npm`;
    const { repositoryEndpoint } = (await show(endpoint)) as { repositoryEndpoint: string };
    return { endpoint: repositoryEndpoint, token: (await codeartifact(token)).trim() };
  }

  it('11. update-repository, disassociate-external-connection, delete-repository, delete-domain', async () => {
    const update = 'update-repository --domain demo-domain --repository demo-repo3 --description ours';
    expect(await show(`${update} --upstreams repositoryName=demo-repo`)).toEqual({
      repository: { ...repository('demo-repo3', ['demo-repo']), description: 'ours' },
    });
    const disassociate = 'disassociate-external-connection --domain demo-domain --repository demo-repo';
    expect(await show(`${disassociate} --external-connection public:npmjs`)).toEqual({
      repository: repository('demo-repo'),
    });

    const refused = await tryCodeartifact('delete-domain --domain demo-domain');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('(ConflictException) when calling the DeleteDomain operation');

    for (const name of ['demo-repo3', 'demo-repo2', 'demo-repo']) {
      expect(await show(`delete-repository --domain demo-domain --repository ${name}`)).toMatchObject({
        repository: { name },
      });
    }
    expect(await show('delete-domain --domain demo-domain')).toMatchObject({ domain: { status: 'Deleted' } });
    expect(await show('list-domains')).toEqual({ domains: [] });
  });
});

/** What a package says of itself to the project that depends on it. */
function load(project: string, name: string): unknown {
  return createRequire(join(project, 'package.json'))(name);
}
