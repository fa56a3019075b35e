import { describe, expect, it } from 'vitest';
import { allow, arnIn, deny, keyOf, policyDocument, roleArn, tokenActions, userArn } from '../support/principals.ts';
import {
  acme,
  admin,
  alice,
  bob,
  by,
  foreign,
  owner,
  pings,
  publishes,
  refusal,
  repository,
  stranger,
  third,
} from './acme.ts';

const { server, people, domainPolicy, repositoryPolicy, npmOf, status } = acme();

describe('A token that was given before', () => {
  const reader = { policies: [[allow([...tokenActions, 'ReadFromRepository'])]] };

  it('follows the principals file within a second', async () => {
    people({ alice: reader });
    const npm = await npmOf(alice);
    expect(await pings(npm)).toBe(200);
    people({ alice: { policies: [[allow(tokenActions)]] } });
    expect(await pings(npm)).toBe(403);
    people({ alice: reader });
    expect(await pings(npm)).toBe(200);
    people({});
    expect(await pings(npm)).toBe(403);
  });

  it('follows the domain’s policy with the next request', async () => {
    people({ bob: reader });
    await domainPolicy(allow(['GetAuthorizationToken', 'ReadFromRepository'], '*', by(stranger)));
    const npm = await npmOf(bob);
    expect(await pings(npm)).toBe(200);
    await domainPolicy(allow('GetAuthorizationToken', '*', by(stranger)));
    expect(await pings(npm)).toBe(403);
    await domainPolicy(allow('ReadFromRepository', arnIn(owner, 'repository/acme/app'), by(stranger)));
    expect(await pings(npm)).toBe(200);
    await server().ok(admin, 'DeleteDomainPermissionsPolicy', { domain: 'acme' });
    expect(await pings(npm)).toBe(403);
  });

  it('follows the repository’s policy with the next request', async () => {
    people({ alice: reader });
    const npm = await npmOf(alice);
    await repositoryPolicy(deny('ReadFromRepository', '*', by(userArn(owner, 'alice'))));
    expect(await pings(npm)).toBe(403);
    await repositoryPolicy(allow('PublishPackageVersion', '*', by(userArn(owner, 'alice'))));
    expect(await pings(npm)).toBe(200);
    expect(await publishes(npm, 'widget')).toBe(200);
    await server().ok(admin, 'DeleteRepositoryPermissionsPolicy', repository);
    expect(await publishes(npm, 'gadget')).toBe(403);
  });
});

describe('PutDomainPermissionsPolicy', () => {
  it('asks no policy of the domain: nobody locks himself out', async () => {
    await domainPolicy(deny('*', '*', by('*')));
    expect(await server().call(admin, 'GetDomainPermissionsPolicy', { domain: 'acme' })).toMatchObject(
      refusal('with an explicit deny in a resource-based policy'),
    );
    expect(await status(admin, 'DeleteDomainPermissionsPolicy', { domain: 'acme' })).toBe(403);
    await domainPolicy(allow('DescribeDomain', '*', by(stranger)));
    await server().ok(admin, 'GetDomainPermissionsPolicy', { domain: 'acme' });
  });

  it('cannot be given to another account', async () => {
    people({ bob: { policies: ['AdministratorAccess'] } });
    await domainPolicy(allow('*', '*', by(stranger)));
    expect(await status(bob, 'DescribeDomain', foreign)).toBe(200);
    const policy = { ...foreign, policyDocument: policyDocument([allow('*', '*', by(stranger))]) };
    expect(await server().call(bob, 'PutDomainPermissionsPolicy', policy)).toMatchObject(
      refusal('because no resource-based policy allows the codeartifact:PutDomainPermissionsPolicy action'),
    );
  });
});

describe('PutRepositoryPermissionsPolicy', () => {
  it('asks the domain’s policy and not the one that is replaced', async () => {
    await repositoryPolicy(deny('*', '*', by('*')));
    expect(await status(admin, 'DescribeRepository', repository)).toBe(403);
    await repositoryPolicy(allow('DescribeRepository', '*', by(stranger)));
    expect(await status(admin, 'DescribeRepository', repository)).toBe(200);
    await domainPolicy(deny('PutRepositoryPermissionsPolicy', '*', by('*')));
    await expect(repositoryPolicy(allow('DescribeRepository', '*', by(stranger)))).rejects.toThrow('explicit deny');
  });
});

describe('The account that administers a repository of another’s domain', () => {
  it('rules that repository by its own identity policies, and nothing else of the domain', async () => {
    people({
      bob: { policies: ['AdministratorAccess'] },
      more: { [third]: { users: { carol: { policies: ['AdministratorAccess'] } } } },
    });
    await domainPolicy(allow(['CreateRepository', 'GetAuthorizationToken'], '*', by([stranger, third])));
    const mine = { ...foreign, repository: 'mine' };
    await server().ok(bob, 'CreateRepository', mine);
    await domainPolicy(allow('GetAuthorizationToken', '*', by([stranger, third])));
    expect(await status(bob, 'DescribeRepository', mine)).toBe(200);
    expect(await status(bob, 'ListPackages', mine)).toBe(200);
    const policyText = policyDocument([allow('ReadFromRepository', '*', by(third))]);
    expect(await status(bob, 'PutRepositoryPermissionsPolicy', { ...mine, policyDocument: policyText })).toBe(200);
    const npm = await npmOf(bob, 'mine');
    expect(await publishes(npm, 'widget')).toBe(200);
    expect((await npm.fetch('widget')).status).toBe(200);

    expect(await status(bob, 'CreateRepository', { ...foreign, repository: 'other' })).toBe(403);
    expect(await status(bob, 'DescribeDomain', foreign)).toBe(403);
    expect(await status(bob, 'DescribeRepository', { ...foreign, repository: 'app' })).toBe(403);
    expect(await pings(await npmOf(bob, 'app'))).toBe(403);
    const upstreams = [{ repositoryName: 'base' }];
    expect(await server().call(bob, 'UpdateRepository', { ...mine, upstreams })).toMatchObject(
      refusal(`AssociateWithDownstreamRepository on resource: ${arnIn(owner, 'repository/acme/base')} `),
    );

    const carol = keyOf(third, 'carol');
    expect(await pings(await npmOf(carol, 'mine'))).toBe(200);
    expect(await publishes(await npmOf(carol, 'mine'), 'gadget')).toBe(403);
    expect(await status(carol, 'DescribeRepository', mine)).toBe(403);
  });
});

describe('A policy that names an account', () => {
  it('leaves to that account which of its people may', async () => {
    const described = { policies: [[allow('DescribeDomain')]] };
    people({
      alice: {},
      bob: {},
      more: { [owner]: { users: { anna: described } }, [stranger]: { users: { ben: described }, hasRoot: true } },
    });
    for (const root of [
      [owner, stranger],
      [`arn:aws:iam::${owner}:root`, `arn:aws:iam::${stranger}:root`],
    ]) {
      await domainPolicy(allow('DescribeDomain', '*', by(root)));
      expect(await status(alice, 'DescribeDomain', foreign)).toBe(403);
      expect(await status(keyOf(owner, 'anna'), 'DescribeDomain', foreign)).toBe(200);
      expect(await server().call(bob, 'DescribeDomain', foreign)).toMatchObject(
        refusal('because no identity-based policy allows the codeartifact:DescribeDomain action'),
      );
      expect(await status(keyOf(stranger, 'ben'), 'DescribeDomain', foreign)).toBe(200);
      expect(await status(keyOf(stranger), 'DescribeDomain', foreign)).toBe(200);
    }
  });

  it('gives what it says where it names a person of the own account', async () => {
    people({ alice: {}, bob: {} });
    await domainPolicy(allow('DescribeDomain', '*', by([userArn(owner, 'alice'), userArn(stranger, 'bob')])));
    expect(await status(alice, 'DescribeDomain', foreign)).toBe(200);
    expect(await status(bob, 'DescribeDomain', foreign)).toBe(403);
  });

  it('lets an account’s root user in, though not to a token', async () => {
    people({ more: { [owner]: { hasRoot: true } } });
    const root = keyOf(owner);
    expect(await status(root, 'DescribeDomain', foreign)).toBe(200);
    expect(await server().call(root, 'GetAuthorizationToken', foreign)).toMatchObject(refusal('root user'));
    await expect(server().assumeRole(root, roleArn(owner, 'any'))).rejects.toThrow('may not be assumed by root');
  });
});

describe('A policy for everyone of an organization', () => {
  it('lets in its accounts, and nobody who is not signed', async () => {
    const reader = { policies: [[allow([...tokenActions, 'DescribeDomain', 'ReadFromRepository'])]] };
    people({
      bob: reader,
      more: {
        [stranger]: { organization: 'o-acme' },
        [third]: { organization: 'o-other', users: { carol: reader } },
      },
    });
    const inOrganization = { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-acme' } } };
    await domainPolicy(
      allow(['GetAuthorizationToken', 'DescribeDomain', 'ReadFromRepository'], '*', by('*', inOrganization)),
    );
    expect(await status(bob, 'DescribeDomain', foreign)).toBe(200);
    expect(await pings(await npmOf(bob))).toBe(200);
    expect(await status(keyOf(third, 'carol'), 'DescribeDomain', foreign)).toBe(403);
    expect(await pings(server().npm(undefined, owner, 'acme', 'app'))).toBe(401);
  });
});

describe('What takes more than one permission', () => {
  it('CopyPackageVersions reads its source', async () => {
    expect(await publishes(await npmOf(admin), 'widget')).toBe(200);
    const copy = {
      domain: 'acme',
      sourceRepository: 'app',
      destinationRepository: 'base',
      format: 'npm',
      package: 'widget',
      versions: ['1.0.0'],
    };
    const onlyCopy = allow('CopyPackageVersions', arnIn(owner, 'package/acme/base/*'));
    people({ alice: { policies: [[onlyCopy, allow('ReadFromRepository', arnIn(owner, 'repository/acme/base'))]] } });
    expect(await server().call(alice, 'CopyPackageVersions', copy)).toMatchObject(
      refusal(`codeartifact:ReadFromRepository on resource: ${arnIn(owner, 'repository/acme/app')} `),
    );
    expect((await (await npmOf(admin, 'base')).fetch('widget')).status).toBe(404);
    people({ alice: { policies: [[onlyCopy, allow('ReadFromRepository', arnIn(owner, 'repository/acme/app'))]] } });
    expect(await server().ok(alice, 'CopyPackageVersions', copy)).toMatchObject({ failedVersions: {} });
    expect(
      await status(alice, 'CopyPackageVersions', { ...copy, sourceRepository: 'base', destinationRepository: 'app' }),
    ).toBe(403);
  });

  it('CopyPackageVersions goes by the destination’s package or repository, and a deny on either holds', async () => {
    expect(await publishes(await npmOf(admin), 'widget')).toBe(200);
    const to = { domain: 'acme', sourceRepository: 'app', destinationRepository: 'base' };
    const copy = { ...to, format: 'npm', package: 'widget', versions: ['1.0.0'] };
    const read = allow('ReadFromRepository', arnIn(owner, 'repository/acme/app'));
    const onRepository = arnIn(owner, 'repository/acme/base');
    const tag = { resourceArn: onRepository, tags: [{ key: 'team', value: 'core' }] };
    await server().ok(admin, 'TagResource', tag);
    const ofTeam = { Condition: { StringEquals: { 'aws:ResourceTag/team': 'core' } } };
    for (const [statements, status] of [
      [[allow('CopyPackageVersions', onRepository)], 200],
      [[allow('CopyPackageVersions', '*', ofTeam)], 200],
      [[allow('CopyPackageVersions', arnIn(owner, 'package/acme/base/*'))], 200],
      [[allow('CopyPackageVersions', arnIn(owner, 'repository/acme/app'))], 403],
      [[allow('CopyPackageVersions', '*'), deny('CopyPackageVersions', onRepository)], 403],
      [[allow('CopyPackageVersions', '*'), deny('CopyPackageVersions', '*', ofTeam)], 403],
      [[allow('CopyPackageVersions', '*'), deny('CopyPackageVersions', arnIn(owner, 'package/acme/base/*'))], 403],
    ] as const) {
      people({ alice: { policies: [[read, ...statements]] } });
      const outcome = await server().call(alice, 'CopyPackageVersions', copy);
      expect([outcome.status, JSON.stringify(statements)]).toEqual([status, JSON.stringify(statements)]);
    }
  });

  it('CreateRepository with upstreams and tags', async () => {
    const input = {
      domain: 'acme',
      repository: 'mine',
      upstreams: [{ repositoryName: 'app' }, { repositoryName: 'base' }],
      tags: [{ key: 'team', value: 'core' }],
    };
    const further = ['TagResource', 'AssociateWithDownstreamRepository'];
    people({ alice: { policies: [[allow('CreateRepository')]] } });
    expect(await status(alice, 'CreateRepository', input)).toBe(403);
    for (const action of further) {
      people({ alice: { policies: [[allow(['CreateRepository', action])]] } });
      expect(await status(alice, 'CreateRepository', input)).toBe(403);
    }
    const onlyBase = allow('AssociateWithDownstreamRepository', arnIn(owner, 'repository/acme/base'));
    people({ alice: { policies: [[allow(['CreateRepository', 'TagResource']), onlyBase]] } });
    expect(await status(alice, 'CreateRepository', input)).toBe(403);
    people({ alice: { policies: [[allow(['CreateRepository', ...further])]] } });
    expect(await status(alice, 'CreateRepository', input)).toBe(200);
  });

  it('CreateRepository is nothing that a repository’s policy speaks on, also one of the same name', async () => {
    people({ alice: {} });
    await repositoryPolicy(allow('*', '*', by(userArn(owner, 'alice'))));
    expect(await status(alice, 'DescribeRepository', repository)).toBe(200);
    expect(await status(alice, 'CreateRepository', repository)).toBe(403);
  });
});

describe('Packages', () => {
  it('cannot be read one by one: reading is of the whole repository', async () => {
    expect(await publishes(await npmOf(admin), 'widget')).toBe(200);
    const packages = ['package/acme/app/npm//widget', 'package/acme/app/*'].map((resource) => arnIn(owner, resource));
    people({ alice: { policies: [[allow(tokenActions), allow('ReadFromRepository', packages)]] } });
    const npm = await npmOf(alice);
    for (const path of ['widget', 'widget/-/widget-1.0.0.tgz', 'widget/latest', '-/package/widget/dist-tags']) {
      expect((await npm.fetch(path)).status).toBe(403);
    }
    people({
      alice: { policies: [[allow([...tokenActions, 'ReadFromRepository']), deny('ReadFromRepository', packages)]] },
    });
    expect((await npm.fetch('widget')).status).toBe(200);
  });

  it.each(['identity', 'repository'])('can be published one by one, by %s policy', async (kind) => {
    const scopes = allow(
      ['PublishPackageVersion', 'PutPackageMetadata'],
      [arnIn(owner, 'package/acme/app/npm/core/*'), arnIn(owner, 'package/acme/app/npm//widget')],
    );
    people({
      alice: { policies: [[allow([...tokenActions, 'ReadFromRepository']), ...(kind === 'identity' ? [scopes] : [])]] },
    });
    if (kind === 'repository') await repositoryPolicy({ ...scopes, ...by(userArn(owner, 'alice')) });
    const npm = await npmOf(alice);
    expect(await publishes(npm, 'widget')).toBe(200);
    expect(await publishes(npm, '@core/tool')).toBe(200);
    expect((await npm.put('-/package/@core%2ftool/dist-tags/next', '"1.0.0"')).status).toBe(200);
    expect(await publishes(npm, 'gadget')).toBe(403);
    expect(await publishes(npm, 'widget2')).toBe(403);
    expect(await publishes(npm, '@web/tool')).toBe(403);
    expect(await publishes(npm, '@core2/tool')).toBe(403);
    expect((await npm.put('-/package/@web%2ftool/dist-tags/next', '"1.0.0"')).status).toBe(403);
    expect(await publishes(await npmOf(alice, 'base'), 'widget')).toBe(403);
    const input = { ...repository, format: 'npm', versions: ['1.0.0'] };
    for (const name of ['widget', 'gadget']) {
      expect(await status(alice, 'DeletePackageVersions', { ...input, package: name })).toBe(403);
    }
  });
});
