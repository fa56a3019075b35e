import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, stranger, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const prefix = 'arn:aws:codeartifact:eu-west-1:111122223333:';
const domainArn = `${prefix}domain/acme`;
const repositoryArn = `${prefix}repository/acme/app`;

describe('tags', () => {
  it('are set at creation, added, overwritten, removed, and gone with their resource', async () => {
    const team = { key: 'team', value: 'web' };
    await world.ok('CreateDomain', { domain: 'acme', tags: [team] });
    await world.ok('CreateRepository', { domain: 'acme', repository: 'app', tags: [team] });
    for (const resourceArn of [domainArn, repositoryArn]) {
      expect(await world.ok('ListTagsForResource', { resourceArn })).toEqual({ tags: [team] });
      const tagged = await world.call('TagResource', {
        resourceArn,
        tags: [
          { key: 'team', value: 'api' },
          { key: 'cost', value: '' },
        ],
      });
      expect(tagged).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
      const { tags } = await world.ok('ListTagsForResource', { resourceArn });
      expect(tags).toHaveLength(2);
      await world.ok('UntagResource', { resourceArn, tagKeys: ['team', 'never-set'] });
      const left = await world.ok('ListTagsForResource', { resourceArn });
      expect(left).toEqual({ tags: [{ key: 'cost', value: '' }] });
    }
    await world.ok('DeleteRepository', { domain: 'acme', repository: 'app' });
    await world.ok('CreateRepository', { domain: 'acme', repository: 'app' });
    expect(await world.ok('ListTagsForResource', { resourceArn: repositoryArn })).toEqual({ tags: [] });
  });

  it('refuse reserved and repeated keys and more than fifty, at creation too', async () => {
    await world.ok('CreateDomain', { domain: 'acme' });
    const fifty = Array.from({ length: 50 }, (_, index) => ({ key: `key-${index}`, value: '' }));
    const one = { key: 'one-more', value: '' };
    for (const [tags, status] of [
      [[{ key: 'aws:mine', value: '' }], 400],
      [[one, one], 400],
      [[...fifty, one], 402],
    ] as const) {
      expect((await world.call('TagResource', { resourceArn: domainArn, tags })).status).toBe(status);
      expect((await world.call('CreateDomain', { domain: 'other', tags })).status).toBe(status);
    }
    expect((await world.call('DescribeDomain', { domain: 'other' })).status).toBe(404);
    await world.ok('TagResource', { resourceArn: domainArn, tags: fifty });
    expect((await world.call('TagResource', { resourceArn: domainArn, tags: [one] })).status).toBe(402);
  });

  it.each([
    [`${prefix}domain/missing`, 404],
    [`${prefix}repository/acme/missing`, 404],
    [`${prefix}package-group/acme/npm/%2a`, 404],
    [`${prefix}package-group/acme/*`, 400],
    [domainArn.replace('eu-west-1', 'us-east-1'), 404],
    [`${prefix}package/acme/app/npm//react`, 400],
    [`${prefix}repository/acme`, 400],
    ['arn:aws:s3:::bucket', 400],
    ['nonsense', 400],
  ])('of %s: %i', async (resourceArn, status) => {
    await world.ok('CreateDomain', { domain: 'acme' });
    expect((await world.call('ListTagsForResource', { resourceArn })).status).toBe(status);
    expect((await world.call('TagResource', { resourceArn, tags: [] })).status).toBe(status);
    expect((await world.call('UntagResource', { resourceArn, tagKeys: [] })).status).toBe(status);
  });

  it('of another account are refused before anyone looks for the resource', async () => {
    const answer = await world.call('ListTagsForResource', { resourceArn: domainArn }, stranger);
    expect(answer.status).toBe(403);
  });
});
