import type { Readable, Writable } from 'node:stream';
import type { RangeHeaders } from '../core/byte-ranges.ts';
import type { Caller } from '../core/caller.ts';
import type { RepositoryName } from '../core/coordinates.ts';
import type { Deps } from '../core/deps.ts';
import type { RequestFacts } from '../core/request-context.ts';

/** A request whose credentials were checked; header names are lower case. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Which part of an asset is asked for; absent where AWS's model, which has no such thing, is held to strictly. */
  readonly ranges?: RangeHeaders;
  /** Reads the body; throws PayloadTooLargeException. */
  body(): Promise<Buffer>;
  /** The body as it comes, for the operation whose input is bytes. */
  stream(): Readable;
  /** Whether the client has hung up: what fails then is no fault. */
  isGone(): boolean;
  readonly caller: Caller;
  readonly facts: RequestFacts;
  readonly requestId: string;
  /** The address at which this server serves a repository to the clients of a format; one for every endpointType. */
  endpoint(name: RepositoryName, format: string): string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly body: string | SendBytes | undefined;
}

/** Writes bytes to a stream and ends that. Rejects when they cannot be read, or the stream closes before its end. */
export type SendBytes = (to: Writable) => Promise<void>;

export interface ApiContext {
  readonly deps: Deps;
}

/** What a handler knows besides its input. */
export interface Call {
  readonly deps: Deps;
  readonly request: ApiRequest;
  /** The operation's name. */
  readonly operation: string;
  /** Hash of the inputs that a pagination token is bound to; empty for an operation without pages. */
  readonly inputHash: string;
}
