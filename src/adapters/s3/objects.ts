import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';

/** Size of an object, or undefined when there is none. */
export async function sizeOf(bucket: Bucket, key: string): Promise<number | undefined> {
  const looked = bucket.call(`look for ${key}`, (client, options) =>
    client.send(new HeadObjectCommand(bucket.at(key)), options),
  );
  const head = await unlessMissing(looked);
  return head && (head.ContentLength ?? 0);
}

/** Makes undefined of a call's failure when it is that the object does not exist. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All objects whose keys begin with `start`: what follows it, and when they were stored (ms since epoch). */
export async function* listObjects(
  bucket: Bucket,
  start: string,
): AsyncGenerator<{ readonly rest: string; readonly storedAt: number }> {
  const all = { ...bucket.under(start), MaxKeys: bucket.limits.pageObjects };
  let token: string | undefined;
  do {
    const input = { ...all, ...(token === undefined ? {} : { ContinuationToken: token }) };
    const { Contents = [], NextContinuationToken } = await bucket.call(`list ${start}`, (client, options) =>
      client.send(new ListObjectsV2Command(input), options),
    );
    for (const { Key = '', LastModified } of Contents)
      yield { rest: Key.slice(all.Prefix.length), storedAt: LastModified?.getTime() ?? 0 };
    token = NextContinuationToken;
  } while (token !== undefined);
}
