import type { Readable } from 'node:stream';

export interface UpstreamRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Must be consumed or destroyed. */
  readonly body: Readable;
}

/**
 * HTTP towards public registries. Follows redirects and retries until the first byte has come; after that a fault is
 * the body's error. Rejects when no answer can be had.
 */
export interface Upstream {
  get(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

/** Where each external connection's public registry is found. */
export interface RegistryAddresses {
  /**
   * The address of the registry behind `connection` (`public:npmjs` …), ending in `/`, and where it was taken from;
   * undefined when nothing names one.
   */
  find(connection: string): Promise<{ readonly url: string; readonly source: string } | undefined>;
}
