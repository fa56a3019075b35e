import type { Blobs } from '../ports/blobs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { RegistryAddresses, Upstream } from '../ports/upstream.ts';
import type { FormatRules } from './format.ts';
import type { Quotas } from './quotas.ts';

/** The narrow part of a logger the core uses. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the outside world gives the core. */
export interface Ports {
  readonly storage: Storage;
  readonly blobs: Blobs;
  readonly upstream: Upstream;
  readonly registries: RegistryAddresses;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly formats: ReadonlyMap<string, FormatRules>;
  readonly quotas: Quotas;
}
