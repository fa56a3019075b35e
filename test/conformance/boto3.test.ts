import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operations } from '../../src/api/operations.ts';
import { loadAwsModel, type ServiceModel } from '../support/aws-model.ts';
import { describePython, runPython } from '../support/python.ts';
import { account, region } from '../support/user.ts';
import { World } from '../support/world.ts';
import { completeInput } from './complete-input.ts';
import { checkRecorded, jsonIn, type RecordedAnswer, unprovokedErrors } from './recorded.ts';
import { seedPackages, seedRepositories } from './seed.ts';

interface BotoAnswer extends RecordedAnswer {
  /** What botocore made of it. */
  readonly parsed: Readonly<Record<string, unknown>>;
}

describePython('boto3', ['boto3', 'botocore'], () => {
  const model = loadAwsModel() as ServiceModel;
  let world: World;
  let answers: readonly BotoAnswer[];

  beforeAll(async () => {
    world = await World.with(seedRepositories, {
      quota: { domainsPerAccount: 4, directUpstreams: 2, tagsPerResource: 3, assetBytes: 100_000 },
    });
    await seedPackages(world);
    const inputs = Object.fromEntries(
      operations.map((operation) => [operation.name, completeInput(operation, account)]),
    );
    const program = join(import.meta.dirname, 'conformance.py');
    answers = (await runPython(program, { endpoint: world.server.url, region, account, inputs })) as BotoAnswer[];
  }, 120_000);
  afterAll(() => world[Symbol.asyncDispose]());

  it('drives every operation of the model with success', () => {
    const driven = new Set(answers.filter(({ status }) => status === 200).map(({ operation }) => operation));
    expect([...driven].sort()).toEqual(Object.keys(model.operations).sort());
  });

  it("gets answers that are AWS's, to the letter of the model", () => {
    checkRecorded(model, answers);
  });

  it('loses nothing of them in reading', () => {
    for (const { operation, text, parsed } of answers) {
      const { ResponseMetadata: _, Error: __, ...members } = parsed;
      const inHeaders = headerMembers(model, operation);
      const fromBody = Object.fromEntries(Object.entries(members).filter(([name]) => !inHeaders.has(name)));
      expect({ operation, ...fromBody }).toEqual({ operation, ...(jsonIn(text) as object | undefined) });
    }
  });

  it('meets every declared error but those without an occasion', () => {
    const unmet = unprovokedErrors(model, answers).map((error) => error.split(' '));
    const operationsWithout = (code: string) => unmet.filter(([, each]) => each === code).map(([name]) => name);
    const all = (code: string) =>
      Object.values(model.operations)
        .filter(({ errors }) => errors.some(({ shape }) => shape === code))
        .map(({ name }) => name)
        .sort();
    // A fault of ours, and rates, which are off: see sdk-js.test.ts.
    expect(operationsWithout('InternalServerException')).toEqual(all('InternalServerException'));
    expect(operationsWithout('ThrottlingException')).toEqual(all('ThrottlingException'));
    expect(operationsWithout('ValidationException')).toEqual([]);
    // Everyone may use their own account where there are no permissions.
    expect(operationsWithout('AccessDeniedException')).toEqual(['CreateDomain', 'ListDomains', 'ListRepositories']);
    expect(operationsWithout('ResourceNotFoundException')).toEqual(['CreateDomain']);
    // None of them makes more of anything that has a quota; a second connection is a ValidationException.
    expect(operationsWithout('ServiceQuotaExceededException')).toEqual([
      'AssociateExternalConnection',
      'CopyPackageVersions',
      'DeletePackageGroup',
      'DisassociateExternalConnection',
      'ListAllowedRepositoriesForGroup',
      'PutDomainPermissionsPolicy',
      'PutRepositoryPermissionsPolicy',
      'UpdatePackageGroup',
      'UpdatePackageGroupOriginConfiguration',
    ]);
    // No source tells what triggers these.
    expect(operationsWithout('ConflictException')).toEqual([
      'AssociateExternalConnection',
      'CopyPackageVersions',
      'DeletePackage',
      'DeletePackageGroup',
      'DeletePackageVersions',
      'DeleteRepository',
      'DescribePackageVersion',
      'DisassociateExternalConnection',
      'DisposePackageVersions',
      'GetPackageVersionAsset',
      'UpdatePackageVersionsStatus',
      'UpdateRepository',
    ]);
  });
});

/** The members that an answer has in headers or as bytes. */
function headerMembers({ operations, shapes }: ServiceModel, operation: string): ReadonlySet<string> {
  const members = Object.entries(shapes[operations[operation]?.output.shape ?? '']?.members ?? {});
  return new Set(members.filter(([, { location }]) => location === 'header').map(([name]) => name));
}
