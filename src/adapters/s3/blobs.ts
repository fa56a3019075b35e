import { pipeline } from 'node:stream/promises';

import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Blobs } from '../../ports/blobs.ts';
import type { Ids } from '../../ports/ids.ts';
import { blobPlace, isSha256 } from '../files/paths.ts';
import { stagedBlob } from '../files/staged-file.ts';
import { openStaging } from '../files/staging.ts';
import { ByteBudget } from './byte-budget.ts';
import { download } from './download.ts';
import { defaultS3Limits, type S3Limits } from './limits.ts';
import type { S3Location } from './location.ts';
import { listObjects, sizeOf, unlessMissing } from './objects.ts';
import { openBucket } from './open-bucket.ts';
import { upload } from './upload.ts';

export interface S3BlobsOptions {
  readonly location: S3Location;
  /** A local folder, in whose `staging` bytes wait for their commit. Several processes may share it. */
  readonly folder: string;
  readonly ids: Pick<Ids, 'next'>;
  /** The process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<S3Limits>;
}

/** How long a client may fetch from the address it was sent to. */
const directSeconds = 300;

/**
 * Blobs as objects `sha256/ab/cd/abcd…` of an S3 bucket. Rejects, with one line that says why, when the bucket cannot
 * be had. Every call ends in bounded time, if need be with an Error that says what could not be done where.
 */
export async function openS3Blobs(options: S3BlobsOptions): Promise<Blobs> {
  const { location, folder, ids, environment = process.env, limits } = options;
  const newStagedFile = await openStaging(folder, ids);
  const bucket = await openBucket(location, environment, { ...defaultS3Limits, ...limits });
  const budget = new ByteBudget(bucket.limits.uploadBytes);

  return {
    async stage() {
      const file = await newStagedFile();
      let isStored = false;
      return stagedBlob(file, async (sha256) => {
        const key = blobPlace(sha256);
        if (isStored && (await sizeOf(bucket, key)) !== undefined) return;
        // Also what is there already: to ask would delay all the others.
        await upload({ bucket, key, file, budget }, sha256);
        isStored = true;
      });
    },

    size: async (sha256) => sizeOf(bucket, blobPlace(sha256)),

    open: (sha256, range) => download(bucket, blobPlace(sha256), range),

    send: (sha256, to, range) => pipeline(download(bucket, blobPlace(sha256), range), to),

    async delete(sha256) {
      const key = blobPlace(sha256);
      const deleted = bucket.call(
        `delete ${key}`,
        (client, options) => client.send(new DeleteObjectCommand(bucket.at(key)), options),
        // Taken for done, it could delete what is stored anew.
        { isHarmfulLate: true },
      );
      await unlessMissing(deleted);
    },

    async *list() {
      for await (const { rest, storedAt } of listObjects(bucket, 'sha256/')) {
        const sha256 = rest.slice(-64);
        if (isSha256(sha256) && blobPlace(sha256) === `sha256/${rest}`) yield { sha256, storedAt };
      }
    },

    async directUrl(sha256) {
      const key = blobPlace(sha256);
      if (!location.redirect) return undefined;
      return bucket.call(`sign an address of ${key}`, (client) =>
        getSignedUrl(client, new GetObjectCommand(bucket.at(key)), { expiresIn: directSeconds }),
      );
    },

    async claim(databaseId) {
      const key = `databases/${databaseId}`;
      await bucket.call(`store ${key}`, (client, options) =>
        client.send(new PutObjectCommand({ ...bucket.at(key), Body: '', ContentLength: 0 }), options),
      );
      for await (const { rest } of listObjects(bucket, 'databases/')) if (rest !== databaseId) return false;
      return true;
    },

    close: async () => bucket.close(),
  };
}
