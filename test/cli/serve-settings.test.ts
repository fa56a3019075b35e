import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateDomainCommand, ServiceQuotaExceededException } from '@aws-sdk/client-codeartifact';
import { describe, expect, test } from 'vitest';
import { runProcess, startProcess, temporaryFolder } from '../support/process.ts';
import { awsClient, FleetingUser, npmEndpoint } from '../support/user.ts';
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
  'a quota without a number': {
    args: ['--quota', 'domainsPerAccount'],
    says: '--quota domainsPerAccount: must be NAME=NUMBER, for example domainsPerAccount=50',
  },
  'an unknown quota': {
    args: ['--quota', 'domainPerAccount=50'],
    says: '--quota {"domainPerAccount":"50"}: unknown quota \'domainPerAccount\'; did you mean \'domainsPerAccount\'?',
  },
  'a quota with a unit': {
    env: { PACKYARD_QUOTA: 'domainsPerAccount=50,assetBytes=5GB' },
    says: 'PACKYARD_QUOTA {"domainsPerAccount":"50","assetBytes":"5GB"}: assetBytes must be a whole number from 1',
  },
  'a quota of zero': {
    config: 'quota: { domainsPerAccount: 0 }\n',
    says: '\'quota\' in FILE {"domainsPerAccount":0}: domainsPerAccount must be a whole number from 1',
  },
  'quotas that are no map': {
    config: 'quota: 50\n',
    says: "'quota' in FILE 50: must map names of quotas to whole numbers",
  },
  'an unknown rate': {
    args: ['--throttle', '--rate', 'getAuthorizationToken=5'],
    says: "unknown rate 'getAuthorizationToken'; did you mean 'GetAuthorizationToken'?",
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
  'enforced permission and nobody who has any': {
    args: ['--auth', 'enforce'],
    says: '--auth enforce needs --principals FILE, which says who there is and what they may do',
  },
  'principals that nobody would be held to': {
    args: ['--principals', 'principals.yaml'],
    says: '--principals without --auth enforce would let everyone in all the same; add --auth enforce',
  },
  'a principals file that is not there': {
    args: ['--auth', 'enforce', '--principals', '/no/such/file.yaml'],
    says: '/no/such/file.yaml',
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

test('--quota raises or lowers what there may be', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'packyard.yaml');
  await writeFile(file, 'memory: true\nquota: { domainsPerAccount: 3 }\n');
  const domainsWith = async (more: string[], env: Record<string, string>) => {
    await using server = await startProcess(['--config', file, ...more], { env });
    // Awaited here: the server ends with this function.
    return await domainsUntilRefused(server.url);
  };

  expect(await domainsWith([], {})).toBe(3);
  expect(await domainsWith([], { PACKYARD_QUOTA: 'directUpstreams=1,domainsPerAccount=2' })).toBe(2);
  expect(await domainsWith(['--quota', 'directUpstreams=1', '--quota', 'domainsPerAccount=12'], {})).toBe(12);
  // What is given in one place is all that counts there.
  expect(await domainsWith(['--quota', 'directUpstreams=1'], {})).toBe(10);
});

test('--throttle holds every process to the rates, and --rate changes them', async () => {
  await using server = await startProcess(['--memory', '--throttle', '--rate', 'requestsPerToken=2', '--workers', '2']);
  const { token } = await newTeam(server.url);
  const user = new FleetingUser(npmEndpoint(server.url, 'acme', 'team'), token);

  const answers = await Promise.all(Array.from({ length: 40 }, () => user.fetch('-/ping')));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
  expect(refused.length).toBeGreaterThan(20);
  expect(refused[0]?.headers.get('retry-after')).toBe('1');
});

async function domainsUntilRefused(url: string): Promise<number> {
  const aws = awsClient(url);
  for (let count = 0; ; count += 1) {
    try {
      await aws.send(new CreateDomainCommand({ domain: `domain-${count}` }));
    } catch (error) {
      expect(error).toBeInstanceOf(ServiceQuotaExceededException);
      return count;
    }
  }
}

function get(port: string, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, headers }, (response) => resolve(text(response)));
    sent.once('error', reject).end();
  });
}
