import {
  DescribePackageVersionCommand,
  GetPackageVersionReadmeCommand,
  ListPackagesCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  UpdatePackageVersionsStatusCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formOf, formType } from '../support/pypi.ts';
import { sdistFile, uploadParts, wheelFile } from '../support/pypi-user.ts';
import { PypiWorld } from '../support/pypi-world.ts';

let world: PypiWorld;
beforeAll(async () => {
  world = await PypiWorld.with({ team: [] });
});
afterAll(() => world[Symbol.asyncDispose]());

const team = () => world.pypi('team');
const at = (name: string, packageVersion: string) =>
  ({ domain: 'acme', repository: 'team', format: 'pypi', package: name, packageVersion }) as const;

describe('POST to the endpoint', () => {
  it('publishes a wheel, which the page lists and gives out', async () => {
    const file = wheelFile('demo', '1.0');
    const response = await team().upload('demo', '1.0', file);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await team().files('demo')).toEqual([file.fileName]);
    const bytes = Buffer.from(await (await team().download('demo', file.fileName)).arrayBuffer());
    expect(bytes.equals(file.bytes)).toBe(true);
  });

  it('serves the endpoint without its last slash as well, and never redirects', async () => {
    const user = world.pypi('team');
    const address = user.endpoint.slice(0, -1);
    const response = await fetch(address, {
      method: 'POST',
      redirect: 'error',
      headers: {
        authorization: `Basic ${Buffer.from(`aws:${world.token}`).toString('base64')}`,
        'content-type': formType,
      },
      body: formOf(uploadParts('slashless', '1.0', wheelFile('slashless', '1.0'))) as Buffer<ArrayBuffer>,
    });
    expect(response.status).toBe(200);
    expect(await world.held('team', 'slashless')).toEqual(['1.0']);
  });

  it('takes the files of a version in any order and at any time', async () => {
    const [sdist, first, second] = [
      await sdistFile('many', '2.0'),
      wheelFile('many', '2.0'),
      wheelFile('many', '2.0', [], '1'),
    ];
    for (const file of [second, sdist, first]) expect((await team().upload('many', '2.0', file)).status).toBe(200);
    expect(await team().files('many')).toEqual([first, second, sdist].map(({ fileName }) => fileName).sort());
    expect(await world.held('team', 'many')).toEqual(['2.0']);
  });

  it('puts every spelling of a name and of a version in one place', async () => {
    const wheel = wheelFile('Spelled.Name', '1.0');
    const sdist = await sdistFile('Spelled.Name', '1.0.0');
    expect((await team().upload('Spelled.Name', '1.0', wheel)).status).toBe(200);
    expect((await team().upload('spelled_name', '1.0.0', sdist)).status).toBe(200);
    expect(await team().files('spelled-name')).toEqual([sdist.fileName, wheel.fileName].sort());
    expect(await world.held('team', 'spelled-name')).toEqual(['1.0']);
    const { packageVersion } = await world.aws.send(new DescribePackageVersionCommand(at('spelled-name', '1.0')));
    expect(packageVersion?.displayName).toBe('Spelled.Name');
  });

  it('is a success when the file is there already, and a 409 that says why when its bytes differ', async () => {
    const file = wheelFile('again', '1.0');
    for (const _ of [1, 2]) expect((await team().upload('again', '1.0', file)).status).toBe(200);
    const other = { ...file, bytes: wheelFile('again', '1.0', ['Summary: another']).bytes };
    const response = await team().upload('again', '1.0', other);
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({ message: expect.stringContaining('other content') });
    expect(response.statusText).toContain('other content');
    const bytes = Buffer.from(await (await team().download('again', file.fileName)).arrayBuffer());
    expect(bytes.equals(file.bytes)).toBe(true);
  });

  it('lets one of several uploads of a file at once win, and all of those with the same bytes succeed', async () => {
    const file = wheelFile('race', '1.0');
    const other = { ...file, bytes: wheelFile('race', '1.0', ['Summary: another']).bytes };
    const statuses = await Promise.all(
      [file, other, file, other, file, other].map(async (each) => (await team().upload('race', '1.0', each)).status),
    );
    const won = Buffer.from(await (await team().download('race', file.fileName)).arrayBuffer());
    const winners = won.equals(file.bytes) ? [200, 409] : [409, 200];
    expect(statuses).toEqual([...winners, ...winners, ...winners]);
  });

  it('lets one of two uploads of a file at once win, also when they spell the version differently', async () => {
    const file = wheelFile('drift', '1.0');
    const other = { ...file, bytes: wheelFile('drift', '1.0.0', ['Summary: another']).bytes };
    const responses = await Promise.all([
      team().upload('drift', '1.0', file),
      team().upload('drift', '1.0.0', other),
      team().upload('drift', '1.0', file),
    ]);
    const won = Buffer.from(await (await team().download('drift', file.fileName)).arrayBuffer());
    const statuses = won.equals(file.bytes) ? [200, 409, 200] : [409, 200, 409];
    expect(responses.map(({ status }) => status)).toEqual(statuses);
    expect(await world.held('team', 'drift')).toHaveLength(1);
  });

  it('keeps all of several files of a new version that come at once', async () => {
    const files = [
      await sdistFile('herd', '1.0'),
      ...['', '1', '2', '3'].map((build) => wheelFile('herd', '1.0', [], build)),
    ];
    const spellings = ['1.0', '1.0', '1.0.0', 'v1', '1.0'];
    const responses = await Promise.all(files.map((file, n) => team().upload('herd', spellings[n] ?? '', file)));
    expect(responses.map(({ status }) => status)).toEqual(files.map(() => 200));
    expect(await team().files('herd')).toEqual(files.map(({ fileName }) => fileName).sort());
    expect(await world.held('team', 'herd')).toHaveLength(1);
  });

  it('takes local versions and epochs', async () => {
    const [local, epoch] = [wheelFile('torch', '2.0.0+cu118'), wheelFile('torch', '1!2.0')];
    expect((await team().upload('torch', '2.0.0+cu118', local)).status).toBe(200);
    expect((await team().upload('torch', '1!2.0', epoch)).status).toBe(200);
    for (const { fileName } of [local, epoch]) expect((await team().download('torch', fileName)).status).toBe(200);
    // As lock files have it: in a path, a plus is a plus.
    const plain = await team().fetch('simple/torch/2.0.0+cu118/torch-2.0.0+cu118-py3-none-any.whl');
    expect(plain.status).toBe(200);
  });

  it.each(['simple/', 'simple'])('at %s is a 405 that names the right address', async (path) => {
    const response = await team().post(uploadParts('astray', '1.0', wheelFile('astray', '1.0')), path);
    expect(response.status).toBe(405);
    expect((await response.json()) as object).toEqual({ message: expect.stringContaining(team().endpoint) });
    expect(await world.held('team', 'astray')).toEqual([]);
  });

  it('takes no more files of a version that is not Published', async () => {
    await team().upload('archived', '1.0', wheelFile('archived', '1.0'));
    const { packageVersion: _, ...name } = at('archived', '1.0');
    await world.aws.send(
      new UpdatePackageVersionsStatusCommand({ ...name, versions: ['1.0'], targetStatus: 'Archived' }),
    );
    expect((await team().upload('archived', '1.0', await sdistFile('archived', '1.0'))).status).toBe(409);
  });
});

describe('What the API says of an upload', () => {
  const headers = [
    'Summary: Says hello',
    'Home-page: https://demo.example/',
    'Project-URL: Source, https://code.example/demo',
    'License-Expression: MIT',
    'Requires-Python: >=3.8',
    'Requires-Dist: requests[socks] (>=2.8,<3) ; python_version < "4"',
    'Requires-Dist: Typing.Extensions',
  ];
  beforeAll(async () => {
    await team().upload('Described', '3.1', wheelFile('Described', '3.1', headers));
    await team().upload('Described', '3.1', await sdistFile('Described', '3.1'));
  });

  it('is what its metadata says', async () => {
    const { packageVersion } = await world.aws.send(new DescribePackageVersionCommand(at('described', '3.1')));
    expect(packageVersion).toMatchObject({
      format: 'pypi',
      packageName: 'described',
      displayName: 'Described',
      version: '3.1',
      summary: 'Says hello',
      homePage: 'https://demo.example/',
      sourceCodeRepository: 'https://code.example/demo',
      licenses: [{ name: 'MIT' }],
      status: 'Published',
      origin: { originType: 'INTERNAL', domainEntryPoint: { repositoryName: 'team' } },
    });
  });

  it('lists its dependencies, its files with their hashes, and its readme', async () => {
    const { dependencies } = await world.aws.send(new ListPackageVersionDependenciesCommand(at('described', '3.1')));
    expect(dependencies).toEqual([
      { package: 'requests', dependencyType: 'Requires-Dist', versionRequirement: '>=2.8,<3' },
      { package: 'typing-extensions', dependencyType: 'Requires-Dist' },
    ]);
    const { assets = [] } = await world.aws.send(new ListPackageVersionAssetsCommand(at('described', '3.1')));
    const page = await team().page('described');
    expect(assets.map(({ name, size, hashes }) => [name, size, hashes?.['SHA-256']])).toEqual(
      page['files'].map((file: { filename: string; size: number; hashes: { sha256: string } }) => [
        file.filename,
        file.size,
        file.hashes.sha256,
      ]),
    );
    const { readme } = await world.aws.send(new GetPackageVersionReadmeCommand(at('described', '3.1')));
    expect(readme).toBe('# Described');
  });

  it('is of normalized names only', async () => {
    const described = world.aws.send(new DescribePackageVersionCommand(at('Described', '3.1')));
    await expect(described).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("'described'"),
    });
    const { packages = [] } = await world.aws.send(
      new ListPackagesCommand({ domain: 'acme', repository: 'team', format: 'pypi', packagePrefix: 'described' }),
    );
    expect(packages.map((each) => each.package)).toEqual(['described']);
  });
});
