import type { S3Client } from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../../core/errors.ts';
import { type S3Server, s3Client } from './client.ts';
import type { S3Limits } from './limits.ts';
import type { S3Location } from './location.ts';
import { withRetries } from './retries.ts';

interface CallOptions {
  /** How long the call may take with all its tries; `callMs` unless told. */
  readonly limitMs?: number;
  /** Whether the bucket may be silent for long. */
  readonly isSlow?: boolean;
  /** Whether an attempt of which nobody knows what became is the last: carried out late, it would do harm. */
  readonly isHarmfulLate?: boolean;
  /** Ends the call. */
  readonly signal?: AbortSignal;
}

type Send<T> = (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>;

/** A bucket, or the part of it below a prefix, and how it is called. */
export class Bucket {
  readonly limits: S3Limits;
  readonly #client: S3Client;
  readonly #slowClient: S3Client;
  readonly #location: S3Location;
  /** What messages call it. */
  readonly #title: string;

  constructor(location: S3Location, server: S3Server, limits: S3Limits) {
    this.limits = limits;
    this.#client = s3Client(server, limits, limits.idleMs);
    this.#slowClient = s3Client(server, limits, limits.joinMs);
    this.#location = location;
    this.#title = `the bucket ${location.bucket} at ${server.endpoint ?? `AWS in ${server.region}`}`;
  }

  get name(): string {
    return this.#location.bucket;
  }

  /** Names an object below the prefix, as commands want it. */
  at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.name, Key: `${this.#location.prefix}${key}` };
  }

  /** Names all objects below the prefix whose keys go on with `start`. */
  under(start: string): { Bucket: string; Prefix: string } {
    return { Bucket: this.name, Prefix: `${this.#location.prefix}${start}` };
  }

  /**
   * Makes a call, with further tries within its time. Throws an Error that says what could not be done where; for an
   * object that does not exist it has the code `ENOENT`.
   *
   * @param what completes "could not …"
   */
  async call<T>(what: string, send: Send<T>, options: CallOptions = {}): Promise<T> {
    const { limitMs = this.limits.callMs, isSlow = false, isHarmfulLate = false, signal } = options;
    const retrying = { limitMs, onlyWhenOver: isHarmfulLate, leaving: signal };
    const client = isSlow ? this.#slowClient : this.#client;
    try {
      return await withRetries(this.limits, retrying, (abortSignal) => send(client, { abortSignal }));
    } catch (error) {
      throw this.failure(what, error);
    }
  }

  /** The error for what could not be done, with the reason on the same line. */
  failure(what: string, cause: unknown): Error {
    const message = `could not ${what} in ${this.#title}: ${reasonOf(cause)}`;
    if (isMissing(cause)) return Object.assign(new Error(message, { cause }), { code: 'ENOENT' });
    return new StoreUnavailable(message, { cause });
  }

  close(): void {
    this.#client.destroy();
    this.#slowClient.destroy();
  }
}

/** The parts of the SDK's errors, and of Node's, that say what happened. */
interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function reasonOf(error: unknown): string {
  const { name, message, code, $metadata } = error as Failure;
  if (name === 'CredentialsProviderError')
    return 'the environment has no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else AWS clients take';
  if (name === 'TimeoutError') return 'it does not answer';
  const text = (message || code || name || 'unknown error').replace(/\s*\n\s*/g, ' ');
  const status = $metadata?.httpStatusCode;
  return status === undefined ? text : `${status} ${name}: ${text}`;
}

function isMissing(error: unknown): boolean {
  const { name } = error as Failure;
  return name === 'NoSuchKey' || name === 'NotFound';
}
