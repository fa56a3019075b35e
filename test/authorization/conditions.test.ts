import { describe, expect, it } from 'vitest';
import { allow, arnIn, deny, keyOf, type Statement, tokenActions } from '../support/principals.ts';
import { acme, admin, alice, by, foreign, owner, pings, publishes, refusal, repository } from './acme.ts';

const { server, people, domainPolicy, npmOf, status } = acme();

describe('A condition on', () => {
  const read = [...tokenActions, 'ReadFromRepository'];
  const when = (Condition: Statement) => ({ Condition });

  it('aws:SourceIp goes by the connection, whatever headers say', async () => {
    const from = (...addresses: string[]) => when({ IpAddress: { 'aws:SourceIp': addresses } });
    people({
      alice: { policies: [[allow(tokenActions), allow('ReadFromRepository', '*', from('127.0.0.0/8', '::1/128'))]] },
    });
    const npm = await npmOf(alice);
    expect(await pings(npm)).toBe(200);
    people({ alice: { policies: [[allow(tokenActions), allow('ReadFromRepository', '*', from('203.0.113.0/24'))]] } });
    const headers = { 'x-forwarded-for': '203.0.113.5', forwarded: 'for=203.0.113.5', 'x-real-ip': '203.0.113.5' };
    expect((await npm.fetch('-/ping', { headers })).status).toBe(403);
  });

  it('aws:SecureTransport sees plain HTTP, whatever headers say', async () => {
    people({ alice: { policies: [[allow(read)]] } });
    await domainPolicy(deny('ReadFromRepository', '*', by('*', when({ Bool: { 'aws:SecureTransport': 'false' } }))));
    const headers = { 'x-forwarded-proto': 'https', forwarded: 'proto=https' };
    expect((await (await npmOf(alice)).fetch('-/ping', { headers })).status).toBe(403);
  });

  it('aws:CurrentTime ends what a token may do', async () => {
    const end = new Date(server().clock.now() + 60_000).toISOString();
    people({ alice: { policies: [[allow(read, '*', when({ DateLessThan: { 'aws:CurrentTime': end } }))]] } });
    const npm = await npmOf(alice);
    expect(await pings(npm)).toBe(200);
    server().clock.ahead += 61_000;
    expect(await pings(npm)).toBe(403);
  });

  it('aws:RequestTag and aws:TagKeys says how things must be tagged that are made', async () => {
    const asked = when({
      StringEquals: { 'aws:RequestTag/team': 'core' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'stage'] },
    });
    people({ alice: { policies: [[allow(['Create*', 'TagResource'], '*', asked)]] } });
    const team = (value: string, key = 'team') => ({ key, value });
    const made: [string, object][] = [
      ['CreateRepository', { domain: 'acme', repository: 'mine' }],
      ['CreatePackageGroup', { domain: 'acme', packageGroup: '/npm/mine/*' }],
      ['TagResource', { resourceArn: arnIn(owner, 'repository/acme/app') }],
    ];
    for (const [operation, input] of made) {
      const tagged = (...tags: object[]) => server().call(alice, operation, { ...input, tags });
      expect((await tagged()).status).toBe(403);
      expect((await tagged(team('web'))).status).toBe(403);
      expect((await tagged(team('core', 'owner'))).status).toBe(403);
      expect((await tagged(team('core'), team('x', 'more'))).status).toBe(403);
      // Of tags that policies cannot tell apart, one would be judged and both be set.
      expect((await tagged(team('core'), team('web', 'Team'))).status).toBe(400);
      expect((await tagged(team('web', 'Team'), team('core'))).status).toBe(400);
      expect((await tagged(team('core'), team('live', 'stage'))).status).toBe(200);
    }
  });

  it('aws:TagKeys says which tags may be taken away', async () => {
    const resourceArn = arnIn(owner, 'domain/acme');
    const asked = when({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'stage' } });
    people({ alice: { policies: [[allow('UntagResource', resourceArn, asked)]] } });
    expect(await status(alice, 'UntagResource', { resourceArn, tagKeys: ['stage', 'team'] })).toBe(403);
    expect(await status(alice, 'UntagResource', { resourceArn, tagKeys: ['stage'] })).toBe(200);
  });

  it('aws:ResourceTag goes by the tags of domain, repository and group at that moment', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy's variable
    const mine = when({ StringEquals: { 'aws:ResourceTag/Team': '${aws:PrincipalTag/team}' } });
    const policies = [[allow(tokenActions), allow(['Describe*', 'ReadFromRepository'], '*', mine)]];
    people({
      alice: { policies, tags: { team: 'core' } },
      more: { [owner]: { users: { wendy: { policies, tags: { TEAM: 'web' } }, teamless: { policies } } } },
    });
    const group = { domain: 'acme', packageGroup: '/npm/core/*' };
    await server().ok(admin, 'CreatePackageGroup', group);
    const resources: [string, object, string][] = [
      ['DescribeDomain', { domain: 'acme' }, 'domain/acme'],
      ['DescribeRepository', repository, 'repository/acme/app'],
      ['DescribePackageGroup', group, 'package-group/acme/npm/core/%2a'],
    ];
    const npm = await npmOf(alice);
    expect(await publishes(await npmOf(admin), 'widget')).toBe(200);
    for (const [operation, input, resource] of resources) {
      const resourceArn = arnIn(owner, resource);
      expect(await status(alice, operation, input)).toBe(403);
      await server().ok(admin, 'TagResource', { resourceArn, tags: [{ key: 'team', value: 'core' }] });
      expect(await status(alice, operation, input)).toBe(200);
      for (const name of ['wendy', 'teamless']) expect(await status(keyOf(owner, name), operation, input)).toBe(403);
    }
    expect(await pings(npm)).toBe(200);
    // A package has no tags, and does not have its repository's.
    expect(await status(alice, 'DescribePackage', { ...repository, format: 'npm', package: 'widget' })).toBe(403);
    // A repository does not have its domain's.
    expect(await status(alice, 'DescribeRepository', { domain: 'acme', repository: 'base' })).toBe(403);
    const resourceArn = arnIn(owner, 'repository/acme/app');
    await server().ok(admin, 'UntagResource', { resourceArn, tagKeys: ['team'] });
    expect(await pings(npm)).toBe(403);
    await server().ok(admin, 'TagResource', { resourceArn, tags: [{ key: 'team', value: 'web' }] });
    expect(await pings(npm)).toBe(403);
    expect(await pings(await npmOf(keyOf(owner, 'wendy')))).toBe(200);
  });

  it('aws:ResourceTag is not led astray by a second tag that differs in case only', async () => {
    const resourceArn = arnIn(owner, 'domain/acme');
    await server().ok(admin, 'TagResource', { resourceArn, tags: [{ key: 'stage', value: 'live' }] });
    const outcome = await server().call(admin, 'TagResource', { resourceArn, tags: [{ key: 'STAGE', value: 'test' }] });
    expect([outcome.status, outcome.message]).toEqual([400, expect.stringContaining("a tag 'stage'")]);
    await server().ok(admin, 'TagResource', { resourceArn, tags: [{ key: 'stage', value: 'test' }] });
    await server().ok(admin, 'UntagResource', { resourceArn, tagKeys: ['stage'] });
    await server().ok(admin, 'TagResource', { resourceArn, tags: [{ key: 'STAGE', value: 'test' }] });
    await server().ok(admin, 'UntagResource', { resourceArn, tagKeys: ['STAGE'] });
  });

  it('a repository’s tags does not hold for one of its name that comes later', async () => {
    const mine = when({ StringEquals: { 'aws:ResourceTag/team': 'core' } });
    people({ alice: { policies: [[allow(['DescribeRepository', 'CreateRepository'], '*', mine)]] } });
    const tagged = { domain: 'acme', repository: 'other', tags: [{ key: 'team', value: 'core' }] };
    await server().ok(admin, 'CreateRepository', tagged);
    expect(await status(alice, 'DescribeRepository', { domain: 'acme', repository: 'other' })).toBe(200);
    await server().ok(admin, 'DeleteRepository', { domain: 'acme', repository: 'other' });
    expect(await status(alice, 'CreateRepository', { domain: 'acme', repository: 'other' })).toBe(403);
    await server().ok(admin, 'CreateRepository', { domain: 'acme', repository: 'other' });
    expect(await status(alice, 'DescribeRepository', { domain: 'acme', repository: 'other' })).toBe(403);
  });

  it('a key of STS lets nothing else through', async () => {
    const forCodeArtifact = when({ StringEquals: { 'sts:AWSServiceName': 'codeartifact.amazonaws.com' } });
    people({ alice: { policies: [[allow(['*'], '*', forCodeArtifact)]] } });
    expect(await server().call(alice, 'GetAuthorizationToken', foreign)).toMatchObject(
      refusal('codeartifact:GetAuthorizationToken'),
    );
  });
});
