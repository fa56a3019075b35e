import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { parseS3Location } from '../../src/adapters/s3/location.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import type { Ports } from '../../src/core/core-ports.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { openBlobs, openDatabase } from '../../src/stores.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/process.ts';
import { hasS3, startS3, type TestS3 } from '../support/s3.ts';

/** What a test's own collector works on; closed when it is disposed of. */
export type OwnPorts = Pick<Ports, 'storage' | 'blobs' | 'clock'> & AsyncDisposable;

/** One PostgreSQL database and one S3 bucket, both empty at first, that nodes share. */
export interface SharedStores extends AsyncDisposable {
  readonly postgres: TestPostgres;
  /** Stands between the nodes and the bucket. */
  readonly bucketProxy: FaultProxy;
  /** As the settings name them. */
  readonly settings: { readonly database: string; readonly blobs: string };
  /** Opens both as a node does, past the proxy. */
  open(clock: Clock): Promise<OwnPorts>;
  /** Every blob that some row refers to, sorted. */
  referencedBlobs(): Promise<string[]>;
}

/** Stories of nodes that share their stores; shown as skipped, with what is missing, where something is. */
export function describeNodes(subject: string, stories: (newStores: () => Promise<SharedStores>) => void): void {
  const missing = [...(hasPostgres() ? [] : ['PostgreSQL']), ...(hasS3() ? [] : ['moto'])];
  const title = missing.length === 0 ? subject : `${subject} (not installed: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(title, { timeout: 60_000 }, () => {
    let postgres: TestPostgres;
    let s3: TestS3;
    beforeAll(async () => {
      [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
    });
    afterAll(() => Promise.all([postgres?.stop(), s3?.stop()]));
    stories(() => newStores(postgres, s3));
  });
}

async function newStores(postgres: TestPostgres, s3: TestS3): Promise<SharedStores> {
  const bucketProxy = await FaultProxy.start(s3.url);
  const bucket = await s3.newBucket();
  const database = await postgres.newDatabase();
  return {
    postgres,
    bucketProxy,
    settings: { database, blobs: `s3://${bucket}?endpoint=${bucketProxy.url}` },

    async open(clock) {
      const folder = await temporaryFolder();
      const storage = await openDatabase({ database }, folder.path);
      const location = parseS3Location(`s3://${bucket}?endpoint=${s3.url}`);
      const blobs = await openBlobs({ blobs: location }, join(folder.path), { clock, ids: systemIds(clock) });
      return {
        storage,
        blobs,
        clock,
        async [Symbol.asyncDispose]() {
          await Promise.all([storage.close(), blobs.close()]);
          await folder[Symbol.asyncDispose]();
        },
      };
    },

    async referencedBlobs() {
      const client = new pg.Client({ connectionString: database });
      await client.connect();
      const { rows } = await client.query<{ sha256: string }>(
        'select sha256 from assets union select document_sha256 from upstream_metadata where document_sha256 is not null',
      );
      await client.end();
      return rows.map(({ sha256 }) => sha256).toSorted();
    },

    [Symbol.asyncDispose]: () => bucketProxy[Symbol.asyncDispose](),
  };
}
