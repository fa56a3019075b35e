import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { Bucket } from './bucket.ts';
import { serverOf } from './client.ts';
import type { S3Limits } from './limits.ts';
import type { S3Location } from './location.ts';

/** Makes sure that a bucket can be reached. Rejects with one line that says why not. */
export async function openBucket(
  location: S3Location,
  environment: Readonly<Record<string, string | undefined>>,
  limits: S3Limits,
): Promise<Bucket> {
  const server = serverOf(location, environment);
  const bucket = new Bucket(location, server, limits);
  try {
    await bucket.call('look for blobs', async (client, options) => {
      await client.send(new HeadBucketCommand({ Bucket: bucket.name }), options).catch((error: unknown) => {
        throw explained(error, server.region);
      });
    });
  } catch (error) {
    bucket.close();
    throw error;
  }
  return bucket;
}

/** Says what a status means here: an answer to HEAD has no text. */
function explained(error: unknown, region: string): unknown {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string> };
  };
  const bucketRegion = $response?.headers?.['x-amz-bucket-region'];
  switch ($metadata?.httpStatusCode) {
    case 404:
      return new Error('there is no such bucket');
    case 403:
      return new Error('the credentials in the environment are not allowed to use it');
    case 301:
    case 400:
      if (bucketRegion === undefined || bucketRegion === region) return error;
      return new Error(`it is in the region ${bucketRegion}, not ${region}`);
    default:
      return error;
  }
}
