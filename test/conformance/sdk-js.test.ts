import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codeartifact';
import {
  AccessDeniedException,
  AssociateExternalConnectionCommand,
  type CodeartifactClient,
  ConflictException,
  CopyPackageVersionsCommand,
  CreateDomainCommand,
  CreatePackageGroupCommand,
  CreateRepositoryCommand,
  DeleteDomainCommand,
  DeleteDomainPermissionsPolicyCommand,
  DeletePackageCommand,
  DeletePackageGroupCommand,
  DeletePackageVersionsCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPermissionsPolicyCommand,
  DescribeDomainCommand,
  DescribePackageCommand,
  DescribePackageGroupCommand,
  DescribePackageVersionCommand,
  DescribeRepositoryCommand,
  DisassociateExternalConnectionCommand,
  DisposePackageVersionsCommand,
  GetAssociatedPackageGroupCommand,
  GetAuthorizationTokenCommand,
  GetDomainPermissionsPolicyCommand,
  GetPackageVersionAssetCommand,
  GetPackageVersionReadmeCommand,
  GetRepositoryEndpointCommand,
  GetRepositoryPermissionsPolicyCommand,
  ListAllowedRepositoriesForGroupCommand,
  ListAssociatedPackagesCommand,
  ListDomainsCommand,
  ListPackageGroupsCommand,
  ListPackagesCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  ListPackageVersionsCommand,
  ListRepositoriesCommand,
  ListRepositoriesInDomainCommand,
  ListSubPackageGroupsCommand,
  ListTagsForResourceCommand,
  PublishPackageVersionCommand,
  PutDomainPermissionsPolicyCommand,
  PutPackageOriginConfigurationCommand,
  PutRepositoryPermissionsPolicyCommand,
  paginateListPackageVersions,
  paginateListRepositories,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  TagResourceCommand,
  ThrottlingException,
  UntagResourceCommand,
  UpdatePackageGroupCommand,
  UpdatePackageGroupOriginConfigurationCommand,
  UpdatePackageVersionsStatusCommand,
  UpdateRepositoryCommand,
  ValidationException,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAwsModel } from '../support/aws-model.ts';
import { startServer } from '../support/server.ts';
import { account, awsClient, region } from '../support/user.ts';
import { World } from '../support/world.ts';
import { captureAnswers } from './capture.ts';
import { checkRecorded, type RecordedAnswer } from './recorded.ts';
import { seedPackages, seedRepositories } from './seed.ts';

const model = loadAwsModel();
const answers: RecordedAnswer[] = [];
let world: World;
let aws: CodeartifactClient;

beforeAll(async () => {
  const quota = { domainsPerAccount: 2, directUpstreams: 2, tagsPerResource: 3 };
  world = await World.with(seedRepositories, { quota });
  await seedPackages(world);
  aws = world.aws;
  captureAnswers(aws, answers);
});
afterAll(() => world[Symbol.asyncDispose]());

const domain = 'acme';
const shop = { domain, repository: 'shop' };
const app = { domain, repository: 'app' };
const widget = { ...app, format: 'npm', package: 'widget' } as const;
const notes = { ...app, format: 'generic', namespace: 'team', package: 'notes' } as const;
const arn = (resource: string) => `arn:aws:codeartifact:${region}:${account}:${resource}`;
const team = { domain, packageGroup: '/npm/team/*' };

function asset(name: string, content: string) {
  const assetSHA256 = createHash('sha256').update(content).digest('hex');
  return { packageVersion: '1.0', assetName: name, assetContent: Buffer.from(content), assetSHA256 };
}

/** The exception that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

// A journey: each story goes on where the one before ended.
describe('the AWS SDK for JavaScript', () => {
  it('makes, describes and lists domains and repositories', async () => {
    const tags = [{ key: 'team', value: 'bread' }];
    await aws.send(new CreateDomainCommand({ domain: 'bakery', tags }));
    const { domain: bakery } = await aws.send(new DescribeDomainCommand({ domain: 'bakery' }));
    expect(bakery).toMatchObject({ name: 'bakery', owner: account, status: 'Active', createdTime: expect.any(Date) });
    const { domains } = await aws.send(new ListDomainsCommand({}));
    expect(domains?.map(({ name }) => name)).toEqual(['acme', 'bakery']);

    const upstreams = [{ repositoryName: 'shared' }, { repositoryName: 'base' }];
    const made = await aws.send(new CreateRepositoryCommand({ ...shop, description: 'Our shop', upstreams }));
    expect(made.repository).toMatchObject({ arn: arn('repository/acme/shop'), upstreams, externalConnections: [] });
    expect(await aws.send(new DescribeRepositoryCommand(shop))).toMatchObject({ repository: made.repository });
    const cleared = await aws.send(new UpdateRepositoryCommand({ ...shop, upstreams: [] }));
    expect(cleared.repository).toMatchObject({ description: 'Our shop', upstreams: [] });
    const connection = { ...shop, externalConnection: 'public:npmjs' };
    const connected = await aws.send(new AssociateExternalConnectionCommand(connection));
    expect(connected.repository?.externalConnections).toMatchObject([{ packageFormat: 'npm', status: 'AVAILABLE' }]);
    const apart = await aws.send(new DisassociateExternalConnectionCommand(connection));
    expect(apart.repository?.externalConnections).toEqual([]);
    const own = await aws.send(new ListRepositoriesCommand({ repositoryPrefix: 'sh' }));
    const inDomain = await aws.send(new ListRepositoriesInDomainCommand({ domain, repositoryPrefix: 'sh' }));
    expect([own, inDomain].map(({ repositories }) => repositories?.map(({ name }) => name))).toEqual([
      ['shared', 'shop'],
      ['shared', 'shop'],
    ]);
    const endpoint = await aws.send(new GetRepositoryEndpointCommand({ ...shop, format: 'npm' }));
    expect(endpoint.repositoryEndpoint).toBe(`${world.server.url}/d/${region}/acme-${account}/npm/shop/`);
  });

  it('gets a token whose end is a Date', async () => {
    const token = await aws.send(new GetAuthorizationTokenCommand({ domain, durationSeconds: 900 }));
    expect(token).toMatchObject({ authorizationToken: expect.any(String), expiration: expect.any(Date) });
  });

  it('sets and reads policies and tags', async () => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 'codeartifact:DescribeDomain', Resource: '*' };
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const { policy } = await aws.send(new PutDomainPermissionsPolicyCommand({ domain, policyDocument }));
    expect(policy).toMatchObject({ resourceArn: arn('domain/acme'), document: policyDocument });
    expect(await aws.send(new GetDomainPermissionsPolicyCommand({ domain }))).toMatchObject({ policy });
    const stale = { domain, policyDocument, policyRevision: 'stale' };
    expect(await refusal(aws.send(new PutDomainPermissionsPolicyCommand(stale)))).toBeInstanceOf(ConflictException);
    expect(await aws.send(new DeleteDomainPermissionsPolicyCommand({ domain }))).toMatchObject({ policy });

    const ofShop = await aws.send(new PutRepositoryPermissionsPolicyCommand({ ...shop, policyDocument }));
    expect(await aws.send(new GetRepositoryPermissionsPolicyCommand(shop))).toMatchObject({ policy: ofShop.policy });
    expect(await aws.send(new DeleteRepositoryPermissionsPolicyCommand(shop))).toMatchObject({ policy: ofShop.policy });

    const resource = { resourceArn: arn('repository/acme/shop') };
    const tags = [{ key: 'a', value: '' }];
    await aws.send(new TagResourceCommand({ ...resource, tags }));
    expect(await aws.send(new ListTagsForResourceCommand(resource))).toMatchObject({ tags });
    await aws.send(new UntagResourceCommand({ ...resource, tagKeys: ['a'] }));
    expect(await aws.send(new ListTagsForResourceCommand(resource))).toMatchObject({ tags: [] });
  });

  it('reads packages and versions', async () => {
    const { packages } = await aws.send(new ListPackagesCommand(app));
    expect(packages?.map((item) => [item.namespace, item.package])).toEqual([
      ['team', 'gadget'],
      [undefined, 'gizmo'],
      [undefined, 'widget'],
    ]);
    expect(await aws.send(new DescribePackageCommand(widget))).toMatchObject({ package: { name: 'widget' } });
    const listed = await aws.send(new ListPackageVersionsCommand({ ...widget, sortBy: 'PUBLISHED_TIME' }));
    expect(listed).toMatchObject({ defaultDisplayVersion: '2.0.0', package: 'widget' });
    expect(listed.versions?.map(({ version }) => version)).toEqual(['2.0.0', '1.1.0', '1.0.0']);
    const one = { ...widget, packageVersion: '1.0.0' };
    const { packageVersion } = await aws.send(new DescribePackageVersionCommand(one));
    expect(packageVersion).toMatchObject({ summary: 'A widget', publishedTime: expect.any(Date), status: 'Published' });
    expect(await aws.send(new GetPackageVersionReadmeCommand(one))).toMatchObject({ readme: '# Widget' });
    const { dependencies } = await aws.send(new ListPackageVersionDependenciesCommand(one));
    expect(dependencies).toHaveLength(4);
    const { assets } = await aws.send(new ListPackageVersionAssetsCommand(one));
    const got = await aws.send(new GetPackageVersionAssetCommand({ ...one, asset: 'package.tgz' }));
    const bytes = await got.asset?.transformToByteArray();
    expect(assets).toMatchObject([{ name: 'package.tgz', size: bytes?.length }]);
    expect(got).toMatchObject({ assetName: 'package.tgz', packageVersionRevision: packageVersion?.revision });
  });

  it('publishes, copies, archives, disposes of and deletes versions', async () => {
    const first = await aws.send(
      new PublishPackageVersionCommand({ ...notes, ...asset('a.txt', 'a'), unfinished: true }),
    );
    expect(first).toMatchObject({ status: 'Unfinished', asset: { name: 'a.txt', size: 1 } });
    const last = await aws.send(new PublishPackageVersionCommand({ ...notes, ...asset('b.txt', 'b') }));
    expect(last).toMatchObject({ status: 'Published' });
    const { repository: _, ...coordinate } = notes;
    const copy = { ...coordinate, sourceRepository: 'app', destinationRepository: 'shop', versions: ['1.0'] };
    const successfulVersions = { '1.0': { revision: last.versionRevision, status: 'Published' } };
    expect(await aws.send(new CopyPackageVersionsCommand(copy))).toMatchObject({
      successfulVersions,
      failedVersions: {},
    });
    const versions = ['1.0', '9.9'];
    const update = { ...notes, versions, targetStatus: 'Archived' } as const;
    expect((await aws.send(new UpdatePackageVersionsStatusCommand(update))).failedVersions).toMatchObject({
      '1.0': { errorCode: 'SKIPPED' },
      '9.9': { errorCode: 'NOT_FOUND' },
    });
    const archived = await aws.send(new UpdatePackageVersionsStatusCommand({ ...update, versions: ['1.0'] }));
    expect(archived.successfulVersions).toMatchObject({ '1.0': { status: 'Archived' } });
    const disposed = await aws.send(new DisposePackageVersionsCommand({ ...notes, versions: ['1.0'] }));
    expect(disposed.successfulVersions).toMatchObject({ '1.0': { status: 'Disposed' } });
    const deleted = await aws.send(new DeletePackageVersionsCommand({ ...notes, versions: ['1.0'] }));
    expect(deleted.successfulVersions).toMatchObject({ '1.0': { status: 'Deleted' } });
    const restrictions = { publish: 'BLOCK', upstream: 'BLOCK' } as const;
    const put = await aws.send(new PutPackageOriginConfigurationCommand({ ...notes, restrictions }));
    expect(put.originConfiguration).toEqual({ restrictions });
    const blocked = aws.send(new PublishPackageVersionCommand({ ...notes, ...asset('a.txt', 'a') }));
    expect(await refusal(blocked)).toBeInstanceOf(AccessDeniedException);
    expect(await aws.send(new DeletePackageCommand(notes))).toMatchObject({ deletedPackage: { package: 'notes' } });
  });

  it('makes, restricts, lists and deletes package groups', async () => {
    await aws.send(new CreatePackageGroupCommand({ ...team, description: 'Ours' }));
    await aws.send(new UpdatePackageGroupCommand({ ...team, contactInfo: 'team@acme.example' }));
    const { packageGroup } = await aws.send(new DescribePackageGroupCommand(team));
    expect(packageGroup).toMatchObject({ description: 'Ours', contactInfo: 'team@acme.example' });
    const restriction = { originRestrictionType: 'PUBLISH' } as const;
    const change = await aws.send(
      new UpdatePackageGroupOriginConfigurationCommand({
        ...team,
        restrictions: { PUBLISH: 'ALLOW_SPECIFIC_REPOSITORIES' },
        addAllowedRepositories: [{ ...restriction, repositoryName: 'app' }],
      }),
    );
    expect(change.allowedRepositoryUpdates).toEqual({ PUBLISH: { ADDED: ['app'] } });
    const allowed = await aws.send(new ListAllowedRepositoriesForGroupCommand({ ...team, ...restriction }));
    expect(allowed.allowedRepositories).toEqual(['app']);
    const gadget = { domain, format: 'npm', namespace: 'team', package: 'gadget' } as const;
    expect(await aws.send(new GetAssociatedPackageGroupCommand(gadget))).toMatchObject({
      packageGroup: { pattern: '/npm/team/*' },
      associationType: 'STRONG',
    });
    const { packages } = await aws.send(new ListAssociatedPackagesCommand(team));
    expect(packages).toMatchObject([{ package: 'gadget' }]);
    const all = await aws.send(new ListPackageGroupsCommand({ domain }));
    const below = await aws.send(new ListSubPackageGroupsCommand({ domain, packageGroup: '/*' }));
    expect([all, below].map(({ packageGroups }) => packageGroups?.map(({ pattern }) => pattern))).toEqual([
      ['/*', '/npm/team/*'],
      ['/npm/team/*'],
    ]);
    expect(await aws.send(new DeletePackageGroupCommand(team))).toMatchObject({
      packageGroup: { description: 'Ours' },
    });
  });

  it('pages through lists', async () => {
    const names: (string | undefined)[] = [];
    for await (const { repositories = [] } of paginateListRepositories({ client: aws, pageSize: 2 }, {})) {
      names.push(...repositories.map(({ name }) => name));
    }
    expect(names).toEqual(['app', 'base', 'other', 'public', 'shared', 'shop']);
    const pages: unknown[] = [];
    for await (const { versions } of paginateListPackageVersions({ client: aws, pageSize: 1 }, widget)) {
      pages.push(versions?.map(({ version }) => version));
    }
    expect(pages).toEqual([['1.0.0'], ['1.1.0'], ['2.0.0']]);
  });

  it.each([
    [
      'a repository that is not there',
      ResourceNotFoundException,
      404,
      () => new DescribeRepositoryCommand({ domain, repository: 'nowhere' }),
      { resourceType: 'repository', resourceId: 'nowhere' },
    ],
    [
      'a version that is not there',
      ResourceNotFoundException,
      404,
      () => new DescribePackageVersionCommand({ ...widget, packageVersion: '9.9.9' }),
      { resourceType: 'package-version', resourceId: '9.9.9' },
    ],
    [
      'a domain that is there already',
      ConflictException,
      409,
      () => new CreateDomainCommand({ domain }),
      { resourceType: 'domain', resourceId: 'acme' },
    ],
    [
      'one domain too many',
      ServiceQuotaExceededException,
      402,
      () => new CreateDomainCommand({ domain: 'third' }),
      { resourceType: 'domain', resourceId: 'third' },
    ],
    [
      'a name against its pattern',
      ValidationException,
      400,
      () => new CreateDomainCommand({ domain: 'UPPER' }),
      { reason: 'FIELD_VALIDATION_FAILED' },
    ],
    [
      'a key that is none',
      ValidationException,
      400,
      () => new CreateDomainCommand({ domain: 'third', encryptionKey: 'aws/codeartifact' }),
      { reason: 'ENCRYPTION_KEY_ERROR' },
    ],
    [
      'a token of no list',
      ValidationException,
      400,
      () => new ListDomainsCommand({ nextToken: 'nonsense' }),
      { message: 'Error de-serializing the token.', reason: 'FIELD_VALIDATION_FAILED' },
    ],
    [
      'a repository as its own upstream',
      ValidationException,
      400,
      () => new UpdateRepositoryCommand({ ...shop, upstreams: [{ repositoryName: 'shop' }] }),
      { reason: 'OTHER' },
    ],
    [
      "another account's domain",
      AccessDeniedException,
      403,
      () => new DescribeDomainCommand({ domain, domainOwner: '999988887777' }),
      {
        message: expect.stringMatching(
          /^User: arn:aws:iam::.* is not authorized to perform: codeartifact:DescribeDomain/,
        ),
      },
    ],
  ])('throws the exception of its own for %s', async (_what, exception, status, command, members) => {
    const error = await refusal(aws.send(command() as DescribeDomainCommand));
    expect(error).toBeInstanceOf(exception);
    expect(error).toMatchObject({ ...members, $metadata: { httpStatusCode: status, requestId: expect.any(String) } });
  });

  it('deletes repositories and domains', async () => {
    expect(await refusal(aws.send(new DeleteDomainCommand({ domain })))).toMatchObject({
      name: 'ConflictException',
      message: 'Domain must contain 0 repositories before deletion',
    });
    expect(await aws.send(new DeleteRepositoryCommand(shop))).toMatchObject({ repository: { name: 'shop' } });
    expect(await aws.send(new DeleteDomainCommand({ domain: 'bakery' }))).toMatchObject({
      domain: { status: 'Deleted' },
    });
  });

  it('has sent every command there is', () => {
    const commands = Object.keys(sdk).filter((name) => /^[A-Z].*Command$/.test(name));
    const sent = answers.filter(({ status }) => status === 200).map(({ operation }) => `${operation}Command`);
    expect([...new Set(sent)].sort()).toEqual(commands.sort());
  });

  it.skipIf(model === undefined)("got answers that are AWS's, to the letter of the model", () => {
    if (model !== undefined) checkRecorded(model, answers);
  });
});

describe('the AWS SDK for JavaScript, throttled', () => {
  const limited = ['CopyPackageVersions', 'PublishPackageVersion', 'GetPackageVersionAsset', 'GetAuthorizationToken'];
  const lists = ['ListPackages', 'ListPackageVersions', 'ListPackageVersionAssets'];

  it('is told when to come again', async () => {
    const rate = Object.fromEntries([...limited, ...lists].map((operation) => [operation, 1]));
    await using server = await startServer({ throttle: true, rate });
    const client = awsClient(server.url);
    const seen: RecordedAnswer[] = [];
    captureAnswers(client, seen);
    const one = { ...widget, packageVersion: '1.0.0' };
    const { repository: _, ...coordinate } = widget;
    const commands = [
      () => new CopyPackageVersionsCommand({ ...coordinate, sourceRepository: 'app', destinationRepository: 'base' }),
      () => new PublishPackageVersionCommand({ ...notes, ...asset('a.txt', 'a') }),
      () => new GetPackageVersionAssetCommand({ ...one, asset: 'package.tgz' }),
      () => new GetAuthorizationTokenCommand({ domain }),
      () => new ListPackagesCommand(app),
      () => new ListPackageVersionsCommand(widget),
      () => new ListPackageVersionAssetsCommand(one),
    ];
    for (const command of commands) {
      // The first one counts, whatever its answer is.
      await refusal(client.send(command() as GetAuthorizationTokenCommand));
      const error = await refusal(client.send(command() as GetAuthorizationTokenCommand));
      expect(error).toBeInstanceOf(ThrottlingException);
      expect(error).toMatchObject({ retryAfterSeconds: 1, $metadata: { httpStatusCode: 429 } });
    }
    if (model !== undefined) checkRecorded(model, seen);
    client.destroy();
  });
});
