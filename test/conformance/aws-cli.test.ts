import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Machine, type Outcome } from '../support/client-machine.ts';
import { describeClients } from '../support/clients.ts';
import { account, region } from '../support/user.ts';
import { World } from '../support/world.ts';
import { seedPackages, seedRepositories } from './seed.ts';

const arn = (resource: string) => `arn:aws:codeartifact:${region}:${account}:${resource}`;

// What the CLI does by itself before and after the call: files, shorthand, pages. A journey on one server.
describeClients('the AWS CLI', ['aws'], (aws) => {
  let laptop: Machine;
  let world: World;
  let cwd: string;

  beforeAll(async () => {
    laptop = new Machine(aws);
    cwd = laptop.folder('work');
    world = await World.with(seedRepositories);
    await seedPackages(world);
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    laptop[Symbol.dispose]();
  });

  /** `aws codeartifact …`, in the folder with the files. */
  function codeartifact(...args: string[]): Promise<Outcome> {
    return laptop.run(aws, ['--endpoint-url', world.server.url, 'codeartifact', ...args], { cwd });
  }

  /** What it shows, as JSON. */
  async function show(command: string, ...more: string[]): Promise<unknown> {
    const { code, stdout, stderr } = await codeartifact(...command.split(' '), ...more);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  const notes = '--domain acme --repository app --format generic --namespace team --package notes';
  const content = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index % 251));
  const sha256 = createHash('sha256').update(content).digest('hex');

  it('publish-package-version with a file', async () => {
    writeFileSync(join(cwd, 'data.bin'), content);
    const command = `publish-package-version ${notes} --package-version 1.0 --asset-content data.bin --asset-name data.bin`;
    const hashes = expect.objectContaining({ 'SHA-256': sha256 });
    expect(await show(`${command} --unfinished --asset-sha256 ${sha256}`)).toMatchObject({
      status: 'Unfinished',
      asset: { name: 'data.bin', size: content.length, hashes },
    });
    expect(await show(`${command} --asset-sha256 ${sha256}`)).toMatchObject({ status: 'Published' });
    const wrong = await codeartifact(...`${command} --asset-sha256 ${'0'.repeat(64)}`.split(' '));
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain('(ValidationException)');
    expect(wrong.stderr).toContain('The provided content hashes do not match the calculated content hashes.');
  });

  it('get-package-version-asset to a file', async () => {
    const got = await show(`get-package-version-asset ${notes} --package-version 1.0 --asset data.bin out.bin`);
    expect(got).toEqual({
      assetName: 'data.bin',
      packageVersion: '1.0',
      packageVersionRevision: expect.stringMatching(/^.{43}=$/),
    });
    expect(readFileSync(join(cwd, 'out.bin')).equals(content)).toBe(true);
  });

  it('lists with --max-items and --starting-token', async () => {
    const command = 'list-repositories-in-domain --domain acme';
    const first = (await show(`${command} --max-items 3`)) as { NextToken: string };
    expect(first).toMatchObject({ repositories: [{ name: 'app' }, { name: 'base' }, { name: 'other' }] });
    // Pages of two and at most three items: the CLI's token points into the middle of a page.
    const half = (await show(`${command} --page-size 2 --max-items 3`)) as { NextToken: string };
    for (const { NextToken } of [first, half]) {
      const rest = await show(`${command} --starting-token ${NextToken}`);
      expect(rest).toMatchObject({ repositories: [{ name: 'public' }, { name: 'shared' }] });
      expect(rest).not.toHaveProperty('NextToken');
    }
  });

  it('update-package-group-origin-configuration in shorthand', async () => {
    const at = ['--domain', 'acme', '--package-group', '/npm/team/*'];
    await show('create-package-group', ...at, '--tags', 'key=team,value=bread');
    const change = await show(
      'update-package-group-origin-configuration',
      ...at,
      '--restrictions',
      'PUBLISH=ALLOW_SPECIFIC_REPOSITORIES,EXTERNAL_UPSTREAM=BLOCK',
      '--add-allowed-repositories',
      'repositoryName=app,originRestrictionType=PUBLISH',
      'repositoryName=base,originRestrictionType=PUBLISH',
    );
    expect(change).toMatchObject({
      packageGroup: {
        originConfiguration: {
          restrictions: {
            PUBLISH: { mode: 'ALLOW_SPECIFIC_REPOSITORIES', repositoriesCount: 2 },
            EXTERNAL_UPSTREAM: { mode: 'BLOCK' },
            INTERNAL_UPSTREAM: { mode: 'INHERIT', inheritedFrom: { pattern: '/*' } },
          },
        },
      },
      allowedRepositoryUpdates: { PUBLISH: { ADDED: ['app', 'base'] } },
    });
  });

  it('tag-resource, list-tags-for-resource and untag-resource on a package group', async () => {
    const group = ['--resource-arn', arn('package-group/acme/npm/team/%2a')];
    expect(await codeartifact('tag-resource', ...group, '--tags', 'key=a,value=1', 'key=b,value=')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await show('list-tags-for-resource', ...group)).toEqual({
      tags: [
        { key: 'a', value: '1' },
        { key: 'b', value: '' },
        { key: 'team', value: 'bread' },
      ],
    });
    expect(await codeartifact('untag-resource', ...group, '--tag-keys', 'a', 'b')).toMatchObject({ code: 0 });
    expect(await show('list-tags-for-resource', ...group)).toEqual({ tags: [{ key: 'team', value: 'bread' }] });
  });

  it('put-domain-permissions-policy with file://', async () => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 'codeartifact:DescribeDomain', Resource: '*' };
    const document = { Version: '2012-10-17', Statement: [statement] };
    writeFileSync(join(cwd, 'policy.json'), `${JSON.stringify(document, null, 2)}\n`);
    const command = 'put-domain-permissions-policy --domain acme --policy-document file://policy.json';
    const put = (await show(command)) as { policy: { revision: string; document: string } };
    expect(put.policy).toMatchObject({ resourceArn: arn('domain/acme'), document: JSON.stringify(document) });
    expect(await show('get-domain-permissions-policy --domain acme')).toEqual(put);
    expect(await show(`${command} --policy-revision ${put.policy.revision}`)).toMatchObject({
      policy: { document: JSON.stringify(document) },
    });
    const stale = await codeartifact(...`${command} --policy-revision stale`.split(' '));
    expect(stale.code).not.toBe(0);
    expect(stale.stderr).toContain('(ConflictException)');
  });

  it('copy-package-versions', async () => {
    const copy =
      'copy-package-versions --domain acme --source-repository app --destination-repository other --format npm';
    expect(await show(`${copy} --package widget --versions 1.1.0 9.9.9`)).toEqual({
      successfulVersions: {},
      failedVersions: {
        '1.1.0': { errorCode: 'SKIPPED', errorMessage: 'Version 1.1.0 was skipped' },
        '9.9.9': { errorCode: 'NOT_FOUND', errorMessage: 'Could not find version 9.9.9' },
      },
    });
    const described = (await show(
      'describe-package-version --domain acme --repository app --format npm --package widget --package-version 1.1.0',
    )) as { packageVersion: { revision: string } };
    const { revision } = described.packageVersion;
    expect(
      await show(`${copy} --package widget`, '--version-revisions', JSON.stringify({ '1.1.0': revision })),
    ).toEqual({
      successfulVersions: { '1.1.0': { revision, status: 'Published' } },
      failedVersions: {},
    });
    expect(await show(`${copy} --namespace team --package gadget --versions 1.0.0`)).toMatchObject({
      successfulVersions: { '1.0.0': { status: 'Published' } },
    });
  });
});
