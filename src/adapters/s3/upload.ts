import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { StagedFile } from '../files/staged-file.ts';
import type { Bucket } from './bucket.ts';
import type { ByteBudget } from './byte-budget.ts';
import { payloadHash, readPart } from './payload.ts';
import { uploadInParts } from './upload-parts.ts';

/** A blob on its way from a staged file to an object. */
export interface Upload {
  readonly bucket: Bucket;
  readonly key: string;
  readonly file: StagedFile;
  /** What is held in memory meanwhile comes out of this. */
  readonly budget: ByteBudget;
}

/** Sends a blob, in one piece or, when it is large, in parts. Rejects when the bucket has not taken all of it. */
export async function upload(blob: Upload, sha256: string): Promise<void> {
  const { bucket, key, file, budget } = blob;
  if (file.size > bucket.limits.maxPutBytes) return uploadInParts(blob);
  await budget.hold(file.size, async () => {
    const Body = await readPart(file, { start: 0, end: file.size - 1 });
    const input = { ...bucket.at(key), Body, ContentLength: file.size, ContentType: 'application/octet-stream' };
    await bucket.call(
      `store ${key}`,
      (client, options) => {
        const command = new PutObjectCommand(input);
        // The hash is the blob's name, not that of what was read: a server also refuses what the disk has spoiled.
        command.middlewareStack.add(payloadHash(sha256), { step: 'build' });
        return client.send(command, options);
      },
      { limitMs: bucket.limits.sendMs },
    );
  });
}
