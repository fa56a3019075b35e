import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { endpointOf, newTeam } from './team.ts';

interface Mistake {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The content of `--config`. */
  readonly config?: string;
  /** What is said, with FILE for the path of `--config`. */
  readonly says: string;
}

const mistakes: Record<string, Mistake> = {
  'a port that is no number': {
    args: ['--port', 'http'],
    says: '--port "http": must be a whole number from 0 to 65535',
  },
  'an empty port': { args: ['--port', ''], says: '--port "": must be a whole number from 0 to 65535' },
  'a port too high': { args: ['--port', '70000'], says: '--port "70000": must be a whole number from 0 to 65535' },
  'an unknown choice': { args: ['--auth', 'closed'], says: '--auth "closed": must be one of open, enforce' },
  'a flag without its value': { args: ['--port'], says: "option '--port <PORT>' argument missing" },
  'an unknown flag': { args: ['--prt', '1'], says: "unknown option '--prt' (Did you mean --port?)" },
  'an unknown command': {
    args: ['srve'],
    says: "too many arguments for 'serve'. Expected 0 arguments but got 1.",
  },
  'an endpoint host that is none': {
    args: ['--endpoint-host', 'two words'],
    says: '--endpoint-host "two words": must be a host, with a port and a scheme if need be',
  },
  'a registry without a URL': {
    args: ['--registry', 'public:npmjs'],
    says: '--registry public:npmjs: must be CONNECTION=URL, for example public:npmjs=https://…',
  },
  'an unknown registry': {
    args: ['--registry', 'public:npm=http://localhost:1/'],
    says: 'must be of the connections public:npmjs, ',
  },
  'an unknown environment variable': {
    env: { PACKYARD_PROT: '4567' },
    says: "unknown setting 'PACKYARD_PROT'; did you mean 'PACKYARD_PORT'?",
  },
  'a wrong value in the environment': {
    env: { PACKYARD_STRICT: 'maybe' },
    says: 'PACKYARD_STRICT "maybe": must be true or false',
  },
  'an unknown key in the file': {
    config: 'prot: 4567\n',
    says: "--config FILE: unknown setting 'prot'; did you mean 'port'?",
  },
  'a wrong value in the file': {
    config: 'logLevel: loud\n',
    says: '\'logLevel\' in FILE "loud": must be one of fatal, error, warn, info, debug, trace, silent',
  },
  'a broken file': { config: 'port: [1\n  b: }', says: '--config FILE: ' },
  'a file that is a list': { config: '- port\n', says: '--config FILE: it is not a map of settings' },
  'a missing file': { args: ['--config', '/nowhere.yaml'], says: '--config /nowhere.yaml: ENOENT' },
  'a database that outlives its blobs': {
    args: ['--memory', '--database', 'postgres://localhost/x'],
    says: '--memory with --database: the database would keep what the blobs do not',
  },
  'blobs that outlive their database': {
    args: ['--memory', '--blobs', 's3://bucket'],
    says: '--memory with --blobs: the bucket would keep what the database does not',
  },
  'blobs that are not in S3': {
    args: ['--blobs', '/mnt/blobs'],
    says: '--blobs "/mnt/blobs": must be an s3:// URL; without it the data folder holds the blobs',
  },
  'blobs without a bucket': {
    args: ['--blobs', 's3:///prefix'],
    says: '--blobs "s3:///prefix": must be s3://BUCKET or s3://BUCKET/PREFIX',
  },
  'a server where the bucket belongs': {
    args: ['--blobs', 's3://localhost:9000/bucket'],
    says: "must be s3://BUCKET or s3://BUCKET/PREFIX; a server's address goes into ?endpoint=",
  },
  'an unknown parameter of the bucket': {
    args: ['--blobs', 's3://bucket?regoin=eu-west-1'],
    says: "--blobs \"s3://bucket?regoin=eu-west-1\": unknown parameter 'regoin'; did you mean 'region'?",
  },
  'a wrong parameter of the bucket': {
    env: { PACKYARD_BLOBS: 's3://bucket?pathStyle=yes' },
    says: 'PACKYARD_BLOBS "s3://bucket?pathStyle=yes": pathStyle must be true or false',
  },
  'a parameter of the bucket without a value': {
    args: ['--blobs', 's3://bucket?region='],
    says: '--blobs "s3://bucket?region=": region must have one value',
  },
  "a bucket's endpoint that is no URL": {
    args: ['--blobs', 's3://bucket?endpoint=localhost:9000'],
    says: '--blobs "s3://bucket?endpoint=localhost:9000": endpoint must be the http(s) URL of a server',
  },
  'credentials before the bucket': {
    args: ['--blobs', 's3://AKIA123:hunter2@bucket'],
    says: '--blobs "s3://…@bucket": credentials cannot be part of it; they come from the environment',
  },
  'credentials as parameters of the bucket': {
    args: ['--blobs', 's3://bucket?region=eu-west-1&secretAccessKey=hunter2'],
    says: '--blobs "s3://bucket?region=eu-west-1&secretAccessKey=…": credentials cannot be part of it',
  },
  'credentials in the endpoint of the bucket': {
    args: ['--blobs', 's3://bucket?endpoint=http://AKIA123:hunter2@localhost:9000'],
    says: '--blobs "s3://bucket?endpoint=http://…@localhost:9000": credentials cannot be part of it',
  },
  'what this version lacks': {
    args: ['--auth', 'enforce'],
    says: '--auth enforce: permission policies are not part of this version yet; use --auth open',
  },
};

describe.each(Object.entries(mistakes))('The start with %s', (_, { args = [], env = {}, config, says }) => {
  test('ends with 1 and one line that says what is wrong', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'packyard.yaml');
    if (config !== undefined) await writeFile(file, config);
    const withConfig = config === undefined ? [] : ['--config', file];

    const ended = await runProcess(['--data', folder.path, ...withConfig, ...args], { env });

    expect(ended).toMatchObject({ code: 1, stdout: '' });
    const lines = ended.stderr.replaceAll(file, 'FILE').split('\n');
    expect(lines).toEqual([expect.stringContaining(says), '']);
    expect(lines[0]).toMatch(/^packyard: /);
    expect(lines[0]).not.toContain('hunter2');
  });
});

test('flags win over the environment, which wins over the file', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'packyard.yaml');
  await writeFile(file, 'endpointHost: file.example\nlogLevel: error\n');
  const args = ['--memory', '--config', file, '--log-level', 'info'];
  const env = { PACKYARD_ENDPOINT_HOST: 'environment.example' };
  const hostWith = async (more: string[], variables: Record<string, string>) => {
    await using server = await startProcess([...args, ...more], { env: variables });
    return new URL((await endpointOf(await newTeam(server.url))) ?? '').host;
  };

  expect(await hostWith([], {})).toBe('file.example');
  expect(await hostWith([], env)).toBe('environment.example');
  expect(await hostWith(['--endpoint-host', 'flag.example'], env)).toBe('flag.example');
});

test('PACKYARD_CONFIG names the file as well', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'packyard.yaml');
  await writeFile(file, 'memory: true\nendpointStyle: host\nregistry:\n  public:npmjs: http://localhost:1/\n');
  await using server = await startProcess([], { env: { PACKYARD_CONFIG: file } });

  expect(await endpointOf(await newTeam(server.url))).toContain('.d.codeartifact.');
});

test('endpoints have the host the caller used, or the one of --endpoint-host', async () => {
  const path = '/d/eu-central-1/acme-000000000000/npm/team/';
  await using server = await startProcess(['--memory']);
  expect(await endpointOf(await newTeam(server.url))).toBe(`${server.url}${path}`);

  await using named = await startProcess(['--memory', '--endpoint-host', 'packages.example:8080']);
  expect(await endpointOf(await newTeam(named.url))).toBe(`http://packages.example:8080${path}`);

  await using secure = await startProcess(['--memory', '--endpoint-host', 'https://packages.example']);
  expect(await endpointOf(await newTeam(secure.url))).toBe(`https://packages.example${path}`);
});

test('--endpoint-style host hands out endpoints of the shape AWS has, and they work', async () => {
  await using server = await startProcess(['--memory', '--endpoint-style', 'host']);
  const team = await newTeam(server.url);
  expect((await team.npm.publish({ name: 'left-pad', version: '1.0.0' })).status).toBe(200);
  const { host, port } = new URL(server.url);

  const endpoint = await endpointOf(team);
  expect(endpoint).toBe(`http://acme-000000000000.d.codeartifact.eu-central-1.${host}/npm/team/`);

  // Not every machine resolves names below localhost, so the name goes into the header only.
  const headers = { host: new URL(endpoint ?? '').host, authorization: `Bearer ${team.token}` };
  const packument = JSON.parse(await get(port, '/npm/team/left-pad', headers));
  expect(packument['dist-tags']).toEqual({ latest: '1.0.0' });
  expect(packument.versions['1.0.0'].dist.tarball).toBe(`${endpoint}left-pad/-/left-pad-1.0.0.tgz`);
});

test('--strict serves nothing that AWS does not', async () => {
  await using open = await startProcess(['--memory']);
  const usual = (await newTeam(open.url)).npm;
  await using closed = await startProcess(['--memory', '--strict']);
  const strict = (await newTeam(closed.url)).npm;

  for (const path of ['-/whoami', '-/v1/search?text=a']) {
    expect((await usual.fetch(path)).status).toBe(200);
    expect((await strict.fetch(path)).status).toBe(404);
  }
  expect((await strict.fetch('-/ping')).status).toBe(200);
});

function get(port: string, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, headers }, (response) => resolve(text(response)));
    sent.once('error', reject).end();
  });
}
