import { afterAll, beforeAll, expect, it } from 'vitest';
import { Machine, type Outcome } from '../support/client-machine.ts';
import { describeClients } from '../support/clients.ts';
import {
  type AccountSketch,
  allow,
  arnIn,
  type Credentials,
  GuardedServer,
  keyOf,
  region,
  roleArn,
} from '../support/principals.ts';

const owner = '111122223333';
const admin = keyOf(owner, 'admin');
const developer = keyOf(owner, 'developer');

/** What a build needs that publishes and installs the packages of one scope, and nothing else. */
const builder = [
  allow('GetAuthorizationToken', arnIn(owner, 'domain/acme')),
  allow('sts:GetServiceBearerToken', '*', {
    Condition: { StringEquals: { 'sts:AWSServiceName': 'codeartifact.amazonaws.com' } },
  }),
  allow(['GetRepositoryEndpoint', 'ReadFromRepository'], arnIn(owner, 'repository/acme/app')),
  allow('PublishPackageVersion', arnIn(owner, 'package/acme/app/npm/acme/*')),
];

const account: AccountSketch = {
  users: {
    admin: { policies: ['AdministratorAccess'] },
    developer: { policies: [[allow('sts:AssumeRole', roleArn(owner, 'builder'))]] },
    reader: { policies: ['AWSCodeArtifactReadOnlyAccess'] },
  },
  roles: { builder: { policies: [builder] } },
};

describeClients('with --auth enforce', ['aws', 'npm 11'], (aws, npm) => {
  let server: GuardedServer;
  let laptop: Machine;

  beforeAll(async () => {
    server = await GuardedServer.enforcing({ [owner]: account });
    laptop = new Machine(aws, npm);
    await server.ok(admin, 'CreateDomain', { domain: 'acme' });
    await server.ok(admin, 'CreateRepository', { domain: 'acme', repository: 'app' });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    laptop[Symbol.dispose]();
  });

  function awsRun(command: string, { accessKeyId, secretAccessKey, sessionToken }: Credentials): Promise<Outcome> {
    return laptop.run(aws, ['--endpoint-url', server.url, '--region', region, ...command.split(' ')], {
      env: {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
      },
    });
  }

  async function awsShow(command: string, credentials: Credentials): Promise<Record<string, unknown>> {
    const outcome = await awsRun(command, credentials);
    expect(outcome).toMatchObject({ code: 0 });
    return JSON.parse(outcome.stdout);
  }

  it('the AWS CLI is who its key says, when the secret is right', async () => {
    expect(await awsShow('sts get-caller-identity', developer)).toMatchObject({
      Account: owner,
      Arn: `arn:aws:iam::${owner}:user/developer`,
    });
    expect(await awsShow('codeartifact describe-domain --domain acme', admin)).toMatchObject({
      domain: { name: 'acme', owner },
    });
    const unlike = await awsRun('codeartifact describe-domain --domain acme', { ...admin, secretAccessKey: 'guessed' });
    expect(unlike.code).not.toBe(0);
    expect(unlike.stderr).toContain(
      'An error occurred (InvalidSignatureException) when calling the DescribeDomain operation: The request signature ' +
        'we calculated does not match the signature you provided.',
    );
    const unknown = await awsRun('codeartifact describe-domain --domain acme', keyOf(owner, 'nobody'));
    expect(unknown.stderr).toContain('(UnrecognizedClientException)');
    expect(unknown.stderr).toContain('The security token included in the request is invalid.');
    const wrongForSts = await awsRun('sts get-caller-identity', { ...developer, secretAccessKey: 'guessed' });
    expect(wrongForSts.stderr).toMatch(/SignatureDoesNotMatch|InvalidSignature/);
  });

  it('the AWS CLI is told what is missing', async () => {
    const refused = await awsRun(
      'codeartifact create-repository --domain acme --repository mine',
      keyOf(owner, 'reader'),
    );
    expect(refused.stderr).toContain(
      `(AccessDeniedException) when calling the CreateRepository operation: User: arn:aws:iam::${owner}:user/reader is ` +
        `not authorized to perform: codeartifact:CreateRepository on resource: ` +
        `arn:aws:codeartifact:${region}:${owner}:repository/acme/mine because no identity-based policy allows the ` +
        'codeartifact:CreateRepository action',
    );
  });

  it('a build with a role of the least permissions logs in, publishes and installs', async () => {
    const assumed = await awsShow(
      `sts assume-role --role-arn ${roleArn(owner, 'builder')} --role-session-name build-7`,
      developer,
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = assumed['Credentials'] as Record<string, string>;
    const session = {
      accessKeyId: String(AccessKeyId),
      secretAccessKey: String(SecretAccessKey),
      sessionToken: String(SessionToken),
    };
    const login = await awsRun('codeartifact login --tool npm --domain acme --repository app', session);
    expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining('Successfully configured npm') });

    const run = (command: string, cwd: string) => laptop.run(npm, command.split(' '), { cwd });
    const manifest = { name: '@acme/tool', version: '1.0.0' };
    const tool = laptop.project('tool', { 'package.json': manifest, 'index.js': 'module.exports = 7;\n' });
    expect(await run('publish', tool)).toMatchObject({ code: 0 });
    const consumer = laptop.project('consumer', { 'package.json': { dependencies: { '@acme/tool': '^1.0.0' } } });
    expect(await run('install', consumer)).toMatchObject({ code: 0 });
    const required = await laptop.run(npm, ['exec', '--offline', '--', 'node', '-p', 'require("@acme/tool")'], {
      cwd: consumer,
    });
    expect(required.stdout.trim()).toBe('7');
    expect((await run('whoami', consumer)).stdout.trim()).toBe(`arn:aws:sts::${owner}:assumed-role/builder/build-7`);

    const other = laptop.project('other', { 'package.json': { name: 'unscoped-tool', version: '1.0.0' } });
    const refused = await run('publish', other);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('code E403');
    expect(refused.stderr).toContain(
      `not authorized to perform: codeartifact:PublishPackageVersion on resource: ` +
        arnIn(owner, 'package/acme/app/npm//unscoped-tool'),
    );
    const retagged = await run('dist-tag add @acme/tool@1.0.0 stable', tool);
    expect(retagged.stderr).toContain('code E403');

    const denied = await awsRun('codeartifact list-packages --domain acme --repository app', session);
    expect(denied.stderr).toContain('codeartifact:ListPackages');
    server.write({ [owner]: { ...account, roles: {} } });
    const gone = await run(
      'install --prefer-online --force',
      laptop.project('late', { 'package.json': { dependencies: { '@acme/tool': '1.0.0' } } }),
    );
    expect(gone.stderr).toContain('code E403');
  });
});
