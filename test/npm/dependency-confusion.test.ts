import {
  CreatePackageGroupCommand,
  DeletePackageVersionsCommand,
  DescribePackageCommand,
  ListPackageVersionsCommand,
  PutPackageOriginConfigurationCommand,
  UpdatePackageGroupOriginConfigurationCommand,
} from '@aws-sdk/client-codeartifact';
import { maxSatisfying } from 'semver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../support/clock.ts';
import { jsonOf } from '../support/user.ts';
import { type RepositorySketches, World } from '../support/world.ts';

/**
 * The company's repositories: the public registry comes in through `store`, internal packages are published to
 * `shared`, and a team works with `team`, which sees both.
 */
const usual = { store: 'public:npmjs', shared: ['store'], team: ['shared'] } as const;
let company: World;
let clock: TestClock;

async function found(repositories: RepositorySketches): Promise<void> {
  clock = new TestClock();
  company = await World.with(repositories, {}, { clock });
}

beforeEach(() => found(usual));
afterEach(() => company[Symbol.asyncDispose]());

const secret = 'acme-billing';
const ours = { 'index.js': 'module.exports = "ours";\n' };
const evil = { 'index.js': 'require("child_process");\n' };

/** Someone of the company publishes a version of an internal package. */
const employee = {
  publishes: async (repository: string, version: string, name = secret) =>
    (await company.npm(repository).publish({ name, version, files: ours })).status,
};

/** Someone who has learned the name puts a version of it on the public registry. */
const attacker = {
  async publishes(version: string, name = secret): Promise<void> {
    await company.publicRegistry.publish({ name, version, files: evil, manifest: { scripts: { install: 'node .' } } });
    // Whatever is remembered of the public registry is old by the time the attack is to show.
    clock.ahead += 10 * 60_000;
  },
};

/** What a package manager makes of what it is told. */
const client = {
  /** The versions it chooses among; none where the package is not there. */
  async choices(repository: string, name = secret): Promise<string[]> {
    const found = new Set<string>();
    for (const accept of ['application/json', 'application/vnd.npm.install-v1+json']) {
      const response = await company.npm(repository).fetch(name, { headers: { accept } });
      if (response.status !== 200) continue;
      const { versions, time = {} } = await jsonOf(response);
      for (const version of [...Object.keys(versions), ...Object.keys(time)]) found.add(version);
    }
    return [...found].filter((version) => version !== 'created' && version !== 'modified').sort();
  },

  /** `npm install name@latest`, `name@^1`, `name@*` …: the version it would install. */
  async installs(repository: string, wanted: string, name = secret): Promise<string | undefined> {
    const response = await company.npm(repository).fetch(name);
    if (response.status !== 200) return undefined;
    const { versions, 'dist-tags': tags } = await jsonOf(response);
    expect(await company.npm(repository).json(`-/package/${name}/dist-tags`)).toEqual(tags);
    return tags[wanted] ?? maxSatisfying(Object.keys(versions), wanted) ?? undefined;
  },

  /** The status of an exact tarball's address, as in a lock file. */
  async fetches(repository: string, version: string, name = secret): Promise<number> {
    const response = await company.npm(repository).fetch(`${name}/-/${name}-${version}.tgz`);
    await response.arrayBuffer();
    return response.status;
  },
};

const where = (repository: string, name: string) => ({
  domain: company.domain,
  repository,
  format: 'npm' as const,
  package: name,
});

/** Versions that a repository holds, by where they are from. */
async function holds(repository: string, originType: 'INTERNAL' | 'EXTERNAL', name = secret): Promise<string[]> {
  const input = { ...where(repository, name), originType };
  const answer = await company.aws.send(new ListPackageVersionsCommand(input)).catch(() => undefined);
  return (answer?.versions ?? []).map(({ version }) => version ?? '');
}

/** Nobody of the company can get this version, asked for in whatever way, and none of it is kept anywhere. */
async function isOutOfReach(version: string, name = secret, repositories = ['shared', 'team']): Promise<void> {
  for (const repository of repositories) {
    expect(await client.choices(repository, name), repository).not.toContain(version);
    for (const wanted of ['latest', '*', '>=0', version, `^${version}`, `>=${version}`]) {
      expect(await client.installs(repository, wanted, name), `${name}@${wanted} at ${repository}`).not.toBe(version);
    }
    expect((await company.npm(repository).fetch(`${name}/${version}`)).status).toBe(404);
    expect(await client.fetches(repository, version, name)).toBe(404);
    expect(await holds(repository, 'EXTERNAL', name)).toEqual([]);
  }
}

const protectByConfiguration = (repository: string, name = secret) =>
  company.aws.send(
    new PutPackageOriginConfigurationCommand({
      ...where(repository, name),
      restrictions: { publish: 'ALLOW', upstream: 'BLOCK' },
    }),
  );

async function protectByGroup(packageGroup: string): Promise<void> {
  await company.aws.send(new CreatePackageGroupCommand({ domain: company.domain, packageGroup }));
  await company.aws.send(
    new UpdatePackageGroupOriginConfigurationCommand({
      domain: company.domain,
      packageGroup,
      restrictions: { EXTERNAL_UPSTREAM: 'BLOCK' },
    }),
  );
}

describe('A private name that an attacker publishes after the company did', () => {
  it("brings nobody the attacker's version, with nothing set up for it", async () => {
    expect(await employee.publishes('shared', '1.0.0')).toBe(200);
    expect(await client.installs('team', 'latest')).toBe('1.0.0');
    for (const version of ['1.0.1', '2.0.0', '99.99.99']) {
      await attacker.publishes(version);
      await isOutOfReach(version);
    }
    expect([await client.installs('team', 'latest'), await client.installs('team', '*')]).toEqual(['1.0.0', '1.0.0']);
  });

  it('stays private when the team has installed it before, and when it installs it afterwards', async () => {
    await employee.publishes('shared', '1.0.0');
    expect(await client.fetches('team', '1.0.0')).toBe(200);
    await attacker.publishes('99.0.0');
    await isOutOfReach('99.0.0');
    expect(await employee.publishes('shared', '1.1.0')).toBe(200);
    expect(await client.installs('team', 'latest')).toBe('1.1.0');
    expect(await client.fetches('team', '1.1.0')).toBe(200);
    await isOutOfReach('99.0.0');
  });

  it("keeps the company's bytes under a number that the attacker takes too", async () => {
    await employee.publishes('shared', '1.0.0');
    const before = (await company.npm('team').json(secret)).versions['1.0.0'].dist.integrity;
    await attacker.publishes('1.0.0');
    expect((await company.npm('team').json(secret)).versions['1.0.0'].dist.integrity).toBe(before);
    expect(await client.fetches('team', '1.0.0')).toBe(200);
    expect([await holds('team', 'INTERNAL'), await holds('team', 'EXTERNAL')]).toEqual([['1.0.0'], []]);
    expect(await employee.publishes('shared', '1.0.1')).toBe(200);
  });

  it('does not even tell the public registry that anyone asks for it', async () => {
    await employee.publishes('shared', '1.0.0');
    clock.ahead += 10 * 60_000;
    company.publicRegistry.requests.length = 0;
    await client.choices('team');
    await client.fetches('team', '1.0.0');
    await client.fetches('team', '2.0.0');
    expect(company.publicRegistry.requests).toEqual([]);
  });

  it('stays private after its only version is deleted: the record remembers', async () => {
    await employee.publishes('shared', '1.0.0');
    await attacker.publishes('99.0.0');
    await company.aws.send(new DeletePackageVersionsCommand({ ...where('shared', secret), versions: ['1.0.0'] }));
    await isOutOfReach('99.0.0');
  });

  it('is private in the repository with the connection as well, if it was published there', async () => {
    await employee.publishes('store', '1.0.0');
    await attacker.publishes('99.0.0');
    await isOutOfReach('99.0.0', secret, ['store', 'shared', 'team']);
    expect(await client.installs('team', 'latest')).toBe('1.0.0');
  });
});

describe('A public package that the company uses', () => {
  it('is not published to by mistake: the first version that came from outside closes the name to publishing', async () => {
    await company.publicRegistry.publish({ name: 'left-pad', version: '1.0.0' });
    expect(await client.fetches('team', '1.0.0', 'left-pad')).toBe(200);
    const described = await company.aws.send(new DescribePackageCommand(where('team', 'left-pad')));
    expect(described.package?.originConfiguration?.restrictions).toEqual({ publish: 'BLOCK', upstream: 'ALLOW' });
    expect(await employee.publishes('team', '2.0.0', 'left-pad')).toBe(403);
    await company.publicRegistry.publish({ name: 'other-pad', version: '1.0.0' });
    expect(await employee.publishes('team', '1.0.0', 'other-pad')).toBe(409);
  });
});

describe('A private name that the attacker publishes before the company does', () => {
  it('reaches the team, as on AWS, where nobody prepared for it', async () => {
    await attacker.publishes('1.0.0');
    expect(await client.installs('team', 'latest')).toBe('1.0.0');
  });

  it('is closed by an origin configuration that stands before anything arrives', async () => {
    await protectByConfiguration('shared');
    await attacker.publishes('99.0.0');
    await isOutOfReach('99.0.0');
    expect(await client.choices('team')).toEqual([]);
    expect(await employee.publishes('shared', '1.0.0')).toBe(200);
    expect([await client.choices('team'), await client.installs('team', 'latest')]).toEqual([['1.0.0'], '1.0.0']);
    await isOutOfReach('99.0.0');
  });

  it('is closed by a package group, everywhere at once, also for names nobody has thought of yet', async () => {
    await protectByGroup('/npm//acme~');
    for (const name of [secret, 'acme', 'acme-next-year', 'acme.tools']) {
      await attacker.publishes('99.0.0', name);
      await isOutOfReach('99.0.0', name, ['store', 'shared', 'team']);
      expect(await employee.publishes('shared', '1.0.0', name)).toBe(200);
      expect(await client.installs('team', 'latest', name)).toBe('1.0.0');
      await isOutOfReach('99.0.0', name, ['store', 'shared', 'team']);
    }
    // What only begins with the same letters is another word.
    await company.publicRegistry.publish({ name: 'acmecorp', version: '1.0.0' });
    expect(await client.installs('team', 'latest', 'acmecorp')).toBe('1.0.0');
  });

  it('is closed by a group also where the package itself would take anything in', async () => {
    await protectByGroup(`/npm//${secret}$`);
    await employee.publishes('shared', '1.0.0');
    // The group restricts something, so a first arrival leaves the package open, and the group decides.
    const described = await company.aws.send(new DescribePackageCommand(where('shared', secret)));
    expect(described.package?.originConfiguration?.restrictions).toEqual({ publish: 'ALLOW', upstream: 'ALLOW' });
    await attacker.publishes('99.0.0');
    await isOutOfReach('99.0.0', secret, ['store', 'shared', 'team']);
  });

  it('is closed from the next request on, when the attack is noticed while the version is on offer', async () => {
    await attacker.publishes('99.0.0');
    expect(await client.installs('team', 'latest')).toBe('99.0.0');
    await protectByGroup('/npm//acme~');
    await isOutOfReach('99.0.0', secret, ['store', 'shared', 'team']);
  });
});

describe('A team that has its own way to the public registry', () => {
  beforeEach(async () => {
    await company[Symbol.asyncDispose]();
    await found({ ...usual, team: ['shared', 'store'] });
  });

  it('is not protected by what stands in shared, as on AWS; a package group protects it', async () => {
    await employee.publishes('shared', '1.0.0');
    await attacker.publishes('99.0.0');
    // Of two upstreams the first one says what `latest` is; a range takes the highest version of both.
    expect([await client.installs('team', 'latest'), await client.installs('team', '*')]).toEqual(['1.0.0', '99.0.0']);
    await protectByGroup('/npm//acme~');
    await isOutOfReach('99.0.0', secret, ['store', 'shared', 'team']);
    expect([await client.installs('team', 'latest'), await client.installs('team', '*')]).toEqual(['1.0.0', '1.0.0']);
  });
});

describe('A name that only looks like the private one', () => {
  const lookAlikes = ['acme_billing', 'acme.billing', 'acme--billing'];

  it("is nobody's when a package group names the private one", async () => {
    await protectByGroup(`/npm//${secret}$`);
    await employee.publishes('shared', '1.0.0');
    for (const name of lookAlikes) {
      await attacker.publishes('1.0.0', name);
      await isOutOfReach('1.0.0', name, ['store', 'shared', 'team']);
      expect(await employee.publishes('shared', '1.0.0', name), name).toBe(403);
    }
    expect(await client.installs('team', 'latest')).toBe('1.0.0');
  });

  it("is nobody's even where the group itself allows everything", async () => {
    await company.aws.send(new CreatePackageGroupCommand({ domain: company.domain, packageGroup: `/npm//${secret}$` }));
    for (const name of lookAlikes) {
      await attacker.publishes('1.0.0', name);
      await isOutOfReach('1.0.0', name, ['store', 'shared', 'team']);
    }
  });

  it('of another word is another package', async () => {
    await protectByGroup(`/npm//${secret}$`);
    await company.publicRegistry.publish({ name: 'acmebilling', version: '1.0.0' });
    expect(await client.installs('team', 'latest', 'acmebilling')).toBe('1.0.0');
  });

  it("in another spelling of its scope is nobody's either", async () => {
    await protectByGroup('/npm/acme/*');
    expect(await employee.publishes('shared', '1.0.0', '@acme/billing')).toBe(200);
    for (const name of ['@ACME/billing', '@Acme/billing']) {
      await company.publicRegistry.publish({ name, version: '99.0.0', files: evil });
      for (const repository of ['store', 'shared', 'team']) {
        expect((await company.npm(repository).fetch(name.replace('/', '%2f'))).status, name).toBe(404);
        expect((await company.npm(repository).fetch(`${name}/-/billing-99.0.0.tgz`)).status, name).toBe(404);
      }
    }
  });
});
