import { describe, expect, it } from 'vitest';
import {
  allow,
  deny,
  type PrincipalSketch,
  policyDocument,
  roleArn,
  type Statement,
  tokenActions,
  userArn,
} from '../support/principals.ts';
import { acme, alice, bob, by, foreign, owner, pings, publishes, refusal, repository, stranger } from './acme.ts';

const { server, people, domainPolicy, npmOf, status } = acme();

describe('A session of a role', () => {
  const assume: Statement[] = [allow(['sts:AssumeRole', 'sts:TagSession'])];
  const worker = (policies: PrincipalSketch['policies'] = ['AdministratorAccess'], more: PrincipalSketch = {}) => ({
    alice: { policies: [assume] },
    more: { [owner]: { roles: { worker: { policies, ...more } } } },
  });

  it('may what the role may, as long as the role may it', async () => {
    people(worker());
    const session = await server().assumeRole(alice, roleArn(owner, 'worker'));
    expect(await status(alice, 'DescribeDomain', foreign)).toBe(403);
    expect(await status(session, 'DescribeDomain', foreign)).toBe(200);
    const npm = await npmOf(session);
    expect(await publishes(npm, 'widget')).toBe(200);
    people(worker([[allow('ReadFromRepository')]]));
    expect(await publishes(npm, 'gadget')).toBe(403);
    expect(await pings(npm)).toBe(200);
    expect(await server().call(session, 'DescribeDomain', foreign)).toMatchObject(
      refusal(`User: arn:aws:sts::${owner}:assumed-role/worker/a-session is not authorized`),
    );
  });

  it('is named in policies by the role’s ARN or its own', async () => {
    people(worker([[allow(tokenActions)]]));
    const session = await server().assumeRole(alice, roleArn(owner, 'worker'));
    const npm = await npmOf(session);
    await domainPolicy(allow('ReadFromRepository', '*', by(roleArn(owner, 'worker'))));
    expect(await pings(npm)).toBe(200);
    await domainPolicy(allow('ReadFromRepository', '*', by(`arn:aws:sts::${owner}:assumed-role/worker/a-session`)));
    expect(await pings(npm)).toBe(200);
    await domainPolicy(allow('ReadFromRepository', '*', by(`arn:aws:sts::${owner}:assumed-role/worker/another`)));
    expect(await pings(npm)).toBe(403);
  });

  it('is bounded by a policy that it brings, its tokens too', async () => {
    people(worker());
    const policy = policyDocument([allow([...tokenActions, 'ReadFromRepository']), allow('s3:*')]);
    const session = await server().assumeRole(alice, roleArn(owner, 'worker'), { Policy: policy });
    const npm = await npmOf(session);
    expect(await pings(npm)).toBe(200);
    expect(await publishes(npm, 'widget')).toBe(403);
    expect(await server().call(session, 'DescribeDomain', foreign)).toMatchObject(
      refusal('because no session policy allows the codeartifact:DescribeDomain action'),
    );
    // It gives nothing that the role has not.
    people(worker([[allow('DescribeDomain')]]));
    expect(await pings(npm)).toBe(403);
  });

  it('has the tags it was given, over those of the role', async () => {
    const mine = { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'web' } } };
    people(worker([[allow('DescribeDomain', '*', mine)]], { tags: { Team: 'core' } }));
    const tags = { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'web' };
    const plain = await server().assumeRole(alice, roleArn(owner, 'worker'));
    const tagged = await server().assumeRole(alice, roleArn(owner, 'worker'), tags);
    expect(await status(plain, 'DescribeDomain', foreign)).toBe(403);
    expect(await status(tagged, 'DescribeDomain', foreign)).toBe(200);
    people({ ...worker(), alice: { policies: [[allow('sts:AssumeRole')]] } });
    await expect(server().assumeRole(alice, roleArn(owner, 'worker'), tags)).rejects.toThrow('sts:TagSession');
  });

  it('is within the role’s permissions boundary', async () => {
    people(worker(['AdministratorAccess'], { permissionsBoundary: [allow('DescribeDomain')] }));
    const session = await server().assumeRole(alice, roleArn(owner, 'worker'));
    expect(await status(session, 'DescribeDomain', foreign)).toBe(200);
    expect(await server().call(session, 'DescribeRepository', repository)).toMatchObject(
      refusal('because no permissions boundary allows the codeartifact:DescribeRepository action'),
    );
  });

  it('is another account’s where the role and the account agree', async () => {
    const trust = { Effect: 'Allow', Principal: { AWS: stranger }, Action: 'sts:AssumeRole' };
    const roles = {
      guest: { trust, policies: [[allow('DescribeDomain')]] },
      closed: { policies: ['AdministratorAccess'] },
    };
    people({ bob: { policies: [[allow('sts:AssumeRole', roleArn(owner, '*'))]] }, more: { [owner]: { roles } } });
    const session = await server().assumeRole(bob, roleArn(owner, 'guest'));
    expect(await status(session, 'DescribeDomain', foreign)).toBe(200);
    expect(await status(session, 'DescribeRepository', repository)).toBe(403);
    for (const name of ['closed', 'missing']) {
      await expect(server().assumeRole(bob, roleArn(owner, name))).rejects.toThrow('is not authorized');
    }
    people({ bob: {}, more: { [owner]: { roles } } });
    await expect(server().assumeRole(bob, roleArn(owner, 'guest'))).rejects.toThrow('is not authorized');
  });
});

describe('GetAuthorizationToken', () => {
  const sts = 'sts:GetServiceBearerToken';

  it('needs sts:GetServiceBearerToken, which no domain can give', async () => {
    people({ alice: { policies: [[allow('GetAuthorizationToken')]] } });
    await domainPolicy(allow(['GetAuthorizationToken', sts], '*', by([userArn(owner, 'alice'), owner])));
    expect(await server().call(alice, 'GetAuthorizationToken', foreign)).toMatchObject(
      refusal('is not authorized to perform: sts:GetServiceBearerToken on resource: * because'),
    );
    people({ alice: { policies: [[allow(sts)]] } });
    expect(await status(alice, 'GetAuthorizationToken', foreign)).toBe(200);
    await domainPolicy(deny(sts, '*', by('*')));
    people({ alice: { policies: [[allow([sts, 'GetAuthorizationToken'])]] } });
    expect(await status(alice, 'GetAuthorizationToken', foreign)).toBe(200);
  });

  it('gives no longer token than sts:DurationSeconds allows, also where no duration is asked for', async () => {
    const short = { Condition: { NumericLessThanEquals: { 'sts:DurationSeconds': '3600' } } };
    const long = { Condition: { NumericGreaterThan: { 'sts:DurationSeconds': '3600' } } };
    const conditions: Statement[][] = [
      [allow('GetAuthorizationToken'), allow(sts, '*', short)],
      [allow(tokenActions), deny(sts, '*', long)],
    ];
    const worker = (policy: Statement[]) => ({ roles: { worker: { policies: [policy], tags: {} } } });
    for (const policy of conditions) {
      people({ alice: { policies: [[...policy, allow('sts:AssumeRole')]] }, more: { [owner]: worker(policy) } });
      const asking = (durationSeconds?: number, who = alice) =>
        status(who, 'GetAuthorizationToken', { ...foreign, ...(durationSeconds !== undefined && { durationSeconds }) });
      expect(await asking(3600)).toBe(200);
      expect(await asking(3601)).toBe(403);
      expect(await asking()).toBe(403);
      // Without a session to end it, this is the longest.
      expect(await asking(0)).toBe(403);
      const session = await server().assumeRole(alice, roleArn(owner, 'worker'), { DurationSeconds: '900' });
      expect(await asking(0, session)).toBe(200);
      expect(await asking(undefined, session)).toBe(403);
    }
  });
});
