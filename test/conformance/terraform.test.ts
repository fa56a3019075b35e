import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListDomainsCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAwsModel } from '../support/aws-model.ts';
import { describePython, runPython } from '../support/python.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { account, awsClient, region } from '../support/user.ts';
import { checkRecorded, type RecordedAnswer } from './recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'packyard-terraform-'));

/** A folder of providers; without it, the settings of the person who runs the tests may say where there is one. */
const { TERRAFORM_PROVIDERS: providers } = process.env;
const mirror = providers === undefined ? [] : [`-plugin-dir=${providers}`];
const notOurs = providers === undefined ? /^(AWS_|https?_proxy$|no_proxy$)/i : /^(AWS_|TF_|https?_proxy$|no_proxy$)/i;

// The network is closed.
const closed = 'http://127.0.0.1:9';
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !notOurs.test(name))),
  HTTP_PROXY: closed,
  HTTPS_PROXY: closed,
  NO_PROXY: 'localhost,127.0.0.1',
  TF_IN_AUTOMATION: '1',
  TF_REGISTRY_DISCOVERY_RETRY: '0',
  CHECKPOINT_DISABLE: '1',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const provider = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
`;

/** The program that finds AWS's provider without a network. None is no error in CI either: the provider is huge. */
function findTerraform(): string | undefined {
  writeFileSync(join(folder, 'provider.tf'), provider);
  return ['terraform', 'tofu'].find((program) => {
    try {
      execFileSync(program, ['init', '-input=false', ...mirror], {
        cwd: folder,
        env: environment,
        stdio: 'ignore',
        timeout: 30_000,
      });
      return true;
    } catch {
      return false;
    }
  });
}

/** Domain, repositories, policies and data as a team would write them. */
function configuration(url: string, description: string): string {
  const policy = (action: string) => `jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = ["999988887777"] }, Action = ["${action}"], Resource = "*" }]
  })`;
  return `
provider "aws" {
  region                  = "${region}"
  access_key              = "${account}"
  secret_key              = "test"
  skip_metadata_api_check = true
  endpoints {
    codeartifact = "${url}"
    sts          = "${url}"
  }
}

resource "aws_codeartifact_domain" "acme" {
  domain = "acme"
  tags   = { team = "bread" }
}

resource "aws_codeartifact_repository" "public" {
  domain     = aws_codeartifact_domain.acme.domain
  repository = "public"
  external_connections {
    external_connection_name = "public:npmjs"
  }
}

resource "aws_codeartifact_repository" "app" {
  domain      = aws_codeartifact_domain.acme.domain
  repository  = "app"
  description = "${description}"
  tags        = { team = "${description}" }
  upstream {
    repository_name = aws_codeartifact_repository.public.repository
  }
}

resource "aws_codeartifact_domain_permissions_policy" "acme" {
  domain          = aws_codeartifact_domain.acme.domain
  policy_document = ${policy('codeartifact:CreateRepository')}
}

resource "aws_codeartifact_repository_permissions_policy" "app" {
  domain          = aws_codeartifact_domain.acme.domain
  repository      = aws_codeartifact_repository.app.repository
  policy_document = ${policy('codeartifact:ReadFromRepository')}
}

data "aws_codeartifact_authorization_token" "acme" {
  domain           = aws_codeartifact_domain.acme.domain
  duration_seconds = 900
  lifecycle {
    postcondition {
      condition     = length(self.authorization_token) > 0 && timecmp(self.expiration, timestamp()) > 0
      error_message = "no token"
    }
  }
}

data "aws_codeartifact_repository_endpoint" "app" {
  domain     = aws_codeartifact_domain.acme.domain
  repository = aws_codeartifact_repository.app.repository
  format     = "npm"
  lifecycle {
    postcondition {
      condition     = self.repository_endpoint == "${url}/d/${region}/acme-${account}/npm/app/"
      error_message = "another endpoint"
    }
  }
}

output "seen" {
  value = {
    key        = aws_codeartifact_domain.acme.encryption_key
    bucket     = aws_codeartifact_domain.acme.s3_bucket_arn
    connection = aws_codeartifact_repository.public.external_connections[0]
    policy     = aws_codeartifact_repository_permissions_policy.app.resource_arn
  }
}
`;
}

const arn = (resource: string) => `arn:aws:codeartifact:${region}:${account}:${resource}`;

const imports = [
  ['aws_codeartifact_domain.acme', 'domain/acme'],
  ['aws_codeartifact_repository.public', 'repository/acme/public'],
  ['aws_codeartifact_repository.app', 'repository/acme/app'],
  ['aws_codeartifact_domain_permissions_policy.acme', 'domain/acme'],
  ['aws_codeartifact_repository_permissions_policy.app', 'repository/acme/app'],
].map(([to, resource]) => `import {\n  to = ${to}\n  id = "${arn(resource ?? '')}"\n}\n`);

const program = findTerraform();
if (program === undefined) rmSync(folder, { recursive: true, force: true });
const title = 'Terraform';
const notHere = `${title} (not installed: terraform or tofu that finds hashicorp/aws offline, in a mirror of providers)`;

// A journey: each story goes on where the one before ended.
describe.skipIf(program === undefined)(program === undefined ? notHere : title, { timeout: 120_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    write('main.tf', configuration(server.url, 'bread'));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(file: string, content: string): void {
    writeFileSync(join(folder, file), content);
  }

  /** Runs it; the server answers from this process meanwhile. */
  function terraform(...args: string[]): Promise<{ code: number | null; said: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(program ?? '', [...args, '-no-color'], {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 100_000,
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
      }
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, said }));
    });
  }

  it('creates everything, and then has nothing to change', async () => {
    expect(await terraform('apply', '-auto-approve', '-input=false')).toEqual({
      code: 0,
      said: expect.stringContaining('Apply complete! Resources: 5 added, 0 changed, 0 destroyed.'),
    });
    const { said } = await terraform('output', '-json');
    expect(JSON.parse(said)).toMatchObject({
      seen: {
        value: {
          key: expect.stringMatching(`^arn:aws:kms:${region}:${account}:key/`),
          bucket: expect.stringMatching('^arn:aws:s3:::'),
          connection: { external_connection_name: 'public:npmjs', package_format: 'npm', status: 'AVAILABLE' },
          policy: arn('repository/acme/app'),
        },
      },
    });
    expect(await terraform('plan', '-detailed-exitcode', '-input=false')).toMatchObject({ code: 0 });
  });

  it('changes descriptions and tags in place', async () => {
    write('main.tf', configuration(server.url, 'cake'));
    expect(await terraform('apply', '-auto-approve', '-input=false')).toEqual({
      code: 0,
      said: expect.stringContaining('Resources: 0 added, 1 changed, 0 destroyed.'),
    });
  });

  it('imports all of it by ARN, and finds nothing to change', async () => {
    rmSync(join(folder, 'terraform.tfstate'));
    write('imports.tf', imports.join('\n'));
    expect(await terraform('apply', '-auto-approve', '-input=false')).toEqual({
      code: 0,
      said: expect.stringContaining('Resources: 5 imported, 0 added, 0 changed, 0 destroyed.'),
    });
    expect(await terraform('plan', '-detailed-exitcode', '-input=false')).toMatchObject({ code: 0 });
  });

  it('destroys everything', async () => {
    rmSync(join(folder, 'imports.tf'));
    expect(await terraform('destroy', '-auto-approve', '-input=false')).toEqual({
      code: 0,
      said: expect.stringContaining('Destroy complete! Resources: 5 destroyed.'),
    });
    const aws = awsClient(server.url, account);
    expect(await aws.send(new ListDomainsCommand({}))).toMatchObject({ domains: [] });
    aws.destroy();
  });
});

describePython("Terraform's sequence of calls", ['boto3'], () => {
  it('finds what it makes sure of', async () => {
    await using server = await startServer();
    const program = join(import.meta.dirname, 'terraform.py');
    const answers = await runPython(program, { endpoint: server.url, region, account });
    const model = loadAwsModel();
    if (model !== undefined) checkRecorded(model, answers as RecordedAnswer[]);
    expect(answers.length).toBeGreaterThan(40);
  });
});
