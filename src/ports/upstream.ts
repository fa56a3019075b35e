import type { Readable } from 'node:stream';

export interface UpstreamRequest {
  readonly url: string;
  /** Without an `accept-encoding` of its own the bytes are asked for as they are. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Where it came from, after redirects. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it was sent, with its content coding. Must be consumed, destroyed or discarded. */
  readonly body: Readable;
  /** Drops the body without looking at it. */
  discard(): void;
}

/**
 * HTTP towards public registries. Follows redirects and tries again a few times; what breaks off for good is the body's
 * error. Rejects when no answer can be had.
 */
export interface Upstream {
  get(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

export interface RegistryAddress {
  /** Ends in `/`. */
  readonly url: string;
  /** What named it, for people. */
  readonly source: string;
  /** The registry's address as the whole world knows it, ending in `/`: what its own listings may point to. */
  readonly canonicalUrl: string | undefined;
}

/** Where each external connection's public registry is found. */
export interface RegistryAddresses {
  /** The address of the registry behind `connection` (`public:npmjs` …); undefined when nothing names one. */
  find(connection: string): Promise<RegistryAddress | undefined>;
}
