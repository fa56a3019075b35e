import { setTimeout as sleep } from 'node:timers/promises';
import { CreateRepositoryCommand, ListPackagesCommand } from '@aws-sdk/client-codeartifact';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FaultProxy } from '../support/fault-proxy.ts';
import { Chance } from '../support/load/chance.ts';
import { distOf, tarballOf } from '../support/packages.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { hasS3, startS3, type TestS3 } from '../support/s3.ts';
import { World } from '../support/world.ts';
import { limitMs, PatientUser } from './patient-user.ts';

/** Large enough not to be kept in memory. */
const large = { name: 'large', version: '1.0.0', files: { data: new Chance(1).bytes(200_000) } };
const more = { name: 'large', version: '2.0.0', files: { data: new Chance(2).bytes(200_000) } };

// Longer ones than anyone should wait for. How shorter ones are ridden out is told in three-nodes.test.ts.
describe.concurrent('An outage', { timeout: 120_000 }, () => {
  describe.skipIf(!hasPostgres())('of the database:', () => {
    const outages: Record<string, (postgres: TestPostgres) => () => Promise<void>> = {
      'is gone': (postgres) => {
        const restarted = postgres.restart('fast', limitMs);
        return () => restarted;
      },
      'says nothing any more': (postgres) => {
        postgres.freeze();
        return async () => postgres.thaw();
      },
    };
    test.each(Object.entries(outages))('one that %s is told to everyone in time', async (_, begin) => {
      await using postgres = await startPostgres();
      await using world = await World.with({ team: [] }, { database: await postgres.newDatabase() });
      const { aws, domain } = world;
      const user = new PatientUser(world.npm('team').endpoint, world.token);
      expect((await user.publish(large)).status).toBe(200);

      const end = begin(postgres);
      await sleep(500);
      const abortSignal = AbortSignal.timeout(limitMs);
      const statuses = await Promise.all([
        user.fetch('large').then(({ status }) => status),
        user.fetch('large/-/large-1.0.0.tgz').then(({ status }) => status),
        user.publish(more).then(({ status }) => status),
        user.put('-/package/large/dist-tags/next', '"1.0.0"').then(({ status }) => status),
        statusOf(aws.send(new ListPackagesCommand({ domain, repository: 'team' }), { abortSignal })),
        statusOf(aws.send(new CreateRepositoryCommand({ domain, repository: 'other' }), { abortSignal })),
      ]);
      await end();
      expect(statuses).toEqual(statuses.map(() => 503));

      expect((await user.json('large'))['dist-tags']).toEqual({ latest: '1.0.0' });
      expect((await user.publish(more)).status).toBe(200);
      await aws.send(new CreateRepositoryCommand({ domain, repository: 'other' }));
    });
  });

  describe.skipIf(!hasS3())('of the bucket:', () => {
    let s3: TestS3;
    beforeAll(async () => {
      s3 = await startS3();
    });
    afterAll(() => s3?.stop());

    const outages: Record<string, Partial<FaultProxy>> = {
      'refuses everything': { failures: Number.POSITIVE_INFINITY },
      'takes requests and never answers': { stalls: true },
    };
    test.each(Object.entries(outages))('one that %s is told to those who need it in time', async (_, outage) => {
      await using proxy = await FaultProxy.start(s3.url);
      const blobs = `s3://${await s3.newBucket()}?endpoint=${proxy.url}`;
      await using world = await World.with({ team: [] }, { blobs });
      const user = new PatientUser(world.npm('team').endpoint, world.token);
      expect((await user.publish(large)).status).toBe(200);

      Object.assign(proxy, outage);
      const [packument, download, publish] = await Promise.all([
        user.fetch('large'),
        // Its answer may have begun: then it breaks off.
        user.fetch('large/-/large-1.0.0.tgz').then(
          ({ status }) => status,
          (error: Error) => error.message,
        ),
        user.publish(more),
      ]);
      expect(packument.status).toBe(200);
      expect(String(download)).toMatch(/^(503|terminated|fetch failed)$/);
      expect(publish.status).toBe(503);

      Object.assign(proxy, { failures: 0, stalls: false });
      expect(Object.keys((await user.json('large'))['versions'])).toEqual(['1.0.0']);
      const bytes = Buffer.from(await (await user.fetch('large/-/large-1.0.0.tgz')).arrayBuffer());
      expect(distOf(bytes)).toEqual(distOf(await tarballOf(large)));
      expect((await user.publish(more)).status).toBe(200);
    });
  });
});

/** The status that the API answers, or why there is none. */
function statusOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 200,
    (error) => error.$metadata?.httpStatusCode ?? error,
  );
}
