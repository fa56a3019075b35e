import {
  CreateDomainCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  ListDomainsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
} from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { World } from '../support/world.ts';

const databases = ['SQLite', 'PostgreSQL'] as const;

describe.each(databases)('Many callers at once, on %s', (database) => {
  const isInstalled = database === 'SQLite' || hasPostgres();
  let postgres: TestPostgres | undefined;
  let world: World;
  beforeAll(async () => {
    if (!isInstalled) return;
    if (database === 'PostgreSQL') postgres = await startPostgres();
    const settings = postgres === undefined ? {} : { database: await postgres.newDatabase() };
    world = await World.with({ team: [] }, settings);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await postgres?.stop();
  });

  /** How many of the calls succeed. */
  const succeeding = async (calls: Promise<unknown>[]) =>
    (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled').length;
  const arnOf = (repository: string) =>
    `arn:aws:codeartifact:eu-central-1:000000000000:repository/${world.domain}/${repository}`;

  it.skipIf(!isInstalled)('make one domain of a name, and no more domains than the quota', async () => {
    const create = (domain: string) => world.aws.send(new CreateDomainCommand({ domain }));
    expect(await succeeding(Array.from({ length: 8 }, () => create('one-name')))).toBe(1);
    expect(await succeeding(Array.from({ length: 24 }, (_, n) => create(`many-${n}`)))).toBe(8);
    expect((await world.aws.send(new ListDomainsCommand({}))).domains).toHaveLength(10);
  });

  it.skipIf(!isInstalled)('put no more than 50 tags on a repository', async () => {
    const tag = (caller: number) => {
      const tags = Array.from({ length: 20 }, (_, n) => ({ key: `key-${caller}-${n}`, value: '' }));
      return world.aws.send(new TagResourceCommand({ resourceArn: arnOf('team'), tags }));
    };
    expect(await succeeding(Array.from({ length: 12 }, (_, caller) => tag(caller)))).toBe(2);
    const { tags } = await world.aws.send(new ListTagsForResourceCommand({ resourceArn: arnOf('team') }));
    expect(tags).toHaveLength(40);
  });

  it.skipIf(!isInstalled)('leave no tags of a deleted repository to the next one of its name', async () => {
    const name = { domain: world.domain, repository: 'short-lived' };
    for (let round = 0; round < 15; round += 1) {
      await world.aws.send(new CreateRepositoryCommand(name));
      const tag = () => {
        const tags = [{ key: 'round', value: String(round) }];
        return world.aws.send(new TagResourceCommand({ resourceArn: arnOf('short-lived'), tags }));
      };
      await Promise.allSettled([tag(), tag(), world.aws.send(new DeleteRepositoryCommand(name)), tag(), tag()]);
      await world.aws.send(new CreateRepositoryCommand(name));
      const { tags } = await world.aws.send(new ListTagsForResourceCommand({ resourceArn: arnOf('short-lived') }));
      expect(tags).toEqual([]);
      await world.aws.send(new DeleteRepositoryCommand(name));
    }
  });
});
