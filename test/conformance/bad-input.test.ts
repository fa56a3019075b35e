import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Operation, operations } from '../../src/api/operations.ts';
import { loadAwsModel } from '../support/aws-model.ts';
import { account, region } from '../support/user.ts';
import { World } from '../support/world.ts';
import { brokenRequests } from './broken-input.ts';
import { completeInput } from './complete-input.ts';
import { checkRecorded, jsonIn, type RecordedAnswer } from './recorded.ts';
import { seedPackages, seedRepositories } from './seed.ts';
import { sendWire, type WireRequest, wireRequest } from './wire.ts';

const model = loadAwsModel();
const stranger = '999988887777';
let world: World;

beforeAll(async () => {
  world = await World.with(seedRepositories);
  await seedPackages(world);
  await send('CreatePackageGroup', { domain: 'acme', packageGroup: '/npm/*' });
  for (const name of ['PutDomainPermissionsPolicy', 'PutRepositoryPermissionsPolicy']) {
    await send(name, completeInput(operationNamed(name), account));
  }
});
afterAll(() => world[Symbol.asyncDispose]());

function operationNamed(name: string): Operation {
  const operation = operations.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new Error(`no operation ${name}`);
  return operation;
}

/** Sends a request; its answer is checked against AWS's model. */
async function sendChecked(operation: Operation, request: WireRequest): Promise<RecordedAnswer & { json: unknown }> {
  const answer = await sendWire(world.server.url, operation, request);
  if (model !== undefined) checkRecorded(model, [answer]);
  return { ...answer, json: jsonIn(answer.text) };
}

function send(name: string, input: Readonly<Record<string, unknown>>) {
  const operation = operationNamed(name);
  return sendChecked(operation, wireRequest(operation, input));
}

/** All that there is, as anyone can see it. */
async function everything(): Promise<unknown> {
  const domain = { domain: 'acme' };
  const repositories = Object.keys(seedRepositories).map((repository) => ({ ...domain, repository }));
  const widget = { ...domain, repository: 'app', format: 'npm', package: 'widget' };
  const seen = await Promise.all([
    send('ListDomains', {}),
    send('DescribeDomain', domain),
    send('ListRepositories', {}),
    send('ListPackageGroups', domain),
    send('GetDomainPermissionsPolicy', domain),
    ...repositories.map((at) => send('DescribeRepository', at)),
    ...repositories.map((at) => send('ListPackages', at)),
    ...repositories.map((at) => send('GetRepositoryPermissionsPolicy', at)),
    send('ListPackageVersions', widget),
    send('ListTagsForResource', { resourceArn: `arn:aws:codeartifact:${region}:${account}:domain/acme` }),
  ]);
  return seen.map(({ text }) => text);
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Members besides the message; the message too, where AWS's text is known. */
  readonly members: object;
}

const notFound = (members: object): Refusal => ({ status: 404, code: 'ResourceNotFoundException', members });

function accessDenied(operation: string): Refusal {
  const action = `codeartifact:${operation}`;
  const head = `User: \\S+ is not authorized to perform: ${action} on resource: \\S+`;
  const message = expect.stringMatching(`^${head} because no resource-based policy allows the ${action} action$`);
  return { status: 403, code: 'AccessDeniedException', members: { message } };
}

const noDomain = notFound({
  message: `Domain not found. Domain 'missing' owned by account '${account}' does not exist.`,
  resourceType: 'domain',
  resourceId: 'missing',
});
const noRepository = notFound({
  message: `Repository not found. Repository 'missing' in domain 'acme' owned by account '${account}' does not exist.`,
  resourceType: 'repository',
  resourceId: 'missing',
});

function noPackage(name: string): Refusal {
  const message = `The npm package '${name}' does not exist in repository 'app'.`;
  return notFound({ message, resourceType: 'package', resourceId: name });
}

/** Good input that names something which is not there, is not theirs, or is no longer so; with the answer it gets. */
function misplaced({ name, input, resource }: Operation): [string, Readonly<Record<string, unknown>>, Refusal][] {
  const has = (member: string) => input.some((candidate) => candidate.name === member);
  const isNamed = (member: string) => input.some((candidate) => candidate.name === member && candidate.required);
  const cases: [string, Readonly<Record<string, unknown>>, Refusal][] = [];
  const isCreation = (of: string) => name === `Create${of}`;
  if (has('domainOwner')) cases.push(["another account's domain", { domainOwner: stranger }, accessDenied(name)]);
  if (has('domain') && !isCreation('Domain') && name !== 'DeleteDomain') {
    cases.push(['a missing domain', { domain: 'missing' }, noDomain]);
  }
  for (const member of ['repository', 'sourceRepository', 'destinationRepository']) {
    if (!isNamed(member) || isCreation('Repository')) continue;
    cases.push([`a missing ${member}`, { [member]: 'missing' }, noRepository]);
  }
  const makesPackages = name === 'PutPackageOriginConfiguration' || name === 'PublishPackageVersion';
  if (resource === 'package' && !makesPackages) {
    cases.push(['a missing package', { package: 'missing' }, noPackage('missing')]);
    cases.push(['a missing namespace', { namespace: 'other' }, noPackage('@other/widget')]);
  }
  if (isNamed('packageVersion') && !makesPackages) {
    const refusal = notFound({ resourceType: 'package-version', resourceId: '9.9.9' });
    cases.push(['a missing version', { packageVersion: '9.9.9' }, refusal]);
  }
  if (name === 'GetPackageVersionAsset') {
    cases.push(['a missing asset', { asset: 'missing' }, notFound({ resourceType: 'asset', resourceId: 'missing' })]);
  }
  if (has('packageGroup') && !isCreation('PackageGroup')) {
    cases.push(['a missing package group', { packageGroup: '/npm/missing/*' }, notFound({})]);
  }
  if (name === 'DisassociateExternalConnection') {
    cases.push(['a connection that is not there', {}, notFound({ resourceType: 'repository', resourceId: 'app' })]);
  }
  if (has('policyRevision')) {
    const held = has('repository') ? { resourceType: 'repository', resourceId: 'app' } : { resourceType: 'domain' };
    cases.push([
      'a stale revision',
      { policyRevision: 'stale' },
      { status: 409, code: 'ConflictException', members: held },
    ]);
  }
  if (resource === 'arn') cases.push(...misplacedArns(name));
  return cases;
}

function misplacedArns(operation: string): [string, Readonly<Record<string, unknown>>, Refusal][] {
  const arn = (path: string, owner = account, at = region) => ({
    resourceArn: `arn:aws:codeartifact:${at}:${owner}:${path}`,
  });
  const malformed: Refusal = { status: 400, code: 'ValidationException', members: { reason: 'OTHER' } };
  return [
    ["another account's domain", arn('domain/acme', stranger), accessDenied(operation)],
    ['a missing domain', arn('domain/missing'), noDomain],
    ['another region', arn('domain/acme', account, 'us-west-2'), notFound({ resourceType: 'domain' })],
    ['a missing repository', arn('repository/acme/missing'), noRepository],
    ['a missing package group', arn('package-group/acme/npm/missing/%2a'), notFound({})],
    ['a package', arn('package/acme/app/npm//widget'), malformed],
    ['no ARN at all', { resourceArn: 'acme' }, malformed],
  ];
}

describe.each(operations)('$name', (operation) => {
  const { name } = operation;
  const good = completeInput(operation, account);

  it('tells input against the model, and misplaced input, and changes nothing', async () => {
    const before = await everything();

    for (const { title, request, reason, says } of brokenRequests(operation, good)) {
      const { status, headers, json } = await sendChecked(operation, request);
      expect({ title, status, code: headers['x-amzn-errortype'], json }).toEqual({
        title,
        status: 400,
        code: 'ValidationException',
        json: { message: expect.stringContaining(says), reason },
      });
    }

    for (const [title, change, expected] of misplaced(operation)) {
      const { status, headers, json } = await sendChecked(operation, wireRequest(operation, { ...good, ...change }));
      expect({ title, status, code: headers['x-amzn-errortype'], json }).toMatchObject({
        title,
        status: expected.status,
        code: expected.code,
        json: { message: expect.stringMatching(/./), ...expected.members },
      });
    }

    expect(await everything(), `${name} changed something`).toEqual(before);
  });
});

describe('What names no error', () => {
  it('DeleteDomain of a missing domain', async () => {
    expect(await send('DeleteDomain', { domain: 'missing' })).toMatchObject({ status: 200, json: {} });
  });

  it.each(['DeletePackageVersions', 'DisposePackageVersions', 'UpdatePackageVersionsStatus', 'CopyPackageVersions'])(
    '%s of a missing version',
    async (name) => {
      const input = { ...completeInput(operationNamed(name), account), versions: ['9.9.9'] };
      expect(await send(name, input)).toMatchObject({
        status: 200,
        json: { successfulVersions: {}, failedVersions: { '9.9.9': { errorCode: 'NOT_FOUND' } } },
      });
    },
  );
});
