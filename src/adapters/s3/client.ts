import { S3Client } from '@aws-sdk/client-s3';
import type { S3Limits } from './limits.ts';
import type { S3Location } from './location.ts';

/** A location with what the environment adds to it. */
export interface S3Server {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly pathStyle: boolean;
}

/**
 * Which server a location is about. AWS_ENDPOINT_URL has no say: where Packyard is used, it is Packyard's own address.
 */
export function serverOf(location: S3Location, environment: Readonly<Record<string, string | undefined>>): S3Server {
  const endpoint = location.endpoint ?? (environment['AWS_ENDPOINT_URL_S3'] || undefined);
  return {
    endpoint,
    region: location.region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1'),
    pathStyle: location.pathStyle ?? endpoint !== undefined,
  };
}

/** A client that tries once: how often and for how long a call is tried again is decided in `retries.ts`. */
export function s3Client({ endpoint, region, pathStyle }: S3Server, limits: S3Limits, idleMs: number): S3Client {
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    region,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    // Many S3-compatible servers do not know the checksums that AWS has added. Payloads are hashed all the same:
    // `upload.ts`.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would cost a connection of its own per upload.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: limits.connectMs,
      // Counted, when it is long, only from the third second of a request on.
      socketTimeout: idleMs,
      // A slow reader of a blob keeps its connection: nobody else may have to wait for that.
      httpAgent: { maxSockets: Number.POSITIVE_INFINITY },
      httpsAgent: { maxSockets: Number.POSITIVE_INFINITY },
    },
  });
}
