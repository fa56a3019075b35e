import { setTimeout as pause } from 'node:timers/promises';
import type { S3Limits } from './limits.ts';

/** What a connection may fail with for reasons that pass. */
const transientCodes: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Those of them that say that there was no connection to begin with. */
const unsentCodes: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/** Errors that S3 gives a 4xx though another try may succeed. The SDK has corrected its clock by then. */
const transientNames: ReadonlySet<unknown> = new Set([
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'OperationAborted',
]);

/** How a call is tried again. */
export interface Retrying {
  /** No longer than this after the start. */
  readonly limitMs: number;
  /** Only when the failed attempt cannot be carried out any more: it was answered, or never sent. */
  readonly onlyWhenOver: boolean;
  /** Ends the call. */
  readonly leaving: AbortSignal | undefined;
}

/**
 * Runs `attempt`, again after failures that may pass, until `callMs` after the first one, and not beyond `limitMs`
 * after the start. Throws the last failure, or the reason of `leaving`.
 *
 * @param attempt gets a signal that ends it
 */
export async function withRetries<T>(
  limits: S3Limits,
  { limitMs, onlyWhenOver, leaving }: Retrying,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let patience: AbortSignal | undefined;
  let failure: unknown = new Error(`no answer within ${limitMs / 1_000} s`);
  const work = async (overdue: AbortSignal) => {
    const signal = leaving === undefined ? overdue : AbortSignal.any([overdue, leaving]);
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!isTransient(error) || patience?.aborted || (onlyWhenOver && !isOver(error))) throw error;
        failure = error;
        patience ??= AbortSignal.timeout(limits.callMs);
        await pauseBefore(tries, limits, signal);
      }
    }
  };
  return within(limitMs, () => failure, work);
}

/** Waits before a further try when `tries` have failed. */
export async function pauseBefore(tries: number, limits: S3Limits, signal: AbortSignal): Promise<void> {
  await pause(Math.min(limits.pauseMs * 2 ** (tries - 1), limits.maxPauseMs), undefined, { signal });
}

/** Runs `work`, which gets a signal that ends it; after `limitMs` fails with what `overdue` returns, ended or not. */
async function within<T>(
  limitMs: number,
  overdue: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const controller = new AbortController();
  const timer = setTimeout(() => {
    late.reject(overdue());
    controller.abort();
  }, limitMs);
  try {
    return await Promise.race([work(controller.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The parts of the SDK's errors, and of Node's, that tell what became of a request. */
interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * Whether a failed request was answered or never sent. Any other the server may still have to hear of, also one that
 * only a gateway gave up.
 */
function isOver(error: unknown): boolean {
  const { code, $metadata } = error as Failure;
  const status = $metadata?.httpStatusCode;
  return (status !== undefined && status !== 504) || unsentCodes.has(code);
}

function isTransient(error: unknown): boolean {
  const { name, code, $metadata } = error as Failure;
  const status = $metadata?.httpStatusCode;
  if (transientNames.has(name) || transientCodes.has(code)) return true;
  return status !== undefined && (status >= 500 || status === 429);
}
