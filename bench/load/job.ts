import type { Publication } from '../packages/publish-document.ts';

/** What the generator is told to do: the parent's words, by messages between processes. */
export interface Job {
  readonly port: number;
  readonly connections: number;
  readonly work: Reads | Publications;
}

/** The same requests again and again, in turn, for a time; or each once, when no time is given. */
export interface Reads {
  readonly kind: 'reads';
  readonly seconds?: number;
  readonly requests: readonly ReadRequest[];
}

export interface ReadRequest {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Latencies are told by label. */
  readonly label: string;
  /** What the body's length has to be; without it, all answers to this request must have the same. */
  readonly bodyBytes?: number | undefined;
}

/** Each of these once. */
export interface Publications {
  readonly kind: 'publications';
  /** Path of the endpoint; ends in `/`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly publications: readonly Publication[];
}

export interface Result {
  readonly requests: number;
  /** From the first request until the last answer has come. */
  readonly elapsedMs: number;
  readonly bodyBytes: number;
  /** Of the generator itself: when it is close to the elapsed time, it was the bottleneck. */
  readonly generatorCpuMs: number;
  /** In order of completion, by label. */
  readonly latenciesMs: Readonly<Record<string, readonly number[]>>;
}

/** From the parent: prepare a job, then do it. */
export type Order = { readonly prepare: Job } | 'go';
/** To the parent. */
export type Report = 'ready' | { readonly result: Result } | { readonly failure: string };
